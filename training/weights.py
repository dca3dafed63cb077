"""The weights shelf: files of published weights, found, verified, read.

Finding and verifying needs no torch; the worker says which click model it has before it
spends seconds on importing it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.protocol.weights import (
    MANIFEST_FILE_NAME,
    WeightsEntry,
    WeightsManifest,
    load_manifest,
)
from training.memory import is_out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

StateDict: TypeAlias = "dict[str, Tensor]"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """What the shelf holds of one entry of the manifest."""

    entry: WeightsEntry
    state: Literal["present", "missing", "corrupt"]
    path: Path | None = None
    """The genuine file, else the first refused one."""
    remarks: tuple[str, ...] = ()
    """One sentence per refused file."""


@dataclass
class WeightsShelf:
    """Weights in a few folders.

    A file is hashed in full before it is used for the first time in a process, and
    again whenever its size or time has changed since.
    """

    manifest: WeightsManifest
    folders: Sequence[Path]
    _verified: dict[Path, tuple[int, int]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return the shelf of the user's weights folders.

        Raises:
            BadDataError: if the program's own manifest cannot be read.
        """
        path = paths.resources_folder() / MANIFEST_FILE_NAME
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BadDataError(f"{path}: {error.strerror}", "install the program again") from error
        return cls(load_manifest(data), paths.weights_folders())

    def look_up(self, name: str) -> ShelfItem:
        """Return the first genuine file of that name; costs about a second per GB."""
        entry = self.manifest.entry(name)
        refused: list[Path] = []
        remarks: list[str] = []
        for path in (folder / entry.file for folder in self.folders):
            if not path.is_file():
                continue
            if not (fault := self._fault_of(path, entry)):
                return ShelfItem(entry, "present", path, tuple(remarks))
            refused.append(path)
            remarks.append(f"{path} is not the published {entry.name}: {fault}. {_remedy(entry)}.")
        state: Literal["missing", "corrupt"] = "corrupt" if refused else "missing"
        return ShelfItem(entry, state, refused[0] if refused else None, tuple(remarks))

    def read(self, name: str) -> StateDict:
        """Return the tensors of a verified file, on the CPU.

        Raises:
            MissingWeightsError: if the file is absent, refused, or holds anything but tensors.
        """
        item = self.look_up(name)
        if item.state != "present" or item.path is None:
            message = " ".join(item.remarks) or f"{item.entry.name}: no {item.entry.file}"
            raise MissingWeightsError(message, _remedy(item.entry))
        return _read_tensors(item.path, item.entry)

    def _fault_of(self, path: Path, entry: WeightsEntry) -> str:
        try:
            with path.open("rb") as stream:
                status = path.stat()
                signature = (status.st_size, status.st_mtime_ns)
                if self._verified.get(path) == signature:
                    return ""
                fault = entry.fault_of(stream)
        except OSError as error:
            return f"it cannot be read ({error.strerror})"
        if not fault:
            self._verified[path] = signature
        return fault


def _remedy(entry: WeightsEntry) -> str:
    return f"Get {entry.file} from {entry.url} and import it under Weights…"


def read_weights_file(path: Path) -> StateDict:
    """Return the tensors of a file that no manifest knows, on the CPU; nothing in it is run.

    Raises:
        MissingWeightsError: if it cannot be read as safetensors or as a dictionary of tensors.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    return _unpickle_tensors(path, "save it as .safetensors, or as a plain dictionary of tensors")


def _read_safetensors(path: Path) -> StateDict:
    import safetensors.torch  # noqa: PLC0415

    try:
        return dict(safetensors.torch.load_file(path))
    except (OSError, safetensors.SafetensorError) as error:
        raise MissingWeightsError(
            f"{path}: no safetensors file ({error})", "copy the file again from its source"
        ) from error


def _read_tensors(path: Path, entry: WeightsEntry) -> StateDict:
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    return _unpickle_tensors(path, _remedy(entry))


def _unpickle_tensors(path: Path, remedy: str) -> StateDict:
    import torch  # noqa: PLC0415

    try:
        # weights_only: a pickle that would run code is refused whatever its hash says.
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # What is no archive makes the unpickler stumble in any way there is.
        if is_out_of_memory(error):
            raise
        _log.warning("%s could not be read as weights", path, exc_info=True)
        raise MissingWeightsError(
            f"{path}: this file holds no weights that can be read safely", remedy
        ) from error
    if not isinstance(content, dict) or not all(
        isinstance(v, torch.Tensor) for v in content.values()
    ):
        raise MissingWeightsError(f"{path}: this file holds something else than weights", remedy)
    return dict(content)
