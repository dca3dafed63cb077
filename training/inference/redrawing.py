"""What a model that redraws makes of held-out images, to be looked at, and its mean losses."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inspector_app.domain.files import write_atomically, write_text_atomically
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import (
    REDRAWN_FILE,
    REDRAWN_FOLDER,
    DatasetItem,
    RedrawnImage,
)
from training.data.pictures import Pictures
from training.models.autoencoder.redrawing import Redrawing

_SHOWN = 4
"""Good images, and as many defective ones."""
_COUNTED = 64
"""Images whose losses are averaged, of either side."""


@dataclass(frozen=True, eq=False, slots=True)
class _Redrawn:
    item: DatasetItem
    given: RgbImage
    redrawn: RgbImage
    error: NDArray[np.float32]
    """(H, W) ≥ 0, of brightness and structure as the settings weigh them."""
    brightness_loss: float
    structure_loss: float


def write_redrawn(
    run_folder: Path,
    model: Redrawing,
    device: torch.device,
    items: Sequence[DatasetItem],
    *,
    on_done: Callable[[int], None],
) -> dict[str, float]:
    """Write a few good and defective images as they are redrawn, and where they differ.

    Error maps are coloured on one scale, so that they can be compared.

    Args:
        items: held-out images.
        on_done: called with the number of images gone through; may raise to end it.

    Returns:
        ``redrawn_loss/good`` and ``redrawn_loss/defective``, each where there are such images.
    """
    shown: list[_Redrawn] = []
    losses: dict[str, float] = {}
    chosen = {
        "good": [item for item in items if not item.is_defective][:_COUNTED],
        "defective": _types_in_turn(item for item in items if item.is_defective)[:_COUNTED],
    }
    done = 0
    for side, of in chosen.items():
        seen = []
        for item in of:
            seen += _redraw(model, device, item)
            done += 1
            on_done(done)
        shown += seen[:_SHOWN]
        if seen:
            losses[f"redrawn_loss/{side}"] = float(np.mean([each.error.mean() for each in seen]))
    _write(run_folder, shown)
    return losses


def _types_in_turn(items: Iterable[DatasetItem]) -> list[DatasetItem]:
    """Return one of each type, then another of each, and so on."""
    of_type: dict[str, list[DatasetItem]] = {}
    for item in items:
        of_type.setdefault(item.defect_type, []).append(item)
    placed = [(place, item) for of in of_type.values() for place, item in enumerate(of)]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


@torch.inference_mode()
def _redraw(model: Redrawing, device: torch.device, item: DatasetItem) -> list[_Redrawn]:
    """Return what becomes of an image; nothing if it cannot be read."""
    pictures = Pictures([item.image_path], model.config.image_size_px)
    pictures.read(lambda _done: None)
    found = []
    for given in pictures.loader(1):
        images = given.to(device)
        redrawn = model(images)
        bright, dissimilar = (
            each[0].float().cpu().numpy() for each in model.compare(images, redrawn)
        )
        weight = np.float32(model.config.ssim_weight)
        found.append(
            _Redrawn(
                item,
                pictures[0],
                _levels(redrawn[0]),
                np.asarray((1 - weight) * bright + weight * dissimilar, np.float32),
                float(bright.mean()),
                float(dissimilar.mean()),
            )
        )
    return found


def _levels(image: torch.Tensor) -> RgbImage:
    levels = image.float().clamp(0.0, 1.0).mul(255.0).round().byte()
    return np.asarray(levels.permute(1, 2, 0).cpu().numpy(), np.uint8)


def _write(run_folder: Path, shown: Sequence[_Redrawn]) -> None:
    """Write pictures first and the list of them last: what is listed is there."""
    folder = run_folder / REDRAWN_FOLDER
    folder.mkdir(exist_ok=True)
    largest = max((float(np.quantile(each.error, 0.999)) for each in shown), default=1.0)
    lines = []
    for number, each in enumerate(shown):
        share = np.clip(each.error / max(largest, 1e-9), 0.0, 1.0)
        coloured = cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
        _write_picture(folder / f"{number:02d}-given.png", each.given[..., ::-1])
        _write_picture(folder / f"{number:02d}-redrawn.png", each.redrawn[..., ::-1])
        _write_picture(folder / f"{number:02d}-error.png", coloured)
        line = RedrawnImage(
            number=number,
            image_path=each.item.image_path,
            is_defective=each.item.is_defective,
            defect_type=each.item.defect_type,
            brightness_loss=each.brightness_loss,
            structure_loss=each.structure_loss,
        )
        lines.append(f"{line.model_dump_json()}\n")
    write_text_atomically(run_folder / REDRAWN_FILE, "".join(lines))


def _write_picture(path: Path, bgr: NDArray[np.uint8]) -> None:
    _, data = cv2.imencode(".png", np.ascontiguousarray(bgr))
    write_atomically(path, data.tobytes())
