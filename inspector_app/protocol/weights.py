"""The manifest of published weights, and how a file is told from the published one."""

import datetime
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from inspector_app.domain.errors import BadDataError, BugError
from inspector_app.protocol.base import Frozen

MANIFEST_FILE_NAME = "weights.json"
"""In the resources folder."""
OWN_FILE_NAME = "own.json"
"""In the user's weights folder: the hashes of own files as they were imported."""
WEIGHTS_SUFFIXES = (".safetensors", ".pth", ".pt")

Model = TypeVar("Model", bound=BaseModel)


class WeightsEntry(Frozen):
    """One file of weights and what is known of it: a published one, or one of the user's."""

    name: str
    """For people, and the key: “SAM ViT-B”."""
    file: str
    """The published file name; it is looked for under this name only."""
    bytes: int | None
    """None where the size is not published."""
    sha256: str | None = Field(pattern=r"^[0-9a-f]{8,64}$")
    """Or its beginning, where the publisher names no more: torchvision puts 8 digits into names.

    None where nobody has named any: such a file cannot be told from another.
    """
    licence: str
    url: str
    """Where the file itself is; empty for the user's own."""
    used_for: str

    @property
    def is_own(self) -> bool:
        return not self.url

    def size_fault(self, size_bytes: int) -> str:
        """Return what its size says against a file, empty if nothing."""
        if self.bytes is None or size_bytes == self.bytes:
            return ""
        return f"it has {size_bytes:,} bytes, {self._original} {self.bytes:,}"

    def digest_fault(self, sha256: str) -> str:
        """Return what its whole hash says against a file, empty if nothing."""
        if self.sha256 is None or sha256.startswith(self.sha256):
            return ""
        return f"its SHA-256 begins {sha256[:12]}, that of {self._original} {self.sha256[:12]}"

    @property
    def _original(self) -> str:
        return "the file that was imported" if self.is_own else "the published file"

    @property
    def remedy(self) -> str:
        """What to do about a missing or refused file."""
        if self.is_own:
            return f"Import {self.file} again under Weights…"
        return f"Fetch it under Weights…, or get {self.file} from {self.url} and import it there"


class WeightsManifest(Frozen):
    """Every file of weights this version knows."""

    weights: tuple[WeightsEntry, ...]

    def entry(self, name: str) -> WeightsEntry:
        for entry in self.weights:
            if entry.name == name:
                return entry
        raise BugError(f"no weights named {name!r} in the manifest")


class OwnFile(Frozen):
    """What a file of the user's was when it was imported."""

    file: str
    bytes: int
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    imported_at: str
    """ISO 8601 with zone."""

    @classmethod
    def imported_now(cls, file: str, size_bytes: int, sha256: str) -> "OwnFile":
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return cls(file=file, bytes=size_bytes, sha256=sha256, imported_at=now)


class OwnFiles(Frozen):
    """The user's own files in the weights folder that were imported."""

    files: tuple[OwnFile, ...] = ()

    def find(self, name: str) -> OwnFile | None:
        return next((each for each in self.files if each.file == name), None)

    def with_file(self, own: OwnFile) -> "OwnFiles":
        """Return the record with this one in place of an older one of its name."""
        others = tuple(each for each in self.files if each.file != own.file)
        return OwnFiles(files=(*others, own))


def own_entry(file: str, record: OwnFile | None) -> WeightsEntry:
    """Return the entry of an own file; without a record nothing pins it."""
    return WeightsEntry(
        name=file,
        file=file,
        bytes=record.bytes if record else None,
        sha256=record.sha256 if record else None,
        licence="",
        url="",
        used_for="",
    )


def load_manifest(data: bytes) -> WeightsManifest:
    """Return the manifest.

    Raises:
        BadDataError: if it is none; the installation is damaged.
    """
    return _load(WeightsManifest, data, MANIFEST_FILE_NAME, "install the program again")


def load_own_files(data: bytes, name: str = OWN_FILE_NAME) -> OwnFiles:
    """Return the record of the user's own files; `name` says in faults which one it is.

    Raises:
        BadDataError: if it is none.
    """
    return _load(OwnFiles, data, name, "delete it, and import your own files again")


def recognise(entries: Sequence[WeightsEntry], sha256: str) -> WeightsEntry | None:
    """Return the published file that has this whole hash."""
    return next((e for e in entries if e.sha256 is not None and sha256.startswith(e.sha256)), None)


def _load(model: type[Model], data: bytes, name: str, hint: str) -> Model:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadDataError(f"{name}: {first['msg']} at {where or 'top'}", hint) from error
