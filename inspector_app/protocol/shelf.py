"""The weights shelf: which files are there, and whether they are what they should be.

For the window, the command line and the worker alike, so that all of them say the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.domain.hashing import BytesCallback, ignore_progress
from inspector_app.protocol.digests import Digests
from inspector_app.protocol.weights import (
    MANIFEST_FILE_NAME,
    OWN_FILE_NAME,
    WEIGHTS_SUFFIXES,
    OwnFiles,
    WeightsEntry,
    WeightsManifest,
    load_manifest,
    load_own_files,
    own_entry,
)

ShelfState = Literal["present", "missing", "corrupt", "unpinned"]
"""Unpinned is what is there while nobody has said what it should be."""

_DigestOf = Callable[[Path], str | None]


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """What the shelf holds of one entry."""

    entry: WeightsEntry
    state: ShelfState
    path: Path | None = None
    """The genuine file, else the first refused one."""
    remarks: tuple[str, ...] = ()
    """One sentence per refused file."""
    sha256: str = ""
    """Of the file; empty if it has not been read yet, and its state goes by its size."""
    found_bytes: int | None = None
    """Of the file, where there is one."""

    @property
    def size_bytes(self) -> int | None:
        return self.entry.bytes if self.found_bytes is None else self.found_bytes

    @property
    def is_read(self) -> bool:
        return bool(self.sha256) or self.path is None or self.state == "corrupt"


def refuse_missing(items: Iterable[ShelfItem], purpose: str) -> None:
    """Pass where all of the weights are genuine and here.

    Raises:
        MissingWeightsError: naming every one that is not, and where to get it.
    """
    missing = [item.entry for item in items if item.state != "present"]
    if missing:
        named = ", ".join(f"{entry.name} ({entry.file})" for entry in missing)
        raise MissingWeightsError(
            f"{purpose} needs weights that are not here: {named}",
            "fetch them under Weights… or with “inspector weights fetch”, or import the files: "
            + ", ".join(entry.url for entry in missing),
        )


@dataclass
class Shelf:
    """Weights in a few folders."""

    manifest: WeightsManifest
    folders: Sequence[Path]
    """Searched for published files, in this order."""
    own_folders: Sequence[Path] = ()
    """Searched for the user's own files as well."""
    digests: Digests = field(default_factory=Digests)

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return the shelf of the folders in `paths`.

        Raises:
            BadDataError: if the program's own manifest cannot be read.
        """
        return cls(
            shipped_manifest(),
            paths.weights_folders(),
            paths.own_weights_folders(),
            Digests(paths.digests_file()),
        )

    def entries(self) -> Iterator[WeightsEntry]:
        """Return every published file, then every own one that is there.

        Raises:
            BadDataError: if the record of imported files is damaged.
        """
        yield from self.manifest.weights
        published = {entry.file for entry in self.manifest.weights}
        for name, folder in self._own_names(published).items():
            yield own_entry(name, own_files(folder).find(name))

    def glance(self, entry: WeightsEntry) -> ShelfItem:
        """Return what there is, by sizes and remembered hashes; reads no file."""
        return self._examine(entry, self.digests.remembered)

    def look_up(self, entry: WeightsEntry, progress: BytesCallback = ignore_progress) -> ShelfItem:
        """Return what there is; reads files whose hash is not remembered, a second per GB."""
        return self._examine(entry, lambda path: self.digests.of(path, progress))

    def verify(self, entry: WeightsEntry, progress: BytesCallback = ignore_progress) -> ShelfItem:
        """Return what there is; reads every file of that name from its first byte."""
        return self._examine(entry, lambda path: self.digests.read(path, progress))

    def _own_names(self, published: set[str]) -> dict[str, Path]:
        """Return the own files and their folders; the first of a name counts."""
        found: dict[str, Path] = {}
        for folder in self.own_folders:
            for path in _weights_in(folder):
                if path.name not in published:
                    found.setdefault(path.name, folder)
        return found

    def _examine(self, entry: WeightsEntry, digest_of: _DigestOf) -> ShelfItem:
        refused: list[tuple[Path, int | None]] = []
        remarks: list[str] = []
        folders = self.own_folders if entry.is_own else self.folders
        for path in (folder / entry.file for folder in folders):
            if not path.is_file():
                continue
            fault, sha256, size = _judge(path, entry, digest_of)
            if not fault:
                state: ShelfState = "unpinned" if entry.sha256 is None else "present"
                return ShelfItem(entry, state, path, tuple(remarks), sha256, size)
            refused.append((path, size))
            remarks.append(f"{path} is not {_original(entry)}: {fault}. {entry.remedy}.")
        if refused:
            path, size = refused[0]
            return ShelfItem(entry, "corrupt", path, tuple(remarks), found_bytes=size)
        return ShelfItem(entry, "missing")


def shipped_manifest() -> WeightsManifest:
    """Return the manifest that came with the program.

    Raises:
        BadDataError: if it cannot be read.
    """
    path = paths.resources_folder() / MANIFEST_FILE_NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadDataError(f"{path}: {error.strerror}", "install the program again") from error
    return load_manifest(data)


def own_files(folder: Path) -> OwnFiles:
    """Return the record of own files that were imported into a folder.

    Raises:
        BadDataError: if it is damaged.
    """
    path = folder / OWN_FILE_NAME
    try:
        data = path.read_bytes()
    except OSError:
        return OwnFiles()
    return load_own_files(data, str(path))


def _judge(path: Path, entry: WeightsEntry, digest_of: _DigestOf) -> tuple[str, str, int | None]:
    """Return what is wrong with a file, its hash if that is known, and its size."""
    try:
        size = path.stat().st_size
        if fault := entry.size_fault(size):
            return fault, "", size
        sha256 = digest_of(path) or ""
    except OSError as error:
        return f"it cannot be read ({error.strerror})", "", None
    return (entry.digest_fault(sha256) if sha256 else ""), sha256, size


def _original(entry: WeightsEntry) -> str:
    return "what was imported" if entry.is_own else f"the published {entry.name}"


def _weights_in(folder: Path) -> list[Path]:
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return []
    return [
        path
        for path in files
        if path.suffix.lower() in WEIGHTS_SUFFIXES and not path.name.startswith(".")
    ]
