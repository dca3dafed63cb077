"""Images with drawn defects: which of them are learned from, and what their pixels are."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.dataset import DEFECTIVE, GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import DatasetItem
from training.data.types import Sharing, items_of_roles, ordered_classes

_log = logging.getLogger(__name__)

Answers = Literal["defect", "types"]

_LEAST_KEPT = 0.7
"""Share of a region's area below which pixels that are less than half defective count as well."""


@dataclass(frozen=True, slots=True)
class DrawnRoles:
    """Classes of pixels, good first, and which images are used for what."""

    classes: tuple[str, ...]
    train: tuple[DatasetItem, ...]
    val: tuple[DatasetItem, ...]
    test: tuple[DatasetItem, ...]


def assign_drawn_roles(
    items: Sequence[DatasetItem],
    *,
    answers: Answers,
    sharing: Sharing,
    source: Path,
    is_made_up: bool = False,
) -> DrawnRoles:
    """Share out good images and those whose defects are drawn, as a classifier's are.

    Args:
        is_made_up: there are made-up defects, so that none need be drawn.

    Raises:
        BadDataError: naming `source`, if there is nothing to learn a class from, or to see when
            training is at its best.
    """
    usable = usable_items(items, answers)
    named = [(item, _stratum(item, answers)) for item in usable]
    roles = items_of_roles(named, sharing)
    made_up = {DEFECTIVE} if is_made_up and answers == "defect" else set()
    drawn = {name for item in usable for name in masks_of(item, answers)}
    classes = ordered_classes({GOOD} | drawn | made_up)
    if len(classes) < 2:
        raise BadDataError(
            f"{source}: no image with a drawn defect to learn from",
            "draw the defects of some images, a mask of each is enough; or let some be made up",
        )
    learned = made_up | {n for item in roles["train"] for n in masks_of(item, answers)}
    if missing := [name for name in classes[1:] if name not in learned]:
        raise BadDataError(
            f"{source}: no image to learn {', '.join(missing)} from",
            "choose the stratified split, or mark some of these images for training",
        )
    if not roles["val"]:
        raise BadDataError(
            f"{source}: no image is left to see when training is at its best",
            "add images: three of a type are enough for one to be held out",
        )
    return DrawnRoles(classes, roles["train"], roles["val"], roles["test"])


def _stratum(item: DatasetItem, answers: Answers) -> str:
    """Return what the image is shared out by: all that is drawn in it, so that rare types stay."""
    if not item.is_defective:
        return GOOD
    drawn = " + ".join(sorted(masks_of(item, answers)))
    return drawn if answers == "types" else item.defect_type or drawn


def usable_items(items: Sequence[DatasetItem], answers: Answers) -> list[DatasetItem]:
    """Return good images and those whose defects are drawn."""
    usable = [item for item in items if not item.is_defective or masks_of(item, answers)]
    if left_out := len(items) - len(usable):
        what = "drawn" if answers == "defect" else "drawn, or their type is not known"
        _log.warning("%d defective images are left out: their defects are not %s", left_out, what)
    return usable


def masks_of(item: DatasetItem, answers: Answers) -> Mapping[str, str]:
    """Return the RLE of each class's pixels; nothing for a good image and for an undrawn one."""
    if not item.is_defective or item.mask_size is None or not item.mask_counts:
        return {}
    if answers == "defect":
        return {DEFECTIVE: item.mask_counts}
    if item.class_masks:
        return item.class_masks
    return {item.defect_type: item.mask_counts} if item.defect_type not in ("", GOOD) else {}


def main_class(item: DatasetItem, answers: Answers) -> str:
    """Return the class that most of the drawn area is of; good where nothing is drawn.

    Raises:
        ValueError: if a mask is damaged.
    """
    areas = {
        name: Mask.from_rle({"size": item.mask_size, "counts": counts}).area
        for name, counts in masks_of(item, answers).items()
    }
    return max(areas, key=lambda name: areas[name], default=GOOD)


def label_map(
    item: DatasetItem, classes: Sequence[str], size_px: int, answers: Answers
) -> NDArray[np.uint8]:
    """Return the place of each pixel's class, (size_px, size_px); 0 is good.

    A pixel is defective where half of its area is, and then of the class with most of it; thin
    scratches need less, or they would be lost.

    Raises:
        BadDataError: naming the image, if a mask is damaged.
    """
    shares = np.zeros((len(classes), size_px, size_px), np.float32)
    for name, counts in masks_of(item, answers).items():
        mask = pixels_of(item, counts)
        size = (size_px, size_px)
        reduced = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        shares[classes.index(name)] = reduced
    is_defective = _is_defective(shares[1:].sum(0))
    labels: NDArray[np.uint8] = np.where(is_defective, 1 + shares[1:].argmax(0), 0).astype(np.uint8)
    return labels


def _is_defective(shares: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pixels count as defective, from the shares of them that are.

    Half is enough; so is the largest share there is where that would lose most of a region, as
    of a scratch that is thinner than a pixel.
    """
    marked: NDArray[np.bool_] = shares >= 0.5
    _, regions = cv2.connectedComponents((shares > 0).astype(np.uint8), connectivity=8)
    drawn = np.bincount(regions.ravel(), shares.ravel())
    kept = np.bincount(regions.ravel(), marked.ravel())
    for region in np.flatnonzero((kept < _LEAST_KEPT * drawn) & (drawn >= 0.5)):
        inside = np.where(regions == region, shares, np.float32(0))
        area = round(float(drawn[region]))
        marked |= inside >= np.partition(inside, -area, axis=None)[-area]
    return marked


def pixels_of(item: DatasetItem, counts: str) -> NDArray[np.bool_]:
    """Return a mask of the image, (H, W), from its RLE.

    Raises:
        BadDataError: naming the image, if it is damaged.
    """
    try:
        return Mask.from_rle({"size": item.mask_size, "counts": counts}).to_array()
    except ValueError as error:
        raise BadDataError(
            f"{item.image_path}: its mask is damaged ({error})", "draw its defects again"
        ) from error
