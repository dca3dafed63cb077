"""The weights that a network starts from: an own file, published ones, or none."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from torch import Tensor

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.domain.files import write_text_atomically
from inspector_app.protocol.base import Frozen
from training.files import sha256_of
from training.models.settings import LabelledConfig
from training.weights import WeightsShelf, read_weights_file

_log = logging.getLogger(__name__)

_START_FILE = "start.json"

PUBLISHED: Mapping[str, tuple[str, ...]] = {
    "mobilenet_v2": ("MobileNetV2 V2", "MobileNetV2 V1"),
    "resnet18": ("ResNet-18",),
    "resnet34": ("ResNet-34",),
    "resnet50": ("ResNet-50 V2", "ResNet-50 V1"),
    "efficientnet_b0": ("EfficientNet-B0",),
    "convnext_tiny": ("ConvNeXt-T",),
    "vit_b_16": ("ViT-B/16",),
    "yolov8l-world": ("YOLO-World L",),
}
"""Names in the manifest, best first."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a network begins."""

    state: dict[str, Tensor] | None
    description: str
    """“ResNet-18, resnet18-f37072fd.pth” or “from scratch: …” with the reason."""
    is_in_checkpoint: bool = False
    """There were weights; the run that is gone on with has learnt on from them."""

    @property
    def is_from_scratch(self) -> bool:
        return self.state is None and not self.is_in_checkpoint


class _KeptStart(Frozen):
    description: str
    is_from_scratch: bool


def keep_start(run_folder: Path, start: Start) -> None:
    """Write down what a run began with: it is gone on with like that, whatever the shelf has.

    Raises:
        DiskFullError, BadDataError: see `known_write_errors`.
    """
    kept = _KeptStart(description=start.description, is_from_scratch=start.is_from_scratch)
    write_text_atomically(run_folder / _START_FILE, kept.model_dump_json())


def kept_start(run_folder: Path) -> Start | None:
    """Return what a run began with, without weights; None for one of an older version."""
    try:
        kept = _KeptStart.model_validate_json((run_folder / _START_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return Start(None, kept.description, is_in_checkpoint=not kept.is_from_scratch)


def choose_start(config: LabelledConfig, shelf: WeightsShelf) -> Start:
    """Return the weights that the settings ask for; published ones only if they are at hand.

    Raises:
        MissingWeightsError: if the own file that is named cannot be used.
    """
    if config.weights_file:
        path = _find_own(config.weights_file, shelf)
        return Start(read_weights_file(path), f"{path.name}, SHA-256 {sha256_of(path)}")
    if not config.pretrained:
        return Start(None, "from scratch, as asked for")
    for name in PUBLISHED.get(config.network, ()):
        item = shelf.look_up(name)
        for remark in item.remarks:
            _log.warning("%s", remark)
        if item.path is not None and item.state == "present":
            return Start(shelf.read(name), f"{name}, {item.path.name}")
    return Start(None, "from scratch: there are no published weights of it here")


def _find_own(name: str, shelf: WeightsShelf) -> Path:
    own = Path(name)
    candidates = [own] if own.is_absolute() else [folder / name for folder in shelf.folders]
    for path in candidates:
        if path.is_file():
            return path
    raise MissingWeightsError(
        f"{name}: there is no such file of weights",
        "put it into the weights folder, or give its full path",
    )
