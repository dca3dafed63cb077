"""Areas of an anomaly map from a level up, as masks in image pixels."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray, Mask
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
    Pixels that touch at a corner belong together: a thin scratch is one area. The cost
    follows the areas, not the image.
    """
    areas = [
        area
        for piece in _hot_pieces(heatmap, level, width, height)
        for area in _connected(piece)
        if area.size_px > tidying.speck_px
    ]
    areas.sort(key=lambda area: -area.size_px)
    cleaning = replace(tidying, speck_px=0)
    return [tidied(area.mask(width, height), cleaning) for area in areas[:MOST_AREAS]]


def is_drawn(area: Mask, regions: Sequence[Mask]) -> bool:
    """Tell whether an area and one of the regions are the same: one covers half of the other.

    All masks share one size.
    """
    return any(_are_same(area, region) for region in regions)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some pixels of the image and where they are."""

    pixels: BoolArray
    left: int
    top: int
    size_px: int = 0

    def mask(self, width: int, height: int) -> Mask:
        return Mask.from_crop(self.pixels, self.left, self.top, height=height, width=width)


def _hot_pieces(
    heatmap: NDArray[np.float32], level: float, width: int, height: int
) -> Iterator[_Piece]:
    """Yield the pixels that reach the level, piece by piece; pieces do not touch.

    A pixel lies between four of the map's values, and one of them must reach the level. So
    each piece is found within the hot values and their neighbours; the margin is for rounding.
    """
    reached = (heatmap >= level - 1e-6 * abs(level)).astype(np.uint8)
    support = cv2.dilate(reached, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(support, connectivity=8)
    for number in range(1, count):
        left, top, wide, high = (int(value) for value in stats[number, :4])
        place = np.s_[top : top + high, left : left + wide]
        # Neighbouring pieces may reach into the rectangle.
        values = np.where(labels[place] == number, heatmap[place], np.float32(level - 1.0))
        columns = _Between.of(left, left + wide, heatmap.shape[1], width)
        rows = _Between.of(top, top + high, heatmap.shape[0], height)
        across = columns.mix(values.T).T
        yield _Piece(rows.mix(across) >= level, columns.start, rows.start)


@dataclass(frozen=True, slots=True)
class _Between:
    """For each pixel of a row or column: the map's values before and after it, and its share."""

    start: int
    before: NDArray[np.intp]
    after: NDArray[np.intp]
    share: NDArray[np.float32]

    @classmethod
    def of(cls, first: int, end: int, count: int, size_px: int) -> Self:
        """Return the pixels between the values `first` and `end - 1` of `count`.

        Pixel centres are where cv2.resize has them; beyond the outermost values it repeats them.
        """
        scale = size_px / count
        start = 0 if first == 0 else math.ceil((first + 0.5) * scale - 0.5)
        stop = size_px if end == count else math.floor((end - 0.5) * scale - 0.5) + 1
        at = (np.arange(start, stop) + 0.5) / scale - 0.5 - first
        at = np.clip(at, 0, end - first - 1)
        before = np.floor(at).astype(np.intp)
        after = np.minimum(before + 1, end - first - 1)
        return cls(start, before, after, (at - before).astype(np.float32))

    def mix(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (pixels, n) values between those of (values, n)."""
        low = values[self.before]
        mixed = (values[self.after] - low) * self.share[:, None]
        return np.asarray(low + mixed, np.float32)


def _connected(piece: _Piece) -> Iterator[_Piece]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        piece.pixels.astype(np.uint8), connectivity=8
    )
    for number in range(1, count):
        left, top, wide, high, size_px = (int(value) for value in stats[number])
        pixels = labels[top : top + high, left : left + wide] == number
        yield _Piece(pixels, piece.left + left, piece.top + top, size_px)


def _are_same(area: Mask, mask: Mask) -> bool:
    if area.box is None or mask.box is None or _are_apart(area.box, mask.box):
        return False
    common = intersection([area, mask]).area
    return common >= _SAME_SHARE * min(area.area, mask.area)


def _are_apart(one: Box, other: Box) -> bool:
    is_beside = one.right <= other.left or other.right <= one.left
    return is_beside or one.bottom <= other.top or other.bottom <= one.top
