"""The corners of a finished region's outline, to be dragged, added and removed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector_app.domain import region_operations as operations
from inspector_app.domain.geometry import PointXY
from inspector_app.domain.mask import Mask, Polygon, pixel_edge_outlines, simplify

_TOLERANCE_PX = 1.5
"""Steps of single pixels along a slanted edge are no corners that anybody has put there."""
_TRACED_PX = 2**20
_MOST_CROSSINGS = 10_000
_MOST_CORNERS = 400
"""More than these cannot be told apart on a screen."""


@dataclass(frozen=True, slots=True)
class Corner:
    """One corner of one outline."""

    outline: int
    number: int


class OutlineHandles:
    """Outlines of a mask with few corners; what is changed on them is changed on the mask.

    Pixels away from a changed corner stay as they are: only the difference between the
    outlines before and after goes into the mask, not the simplified outline itself.
    """

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._before = _simplified(mask)
        self.outlines: list[Polygon] = [outline.copy() for outline in self._before]

    @property
    def is_changed(self) -> bool:
        return len(self.outlines) != len(self._before) or any(
            not np.array_equal(now, before)
            for now, before in zip(self.outlines, self._before, strict=True)
        )

    def corner_at(self, x: float, y: float, *, reach_px: float) -> Corner | None:
        """Return the nearest corner within reach, all in image pixels."""
        best, nearest = None, reach_px
        for place, outline in enumerate(self.outlines):
            distances = np.hypot(outline[:, 0] - x, outline[:, 1] - y)
            number = int(distances.argmin())
            if distances[number] <= nearest:
                best, nearest = Corner(place, number), float(distances[number])
        return best

    def insert_at(self, x: float, y: float, *, reach_px: float) -> Corner | None:
        """Put a corner on the nearest edge within reach and return it."""
        best, nearest = None, reach_px
        for place, outline in enumerate(self.outlines):
            distances = _distances_to_edges(outline, (x, y))
            number = int(distances.argmin())
            if distances[number] <= nearest:
                best, nearest = Corner(place, number + 1), float(distances[number])
        if best is not None:
            outline = self.outlines[best.outline]
            self.outlines[best.outline] = np.insert(outline, best.number, (x, y), axis=0)
        return best

    def move(self, corner: Corner, x: float, y: float) -> None:
        """Put a corner elsewhere, at most to the edge of the image."""
        place = (min(max(x, 0.0), self._mask.width), min(max(y, 0.0), self._mask.height))
        self.outlines[corner.outline][corner.number] = place

    def remove(self, corner: Corner) -> None:
        """Take a corner out; an outline that has only three goes as a whole."""
        outline = self.outlines[corner.outline]
        if len(outline) <= 3:
            del self.outlines[corner.outline]
        else:
            self.outlines[corner.outline] = np.delete(outline, corner.number, axis=0)

    def mask(self) -> Mask:
        """Return the mask as changed; it may be empty."""
        if not self.is_changed:
            return self._mask
        height, width = self._mask.height, self._mask.width
        sides = [
            operations.filled(outlines, height=height, width=width)
            for outlines in (self._before, self.outlines)
            if outlines
        ]
        return operations.symmetric_difference([self._mask, *sides])


def _simplified(mask: Mask) -> list[Polygon]:
    outlines = _outlines(mask)
    tolerance_px = _TOLERANCE_PX
    while True:
        found = [simplify(outline, tolerance_px=tolerance_px) for outline in outlines]
        if sum(len(outline) for outline in found) <= _MOST_CORNERS or tolerance_px > mask.width:
            return found
        tolerance_px *= 2


def _outlines(mask: Mask) -> list[Polygon]:
    """Return the outlines, of a large or ragged mask those of every so many-th pixel.

    All of them would take seconds to trace, and hardly a corner of them would be left.
    """
    if (box := mask.box) is None:
        return []
    step = max(1, math.ceil(math.sqrt(box.area / _TRACED_PX)))
    pixels = mask.crop(box, step=step)
    while np.count_nonzero(pixels[1:] != pixels[:-1]) > _MOST_CROSSINGS:
        step *= 2
        pixels = mask.crop(box, step=step)
    corner = np.array([box.left, box.top], np.float64)
    return [corner + step * outline for outline, _ in pixel_edge_outlines(pixels)]


def _distances_to_edges(outline: Sequence[PointXY] | Polygon, point: PointXY) -> Polygon:
    """Return the distance of a point to each edge; edge n ends at corner n + 1."""
    start = np.asarray(outline, np.float64)
    way = np.roll(start, -1, axis=0) - start
    length = np.maximum((way**2).sum(axis=1), 1e-12)
    share = np.clip(((np.asarray(point) - start) * way).sum(axis=1) / length, 0.0, 1.0)
    nearest = start + share[:, None] * way
    return np.asarray(np.hypot(nearest[:, 0] - point[0], nearest[:, 1] - point[1]))
