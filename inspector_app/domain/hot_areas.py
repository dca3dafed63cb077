"""Areas of an anomaly map from a level up, as masks in image pixels."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.region_operations import intersection
from inspector_app.domain.tidy import Tidying, tidied

MOST_AREAS = 100
"""More than anybody goes through on one image; the largest are kept."""
_SAME_SHARE = 0.5


def enlarged(heatmap: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Return the map at (height, width), between its values along straight lines."""
    resized = cv2.resize(heatmap, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def hot_areas(
    heatmap: NDArray[np.float32], level: float, *, width: int, height: int, tidying: Tidying
) -> list[Mask]:
    """Return the connected areas where the enlarged map reaches a level, largest first.

    Areas up to `tidying.speck_px` are left out, and all but the largest `MOST_AREAS`.
    Pixels that touch at a corner belong together: a thin scratch is one area.
    """
    reached = (enlarged(heatmap, width, height) >= level).astype(np.uint8)
    _, found, found_stats, _ = cv2.connectedComponentsWithStats(reached, connectivity=8)
    labels, stats = np.asarray(found, np.int32), np.asarray(found_stats, np.int32)
    sizes = stats[:, cv2.CC_STAT_AREA]
    by_size = (int(n) + 1 for n in np.argsort(-sizes[1:], kind="stable"))
    kept = [n for n in by_size if sizes[n] > tidying.speck_px][:MOST_AREAS]
    cleaning = replace(tidying, speck_px=0)
    return [tidied(_area(labels, stats[n], n), cleaning) for n in kept]


def without_known(areas: Sequence[Mask], known: Sequence[Mask]) -> list[Mask]:
    """Return the areas that are not known: neither covers half of the other.

    All masks share one size.
    """
    return [area for area in areas if not any(_are_same(area, mask) for mask in known)]


def _area(labels: NDArray[np.int32], stats: NDArray[np.int32], number: int) -> Mask:
    left, top, wide, high = (int(value) for value in stats[:4])
    pixels = labels[top : top + high, left : left + wide] == number
    return Mask.from_crop(pixels, left, top, height=labels.shape[0], width=labels.shape[1])


def _are_same(area: Mask, mask: Mask) -> bool:
    if area.box is None or mask.box is None or _are_apart(area.box, mask.box):
        return False
    common = intersection([area, mask]).area
    return common >= _SAME_SHARE * min(area.area, mask.area)


def _are_apart(one: Box, other: Box) -> bool:
    is_beside = one.right <= other.left or other.right <= one.left
    return is_beside or one.bottom <= other.top or other.bottom <= one.top
