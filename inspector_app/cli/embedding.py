"""A whole folder encoded for clicks, overnight if need be: what is there already is passed over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inspector_app.cli.console import Console
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError, BugError, MissingWeightsError
from inspector_app.protocol.embeddings import EmbeddingFiles
from inspector_app.protocol.messages import ImagePrepared, RequestFailed

_NO_MODEL = "import the weights of MobileSAM or SAM under Weights…"


@dataclass
class Embedded:
    """What became of the images."""

    click_model: str = ""
    encoded: int = 0
    found: int = 0
    """Encoded before this run."""
    kept_bytes: int = 0
    remarks: list[str] = field(default_factory=list)
    is_cancelled: bool = False


def choose_model(worker: WorkerClient, name: str | None) -> None:
    """Have the worker use a click model.

    Raises:
        BadDataError: if it is not at hand.
        MissingWeightsError: if there is none that encodes anything.
    """
    names = worker.hello.click_models
    if name is None:
        if not worker.hello.encoder:
            raise MissingWeightsError(
                f"{worker.hello.click_model} needs no prepared images", _NO_MODEL
            )
        return
    if name not in names:
        raise BadDataError(f"--model {name}: not at hand", f"choose from: {', '.join(names)}")
    worker.choose_click_model(name)


def embed(
    paths: Sequence[Path],
    worker: WorkerClient,
    console: Console,
    *,
    files: EmbeddingFiles,
    limit_bytes: int,
) -> Embedded:
    """Encode images until all are done, Ctrl-C is pressed, or they take all of the room.

    What other projects left is deleted for it, what was unused for longest first.

    Raises:
        MissingWeightsError: if the click model turns out to be one that encodes nothing.
        WorkerLostError: if the worker dies or goes silent.
    """
    result = Embedded()
    with console.progress("encoding") as progress:

        def note(path: Path, answer: ImagePrepared | RequestFailed) -> bool:
            _note(result, path, answer, files)
            done = result.encoded + result.found + len(result.remarks)
            progress(done, len(paths), path.name)
            return result.kept_bytes < limit_bytes or done == len(paths)

        is_through = worker.prepare_images(paths, note)
    is_full = result.kept_bytes >= limit_bytes and not is_through
    result.is_cancelled = not is_through and not is_full
    if is_full:
        result.remarks.append(
            f"the room of {limit_bytes / 2**30:.1f} GB is used up by "
            f"{result.encoded + result.found} of {len(paths)} images; raise --limit-gb"
        )
    files.prune(limit_bytes)
    return result


def _note(
    result: Embedded, path: Path, answer: ImagePrepared | RequestFailed, files: EmbeddingFiles
) -> None:
    if isinstance(answer, RequestFailed):
        if answer.error_kind == "bug":
            raise BugError(answer.error)
        result.remarks.append(" — ".join(part for part in (answer.error, answer.hint) if part))
        return
    if not answer.encoder:
        raise MissingWeightsError(f"{answer.click_model} needs no prepared images", _NO_MODEL)
    result.click_model = answer.click_model
    if not answer.is_kept:
        result.remarks.append(f"{path}: its embedding could not be written")
    elif answer.was_kept:
        result.found += 1
    else:
        result.encoded += 1
    result.kept_bytes += files.bytes_of(answer.encoder, path)
