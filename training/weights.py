"""The weights shelf as the worker uses it: files of weights, found, verified, read.

Finding and verifying needs no torch; the worker says which click model it has before it
spends seconds on importing it.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

from inspector_app import paths
from inspector_app.domain.errors import MissingWeightsError
from inspector_app.protocol.digests import Digests
from inspector_app.protocol.shelf import Shelf, ShelfItem, own_files, shipped_manifest
from inspector_app.protocol.weights import WeightsManifest
from training.files import sha256_of
from training.memory import is_out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

StateDict: TypeAlias = "dict[str, Tensor]"

_log = logging.getLogger(__name__)


@dataclass
class WeightsShelf:
    """Weights in a few folders.

    Whether a file is there is told by the hash that was remembered when it was last read;
    what is loaded has been hashed in full by this process.
    """

    manifest: WeightsManifest
    folders: Sequence[Path]
    digests: Digests = field(default_factory=Digests, repr=False)
    _read_here: Digests = field(default_factory=Digests, repr=False)

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return the shelf of the user's weights folders.

        Raises:
            BadDataError: if the program's own manifest cannot be read.
        """
        digests = Digests(paths.digests_file())
        return cls(shipped_manifest(), paths.weights_folders(), digests)

    def look_up(self, name: str) -> ShelfItem:
        """Return the first genuine file of that name; costs about a second per GB once."""
        return Shelf(self.manifest, self.folders, (), self.digests).look_up(
            self.manifest.entry(name)
        )

    def read(self, name: str) -> StateDict:
        """Return the tensors of a verified file, on the CPU.

        Raises:
            MissingWeightsError: if the file is absent, refused, or holds anything but tensors.
        """
        return _read_tensors(self.verified(name), self.manifest.entry(name).remedy)

    def verified(self, name: str) -> Path:
        """Return where the genuine file lies, hashed in full by this process.

        Raises:
            MissingWeightsError: if it is absent or refused.
        """
        entry = self.manifest.entry(name)
        item = Shelf(self.manifest, self.folders, (), self._read_here).look_up(entry)
        if item.state != "present" or item.path is None:
            message = " ".join(item.remarks) or f"{entry.name}: no {entry.file}"
            raise MissingWeightsError(message, entry.remedy)
        return item.path


def read_weights_file(path: Path) -> StateDict:
    """Return the tensors of a file that no manifest knows, on the CPU; nothing in it is run.

    Raises:
        MissingWeightsError: if it is not what was imported under its name, or cannot be read
            as safetensors or as a dictionary of tensors.
    """
    _refuse_changed(path)
    return _read_tensors(path, "save it as .safetensors, or as a plain dictionary of tensors")


def _refuse_changed(path: Path) -> None:
    """Compare an own file with what it was when it was imported, if it ever was."""
    record = own_files(path.parent).find(path.name)
    if record is not None and (found := sha256_of(path)) != record.sha256:
        raise MissingWeightsError(
            f"{path}: not what was imported on {record.imported_at[:10]} "
            f"(its SHA-256 begins {found[:12]}, that of the imported file {record.sha256[:12]})",
            "import the right file again under Weights…",
        )


def _read_safetensors(path: Path) -> StateDict:
    import safetensors.torch  # noqa: PLC0415

    try:
        return dict(safetensors.torch.load_file(path))
    except (OSError, safetensors.SafetensorError) as error:
        raise MissingWeightsError(
            f"{path}: no safetensors file ({error})", "copy the file again from its source"
        ) from error


def _read_tensors(path: Path, remedy: str) -> StateDict:
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    return _unpickle_tensors(path, remedy)


def _unpickle(path: Path) -> object:
    import torch  # noqa: PLC0415

    from training.module_files import read_network_tensors  # noqa: PLC0415

    try:
        # weights_only: a pickle that would run code is refused whatever its hash says.
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        return read_network_tensors(path)


def _unpickle_tensors(path: Path, remedy: str) -> StateDict:
    import torch  # noqa: PLC0415

    try:
        content = _unpickle(path)
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
