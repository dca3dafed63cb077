"""Published weights on this computer: which are there, and bringing one in from a file."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inspector_app import paths
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import known_write_errors
from inspector_app.protocol.weights import (
    MANIFEST_FILE_NAME,
    WeightsEntry,
    WeightsManifest,
    load_manifest,
)

_CHUNK_BYTES = 4 * 2**20

ProgressCallback = Callable[[int, int], None]
"""Called with (done, total) in MB; may raise to stop."""


@dataclass(frozen=True, slots=True)
class WeightsState:
    """One entry of the manifest, and where its file lies, if it does."""

    entry: WeightsEntry
    path: Path | None
    """A file of that name; whether it is the published one is checked before it is used."""


def known_weights() -> list[WeightsState]:
    """Return every entry of the manifest.

    Raises:
        BadDataError: if the program's own manifest cannot be read.
    """
    return [WeightsState(entry, _find(entry)) for entry in _manifest().weights]


def import_weights(source: Path, *, progress: ProgressCallback) -> WeightsEntry:
    """Copy a weights file into the user's weights folder, if it is one that is known.

    It may have any name: it is recognised by its content, which is read once.

    Raises:
        BadDataError: if it cannot be read or is none of the published files.
        DiskFullError: if the disk is full; nothing half-copied remains.
    """
    manifest = _manifest()
    folder = paths.weights_folder()
    with known_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".import.")
        temporary = Path(name)
        try:
            digest = hashlib.sha256()
            with os.fdopen(descriptor, "wb") as writer:
                for chunk in _chunks(source, progress):
                    digest.update(chunk)
                    writer.write(chunk)
            entry = _recognise(manifest, digest.hexdigest(), source)
            temporary.chmod(0o644)
            temporary.replace(folder / entry.file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return entry


def _manifest() -> WeightsManifest:
    path = paths.resources_folder() / MANIFEST_FILE_NAME
    try:
        return load_manifest(path.read_bytes())
    except OSError as error:
        raise BadDataError(f"{path}: {error.strerror}", "install the program again") from error


def _find(entry: WeightsEntry) -> Path | None:
    candidates = (folder / entry.file for folder in paths.weights_folders())
    return next((path for path in candidates if path.is_file()), None)


def _chunks(source: Path, progress: ProgressCallback) -> Iterator[bytes]:
    try:
        total = source.stat().st_size
        done = 0
        with source.open("rb") as reader:
            while chunk := reader.read(_CHUNK_BYTES):
                yield chunk
                done += len(chunk)
                progress(done // 2**20, max(1, total // 2**20))
    except OSError as error:
        raise BadDataError(
            f"{source}: cannot be read ({error.strerror})", "check the drive it lies on"
        ) from error


def _recognise(manifest: WeightsManifest, sha256: str, source: Path) -> WeightsEntry:
    for entry in manifest.weights:
        if sha256.startswith(entry.sha256):
            return entry
    for entry in manifest.weights:
        if entry.file == source.name:
            raise BadDataError(
                f"{source}: not the published {entry.name} (damaged, or another version)",
                f"get it again from {entry.url}",
            )
    raise BadDataError(
        f"{source}: none of the weights this version of the program knows",
        "choose one of the files in the list",
    )
