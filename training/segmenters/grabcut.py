"""Clicks to masks without any weights: grown regions, cut along edges by OpenCV's GrabCut.

Clicks are replayed in their order. The first finds a region; each later one adds a
region to the mask or takes one away. GrabCut then moves the outline within a band:
GrabCut alone, started from discs about the clicks, takes dark glass for dark background.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.segmenters.base import Candidate, Picture, PictureKey, Prompts
from training.segmenters.regions import Ground, Region, grow_regions
from training.segmenters.views import View

_MOST_CANDIDATES = 3
_SAME_IOU = 0.9
_CUT_SIDE_PX = 192
_BAND = 0.08
"""Half the width of the band, as a share of the square root of the mask's area."""
_NARROWEST_BAND_PX = 2
_SURROUNDINGS = 0.3
"""How much of the surroundings a cut sees, as a share of the mask's longer side."""
_ITERATIONS_IN_BAND, _ITERATIONS_IN_BOX = 1, 4
_QUALITY_IN_BOX_01 = 0.6
_QUALITY_OF_BOX_01 = 0.2
_HIGHEST_QUALITY_01 = 0.9
"""A guess from contrast is never certain."""

TriMap = NDArray[np.uint8]
"""OpenCV's GC_BGD, GC_FGD, GC_PR_BGD, GC_PR_FGD."""


@dataclass(frozen=True, eq=False, slots=True)
class _Answer:
    picture: PictureKey
    prompts: Prompts
    best: Candidate


class GrabCutSegmenter:
    """Works on any picture, at once, and only so well."""

    name = "GrabCut"

    def __init__(self) -> None:
        self._last: _Answer | None = None

    def prepare(self, picture: Picture) -> None:
        """Have the picture decoded; there is nothing to encode."""
        _ = picture.rgb

    def segment(self, picture: Picture, prompts: Prompts) -> list[Candidate]:
        candidates, done = self._so_far(picture, prompts)
        sketch = _Sketch(picture.rgb, prompts.box)
        points = [sketch.inside(point) for point in prompts.points]
        for count in range(done + 1, len(points) + 1):
            candidates = sketch.click(candidates[0] if candidates else None, points[:count])
        candidates = [candidate for candidate in candidates if candidate.mask.any()]
        if candidates:
            self._last = _Answer(picture.key, prompts, candidates[0])
        return candidates

    def _so_far(self, picture: Picture, prompts: Prompts) -> tuple[list[Candidate], int]:
        """Return what the first clicks have led to, and how many clicks that were."""
        last = self._last
        if last and last.picture == picture.key and prompts.continues(last.prompts):
            return [last.best], len(last.prompts.points)
        return _cut_in_box(picture.rgb, prompts.box), 0


class _Sketch:
    """One picture on which clicks add and take away."""

    def __init__(self, image: RgbImage, box: Box | None) -> None:
        self._image = image
        height, width = image.shape[:2]
        self._limit = (box.clipped(width, height) if box else None) or Box(0, 0, width, height)
        self._keeps_loose_parts = box is not None

    def inside(self, point: PromptPoint) -> PromptPoint:
        """Return the click on the pixel of the picture that is nearest to it."""
        height, width = self._image.shape[:2]
        x, y = min(max(0, int(point.x)), width - 1), min(max(0, int(point.y)), height - 1)
        return PromptPoint(x, y, point.label)

    def click(self, before: Candidate | None, points: list[PromptPoint]) -> list[Candidate]:
        """Return the masks that the last of the points may mean, best first."""
        mask = before.mask if before else np.zeros(self._image.shape[:2], bool)
        *_, point = points
        x, y = int(point.x), int(point.y)
        allowed = mask if point.label == 0 else self._addable(mask)
        if not allowed[y, x]:
            return [before] if before else []
        opposites = [(int(p.x), int(p.y)) for p in points if p.label != point.label]
        usual_area_px = float(np.count_nonzero(mask)) or None
        regions = grow_regions(self._image, x, y, Ground(allowed, opposites, usual_area_px))
        found = [self._changed(mask, region, points) for region in regions]
        if not found:
            return [before] if before else []
        return _distinct(found)

    def _addable(self, mask: BoolArray) -> BoolArray:
        allowed = np.zeros_like(mask)
        rows, columns = _slices(self._limit)
        allowed[rows, columns] = ~mask[rows, columns]
        return allowed

    def _changed(self, mask: BoolArray, region: Region, points: list[PromptPoint]) -> Candidate:
        changed = mask.copy()
        part = changed[_slices(region.box)]
        if points[-1].label:
            part |= region.mask & self._addable(mask)[_slices(region.box)]
        else:
            part &= ~region.mask
        changed = _cut_in_band(self._image, changed, points)
        changed &= ~self._addable(np.zeros_like(mask)) == 0
        if not self._keeps_loose_parts:
            changed = _with_clicks(changed, points)
        return Candidate(changed, _quality(region))


def _quality(region: Region) -> float:
    return _HIGHEST_QUALITY_01 * (1.0 - math.exp(-max(0.0, region.contrast)))
