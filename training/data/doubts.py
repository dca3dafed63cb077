"""What speaks against a data set before anything is learned from it."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.dataset import GOOD
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
        *_shared_images(roles),
        *(_undrawn(items) if learns_masks else []),
        *_thin_defects(items, size_px),
    ]


def class_of(item: DatasetItem) -> str:
    return (item.defect_type or "defective") if item.is_defective else GOOD


def _counts(items: Mapping[str, DatasetItem], roles: Roles) -> list[Finding]:
    counts = {
        role: Counter(class_of(items[path]) for path in paths) for role, paths in roles.items()
    }
    found = [Finding(f"{role}: {_listed(count)}") for role, count in counts.items()]
    for name, count in sorted(counts["train"].items()):
        if count < FEW:
            text = f"only {count} images of {name} to learn from: {FEW} are a beginning"
            found.append(Finding(text, is_warning=True))
    held_out = counts["val"] + counts["test"]
    for name in sorted(set(counts["train"]) - set(held_out)):
        text = f"no image of {name} is held out: nothing can be said of how well it is found"
        found.append(Finding(text, is_warning=True))
    return found


def _listed(counts: Counter[str]) -> str:
    names = sorted(counts, key=lambda name: (name != GOOD, name))
    return ", ".join(f"{counts[name]} {name}" for name in names) or "no images"


def _shared_images(roles: Roles) -> list[Finding]:
    """Name images of which one role has a copy of another's."""
    by_size: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for role, paths in roles.items():
        for path in paths:
            by_size[_size(path)].append((role, path))
    by_content: defaultdict[bytes, list[tuple[str, str]]] = defaultdict(list)
    for size, of_size in by_size.items():
        # Files of different sizes are different: only the others are read.
        if size and len({role for role, _ in of_size}) > 1:
            for role, path in of_size:
                by_content[_hash(path)].append((role, path))
    copies = [same for same in by_content.values() if len({role for role, _ in same}) > 1]
    if not copies:
        return []
    named = "; ".join(
        " = ".join(f"{Path(path).name} ({role})" for role, path in same)
        for same in copies[:_SAID_AT_MOST]
    )
    more = f" and {len(copies) - _SAID_AT_MOST} more" if len(copies) > _SAID_AT_MOST else ""
    text = f"the same image is learned from and held out, so figures flatter: {named}{more}"
    return [Finding(text, is_warning=True)]


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _hash(path: str) -> bytes:
    return hashlib.sha256(Path(path).read_bytes()).digest()


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
