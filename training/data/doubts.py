"""What speaks against a data set before anything is learned from it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.dataset import GOOD, plain_name
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import DatasetItem

FEW = 5
"""Images of a type below which hardly anything is learned of it."""
SEEN_PX = 3.0
"""Width below which a defect is easily lost among the pixels."""
_MEASURED_MASKS = 200
_MEASURED_REGIONS = 50
"""Of one image."""
_SAID_AT_MOST = 3

Roles = Mapping[str, Sequence[str]]
"""Paths of the images of train, val and test."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence on the data, and whether something should be done about it."""

    text: str
    is_warning: bool = False


def find_doubts(
    items: Sequence[DatasetItem], roles: Roles, *, size_px: int, learns_masks: bool
) -> list[Finding]:
    """Return what there is, then what speaks against it."""
    by_path = {item.image_path: item for item in items}
    return [
        *_counts(by_path, roles),
        *(_undrawn(items) if learns_masks else []),
        *_thin_defects(items, size_px),
    ]


def listed_some(parts: Iterable[str], separator: str = ", ") -> str:
    """Return the first few, and how many more there are."""
    every = list(parts)
    named = separator.join(every[:_SAID_AT_MOST])
    more = len(every) - _SAID_AT_MOST
    return f"{named} and {more} more" if more > 0 else named


def class_of(item: DatasetItem) -> str:
    return (item.defect_type or "defective") if item.is_defective else GOOD


def _counts(items: Mapping[str, DatasetItem], roles: Roles) -> list[Finding]:
    counts = {
        role: Counter(class_of(items[path]) for path in paths) for role, paths in roles.items()
    }
    found = [Finding(f"{role}: {_listed(count)}") for role, count in counts.items()]
    for name, count in sorted(counts["train"].items()):
        if count < FEW:
            text = f"only {count} images of {plain_name(name)} to learn from: {FEW} are a beginning"
            found.append(Finding(text, is_warning=True))
    held_out = counts["val"] + counts["test"]
    for name in sorted(set(counts["train"]) - set(held_out)):
        text = (
            f"no image of {plain_name(name)} is held out: "
            f"nothing can be said of how well it is found"
        )
        found.append(Finding(text, is_warning=True))
    return found


def _listed(counts: Counter[str]) -> str:
    names = sorted(counts, key=lambda name: (name != GOOD, name))
    return ", ".join(f"{counts[name]} {plain_name(name)}" for name in names) or "no images"


def _undrawn(items: Iterable[DatasetItem]) -> list[Finding]:
    undrawn = [item for item in items if item.is_defective and not item.mask_counts]
    if not undrawn:
        return []
    first = Path(undrawn[0].image_path).name
    text = f"{len(undrawn)} defective images have nothing drawn and are left out: {first} …"
    return [Finding(text, is_warning=True)]


def _thin_defects(items: Iterable[DatasetItem], size_px: int) -> list[Finding]:
    """Say what becomes of thin defects when images are reduced."""
    drawn = [item for item in items if item.mask_counts and item.mask_size]
    # Evenly from all of them: types often lie one after the other.
    step = max(1, len(drawn) // _MEASURED_MASKS)
    widths = [width for item in drawn[::step] for width in _widths(item, size_px)]
    if not widths:
        return []
    widths.sort(key=lambda pair: pair[1])
    before, after = widths[len(widths) // 10]
    if after >= SEEN_PX:
        return [Finding(f"thin defects of {before:.0f} px keep {after:.1f} px at {size_px} px")]
    text = (
        f"a defect {before:.0f} px wide becomes {after:.1f} px at {size_px} × {size_px} px: "
        f"raise the image size, or cut images into tiles"
    )
    return [Finding(text, is_warning=True)]


def _widths(item: DatasetItem, size_px: int) -> list[tuple[float, float]]:
    """Return how wide an image's defects are, in its own pixels and reduced."""
    try:
        mask = Mask.from_rle({"size": item.mask_size, "counts": item.mask_counts}).to_array()
    except ValueError:
        return []
    scale = min(1.0, size_px / max(mask.shape))
    count, places, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    widths = []
    for number in range(1, min(count, _MEASURED_REGIONS + 1)):
        left, top, width, height, _ = boxes[number]
        region = places[top : top + height, left : left + width] == number
        widths.append(_width(region))
    return [(width, width * scale) for width in widths]


def _width(region: NDArray[np.bool_]) -> float:
    """Return the diameter of the largest circle in a region, in pixels."""
    # Twice as large, for even widths have no pixel in the middle.
    doubled = region.astype(np.uint8).repeat(2, 0).repeat(2, 1)
    return float(cv2.distanceTransform(np.pad(doubled, 1), cv2.DIST_L2, 3).max())
