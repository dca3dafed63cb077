"""Fetching published weights: verified before they are put in place."""

from pathlib import Path

from filelock import FileLock, Timeout

from inspector_app import paths
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import known_write_errors
from inspector_app.domain.hashing import BytesCallback, ignore_progress, sha256_of_file
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services.download import Source, discard, download
from inspector_app.services.weights_import import put_in_place


def fetch_weights(
    entry: WeightsEntry,
    *,
    progress: BytesCallback,
    verifying: BytesCallback = ignore_progress,
    plain_http_hosts: frozenset[str] = frozenset(),
) -> Path:
    """Fetch a published file into the user's weights folder and return where it is.

    To be called when a person has asked for this file, and never otherwise. What was cut or
    stopped is kept beside as `….part` and gone on with the next time.

    Raises:
        BadDataError: if it cannot be fetched, or is not the published file, and is deleted.
        DiskFullError: see `download`.
    """
    if entry.sha256 is None:
        raise BadDataError(
            f"{entry.name}: nobody has published this file's hash",
            f"get {entry.file} from {entry.url} yourself and import it",
        )
    part = part_of(entry)
    source = Source(entry.url, entry.bytes, plain_http_hosts)
    with known_write_errors(part):
        paths.cache_folder().mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(paths.cache_folder() / f"{entry.file}.lock", timeout=0):
                download(source, part, progress=progress)
                return _accept(entry, part, verifying)
        except Timeout as error:
            raise BadDataError(
                f"{entry.file}: is being fetched already", "wait until that has ended"
            ) from error


def part_of(entry: WeightsEntry) -> Path:
    """Return where a file is while it is fetched."""
    return paths.weights_folder() / f"{entry.file}.part"


def fetched_bytes(entry: WeightsEntry) -> int:
    """Return how much of a file was fetched before it was cut or stopped."""
    try:
        return part_of(entry).stat().st_size
    except OSError:
        return 0


def _accept(entry: WeightsEntry, part: Path, verifying: BytesCallback) -> Path:
    sha256 = sha256_of_file(part, verifying)
    fault = entry.size_fault(part.stat().st_size) or entry.digest_fault(sha256)
    if fault:
        discard(part)
        raise BadDataError(
            f"{entry.url}: what came from there is not the published {entry.name}: {fault}",
            "it was deleted; try again, or get the file another way and import it",
        )
    target = put_in_place(part, entry, sha256)
    discard(part)
    return target
