"""Bringing weights in from files and folders: published ones by their content, own ones pinned."""

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, DiskFullError, KnownError
from inspector_app.domain.files import known_write_errors, write_text_atomically
from inspector_app.domain.hashing import CHUNK_BYTES, BytesCallback
from inspector_app.protocol.digests import Digests
from inspector_app.protocol.shelf import own_files, shipped_manifest
from inspector_app.protocol.weights import (
    OWN_FILE_NAME,
    WEIGHTS_SUFFIXES,
    OwnFile,
    WeightsEntry,
    WeightsManifest,
    own_entry,
    recognise,
)

_PICKLE_START = b"\x80"
"""How files begin that torch wrote before it took to archives."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What became of several files."""

    entries: tuple[WeightsEntry, ...]
    """Of those that are on the shelf now."""
    faults: tuple[str, ...]
    """One sentence per refused file."""


@dataclass(frozen=True, slots=True)
class FoundWeights:
    """Files that could be imported."""

    files: tuple[Path, ...]
    bytes: int
    is_from_folder: bool
    """Nobody has named every one of them."""


def find_weights(places: Sequence[Path]) -> FoundWeights:
    """Return the files among `places` and what looks like weights in their folders, at any depth.

    Raises:
        BadDataError: if there is nothing to import.
    """
    files = [path for place in places for path in _files_of(place)]
    if not files:
        names = ", ".join(str(place) for place in places)
        raise BadDataError(
            f"{names}: no weights in there", f"weights end in {', '.join(WEIGHTS_SUFFIXES)}"
        )
    size = sum(_size_of(path) for path in files)
    return FoundWeights(tuple(files), size, any(place.is_dir() for place in places))


def import_all(sources: Sequence[Path], *, progress: BytesCallback) -> Arrivals:
    """Import one file after the other; a bad one does not keep the others out.

    Progress counts the bytes of all files.

    Raises:
        DiskFullError: there is no point in going on.
    """
    total = sum(_size_of(path) for path in sources)
    done = 0
    entries: list[WeightsEntry] = []
    faults: list[str] = []
    for source in sources:
        try:
            entries.append(import_weights(source, progress=_ahead(progress, done, total)))
        except DiskFullError:
            raise
        except KnownError as error:
            faults.append(str(error))
        done += _size_of(source)
    return Arrivals(tuple(entries), tuple(faults))


def _ahead(progress: BytesCallback, before: int, total: int) -> BytesCallback:
    """Return the progress of one file as that of all of them."""
    return lambda done, _: progress(before + done, total)


def import_weights(source: Path, *, progress: BytesCallback) -> WeightsEntry:
    """Copy a file into the user's weights folder and remember what it was.

    Published weights may have any name: they are recognised by their content, which is
    read once. Any other file of weights becomes an own one, pinned by its hash.

    Raises:
        BadDataError: if it cannot be read, holds no weights, or has the name of others.
        DiskFullError: if the disk is full; nothing half-copied remains.
    """
    manifest = shipped_manifest()
    folder = paths.weights_folder()
    with known_write_errors(folder), _copy_of(source, folder, progress) as (copy, sha256):
        entry = recognise(manifest.weights, sha256) or _as_own(source, copy, sha256, manifest)
        put_in_place(copy, entry, sha256)
    return entry


@contextlib.contextmanager
def _copy_of(source: Path, folder: Path, progress: BytesCallback) -> Iterator[tuple[Path, str]]:
    """Give a copy in a folder with the hash of its bytes; what is not moved away is deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".import.", suffix=source.suffix.lower())
    copy = Path(name)
    try:
        digest = hashlib.sha256()
        with os.fdopen(descriptor, "wb") as writer:
            for chunk in _chunks(source, progress):
                digest.update(chunk)
                writer.write(chunk)
            writer.flush()
            os.fsync(writer.fileno())
        yield copy, digest.hexdigest()
    finally:
        copy.unlink(missing_ok=True)


def put_in_place(temporary: Path, entry: WeightsEntry, sha256: str) -> Path:
    """Move a verified file to its name in the user's weights folder; return where it is.

    Raises:
        OSError: if it cannot be moved.
        DiskFullError, BadDataError: if it cannot be recorded.
    """
    target = paths.weights_folder() / entry.file
    # Made for one person only; other people of the shop floor must be able to read.
    temporary.chmod(0o644)
    temporary.replace(target)
    if entry.is_own:
        _record(target, sha256)
    digests = Digests(paths.digests_file())
    digests.remember(target, sha256)
    digests.save()
    return target


def _record(target: Path, sha256: str) -> None:
    record = OwnFile.imported_now(target.name, target.stat().st_size, sha256)
    files = own_files(target.parent).with_file(record)
    write_text_atomically(target.parent / OWN_FILE_NAME, files.model_dump_json(indent=2))


def _as_own(source: Path, copy: Path, sha256: str, manifest: WeightsManifest) -> WeightsEntry:
    """Return the entry of a file that nobody has published.

    Raises:
        BadDataError: if it cannot become an own file.
    """
    for entry in manifest.weights:
        if entry.file == source.name:
            raise BadDataError(
                f"{source}: not the published {entry.name} (damaged, or another version)",
                f"get it again from {entry.url}, or import it under another name",
            )
    if fault := _form_fault(copy):
        raise BadDataError(
            f"{source}: no weights ({fault})", "save the model as .safetensors and import that"
        )
    target = paths.weights_folder() / source.name
    known = own_files(target.parent).find(source.name)
    if known is not None and known.sha256 != sha256 and target.is_file():
        raise BadDataError(
            f"{source}: other weights of that name were imported on {known.imported_at[:10]}",
            "give this file another name, or delete the other one",
        )
    return own_entry(source.name, OwnFile.imported_now(source.name, copy.stat().st_size, sha256))


def _form_fault(path: Path) -> str:
    """Return why a file cannot be weights, empty if it may; runs nothing in it."""
    match path.suffix:
        case ".safetensors":
            return _safetensors_fault(path)
        case ".pth" | ".pt":
            with path.open("rb") as stream:
                is_pickle = stream.read(1) == _PICKLE_START
            return "" if is_pickle or zipfile.is_zipfile(path) else "it is none of torch's files"
    return f"weights end in {', '.join(WEIGHTS_SUFFIXES)}"


def _safetensors_fault(path: Path) -> str:
    import safetensors  # noqa: PLC0415  (start time)

    try:
        # Checks its table of contents against its size.
        with safetensors.safe_open(path, framework="np") as file:
            return "" if list(file.keys()) else "it is empty"
    except (OSError, safetensors.SafetensorError) as error:
        return str(error)


def _files_of(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for folder, _, names in os.walk(place):
        for name in sorted(names):
            if name.lower().endswith(WEIGHTS_SUFFIXES) and not name.startswith("."):
                yield Path(folder, name)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _chunks(source: Path, progress: BytesCallback) -> Iterator[bytes]:
    try:
        total = source.stat().st_size
        done = 0
        with source.open("rb") as reader:
            while chunk := reader.read(CHUNK_BYTES):
                yield chunk
                done += len(chunk)
                progress(done, total)
    except OSError as error:
        raise BadDataError(
            f"{source}: cannot be read ({error.strerror})", "check the drive it lies on"
        ) from error
