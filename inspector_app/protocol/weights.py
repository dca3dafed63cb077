"""The manifest of published weights, and how a file is told from the published one.

Streams in, findings out: looking for files is the caller's, so that the window,
the command line and the worker can all use it.
"""

import hashlib
import os
from io import BufferedIOBase

from pydantic import Field, ValidationError

from inspector_app.domain.errors import BadDataError, BugError
from inspector_app.protocol.base import Frozen

MANIFEST_FILE_NAME = "weights.json"
"""In the resources folder."""


class WeightsEntry(Frozen):
    """One published file of weights."""

    name: str
    """For people, and the key: “SAM ViT-B”."""
    file: str
    """The published file name; it is looked for under this name only."""
    bytes: int | None
    """None where the size is not published."""
    sha256: str = Field(pattern=r"^[0-9a-f]{8,64}$")
    """Or its beginning, where the publisher names no more: torchvision puts 8 digits into names."""
    licence: str
    url: str
    used_for: str

    def fault_of(self, stream: BufferedIOBase) -> str:
        """Return what tells a file from the published one, empty if nothing does.

        Reads the whole stream, about a second per GB, unless its size is wrong already.
        """
        size = stream.seek(0, os.SEEK_END)
        if self.bytes is not None and size != self.bytes:
            return f"it has {size:,} bytes, the published file {self.bytes:,}"
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if not digest.startswith(self.sha256):
            return f"its SHA-256 begins {digest[:12]}, the published file's {self.sha256[:12]}"
        return ""


class WeightsManifest(Frozen):
    """Every file of weights this version knows."""

    weights: tuple[WeightsEntry, ...]

    def entry(self, name: str) -> WeightsEntry:
        for entry in self.weights:
            if entry.name == name:
                return entry
        raise BugError(f"no weights named {name!r} in the manifest")


def load_manifest(data: bytes) -> WeightsManifest:
    """Return the manifest.

    Raises:
        BadDataError: if it is none; the installation is damaged.
    """
    try:
        return WeightsManifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadDataError(
            f"{MANIFEST_FILE_NAME}: {first['msg']} at {where or 'top'}", "install the program again"
        ) from error
