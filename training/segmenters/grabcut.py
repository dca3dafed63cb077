"""Clicks to masks without any weights: grown regions, cut along edges by OpenCV's GrabCut.

Clicks are replayed in their order. The first finds a region; each later one adds a
region to the mask or takes one away. GrabCut then moves the outline within a band:
GrabCut alone, started from discs about the clicks, takes dark glass for dark background.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray
from training.segmenters.base import Candidate, Kept, Prompts, Recent, limited_to
from training.segmenters.cuts import cut_in_band, cut_in_box, parts_with
from training.segmenters.picture import Picture, PictureKey
from training.segmenters.regions import Ground, Region, grow_regions
from training.segmenters.views import Pyramid

_MOST_CANDIDATES = 3
_SAME_IOU = 0.9
_KEPT_PYRAMIDS = 3
_ROUGH_BANDS = (0.2, 0.08, 0.35)
"""Half widths in which the edges are looked for that a rough mask was meant to follow."""
_QUALITY_OF_ROUGH_01 = 0.5
_QUALITY_IN_BOX_01 = 0.5
_QUALITY_OF_BOX_01 = 0.2
_HIGHEST_QUALITY_01 = 0.9
"""A guess from contrast is never certain."""


@dataclass(frozen=True, eq=False, slots=True)
class _Answer:
    picture: PictureKey
    prompts: Prompts
    candidates: list[Candidate]


class GrabCutSegmenter:
    """Works on any picture, at once, and only so well."""

    name = "GrabCut"

    def __init__(self) -> None:
        self._pyramids: Recent[Pyramid] = Recent(_KEPT_PYRAMIDS)
        self._last: _Answer | None = None

    def prepare(self, picture: Picture, should_stop: Callable[[], bool] | None = None) -> Kept:
        self._pyramids.get(picture, _pyramid_of)
        return Kept()

    def segment(self, picture: Picture, prompts: Prompts) -> list[Candidate]:
        candidates = self._answer(picture, prompts)
        if candidates:
            self._last = _Answer(picture.key, prompts, candidates)
        return candidates

    def glance(self, picture: Picture, prompts: Prompts) -> Candidate | None:
        if picture not in self._pyramids:
            return None
        return next(iter(self._answer(picture, prompts)), None)

    def _answer(self, picture: Picture, prompts: Prompts) -> list[Candidate]:
        sketch = _Sketch(self._pyramids.get(picture, _pyramid_of), prompts)
        points = [sketch.nearest_pixel(point) for point in prompts.points]
        candidates, done = self._so_far(picture, prompts, sketch)
        for count in range(done, len(points)):
            candidates = sketch.click(candidates[0], points[: count + 1])
        return [candidate for candidate in candidates if candidate.mask.any()]

    def _so_far(
        self, picture: Picture, prompts: Prompts, sketch: "_Sketch"
    ) -> tuple[list[Candidate], int]:
        """Return what the box and the first clicks have led to, and how many clicks that were."""
        last = self._last
        if last and last.picture == picture.key and prompts.continues(last.prompts):
            chosen = last.candidates[min(prompts.refines, len(last.candidates) - 1)]
            return [chosen], len(last.prompts.points)
        return sketch.begin(), 0


class _Sketch:
    """A picture on which a rough mask, a box and clicks draw a mask."""

    def __init__(self, picture: Pyramid, prompts: Prompts) -> None:
        self._picture = picture
        height, width = picture.shape
        self._rough = prompts.rough
        self._box = prompts.box.clipped(width, height) if prompts.box else None
        self._limit = self._box if prompts.stays_in_box else None

    def nearest_pixel(self, point: PromptPoint) -> PromptPoint:
        """Return the click on the pixel of the picture that is nearest to it."""
        height, width = self._picture.shape
        x, y = min(max(0, int(point.x)), width - 1), min(max(0, int(point.y)), height - 1)
        return PromptPoint(x, y, point.label)

    def begin(self) -> list[Candidate]:
        """Return what there is before the first click: what was drawn or boxed, or nothing."""
        if self._rough is not None:
            return self._at_edges(self._rough.to_array())
        nothing = np.zeros(self._picture.shape, bool)
        if self._box is None:
            return [Candidate(nothing, 0.0)]
        whole = nothing.copy()
        whole[_slices(self._box)] = True
        inside = Candidate(cut_in_box(self._picture, self._box), _QUALITY_IN_BOX_01)
        return _distinct([inside, Candidate(whole, _QUALITY_OF_BOX_01)])

    def _at_edges(self, rough: BoolArray) -> list[Candidate]:
        cuts = (cut_in_band(self._picture, rough, (), band=band) for band in _ROUGH_BANDS)
        return _distinct(Candidate(self._within_limit(cut), _QUALITY_OF_ROUGH_01) for cut in cuts)

    def click(self, before: Candidate, points: list[PromptPoint]) -> list[Candidate]:
        """Return the masks that the last of the points may mean, best first."""
        point = points[-1]
        x, y = int(point.x), int(point.y)
        allowed = self._addable(before.mask) if point.label else before.mask
        if not allowed[y, x]:
            return [before]
        opposites = [(int(p.x), int(p.y)) for p in points if p.label != point.label]
        usual_area_px = float(np.count_nonzero(before.mask)) or None
        regions = grow_regions(self._picture, x, y, Ground(allowed, opposites, usual_area_px))
        found = (self._changed(before.mask, region, points) for region in regions)
        return _distinct(found) or [_without_negatives(before, points)]

    def _addable(self, mask: BoolArray) -> BoolArray:
        """Return the pixels within the limit that are not in the mask."""
        return self._within_limit(~mask)

    def _changed(self, mask: BoolArray, region: Region, points: list[PromptPoint]) -> Candidate:
        changed = mask.copy()
        if points[-1].label:
            changed[_slices(region.box)] |= region.mask
        else:
            changed[_slices(region.box)] &= ~region.mask
        changed = cut_in_band(self._picture, changed, points)
        changed = self._within_limit(changed)
        if self._box is None and self._rough is None:
            changed = parts_with([p for p in points if p.label], changed)
        return Candidate(changed, _quality(region))

    def _within_limit(self, mask: BoolArray) -> BoolArray:
        return mask if self._limit is None else limited_to(mask, self._limit)


def _without_negatives(candidate: Candidate, points: list[PromptPoint]) -> Candidate:
    mask = candidate.mask.copy()
    for point in points:
        if not point.label:
            mask[int(point.y), int(point.x)] = False
    return Candidate(mask, candidate.quality_01)


def _pyramid_of(picture: Picture) -> Pyramid:
    return Pyramid(picture.rgb)


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the first few candidates that are not almost the same as a better one."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if all(_iou(candidate.mask, other.mask) < _SAME_IOU for other in kept):
            kept.append(candidate)
            if len(kept) == _MOST_CANDIDATES:
                break
    return kept


def _iou(first: BoolArray, second: BoolArray) -> float:
    """Return the IoU, from a sample of the pixels of large masks."""
    step = max(1, max(first.shape) // 1024)
    one, other = first[::step, ::step], second[::step, ::step]
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def _quality(region: Region) -> float:
    return _HIGHEST_QUALITY_01 * (1.0 - math.exp(-max(0.0, region.contrast)))
