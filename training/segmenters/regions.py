"""Regions about a click: where does the thing end that was clicked?

Around the click, pixels are compared with its colour; every threshold on the
difference gives one connected region, and the one whose outline shows the
strongest contrast for its unevenness wins. This is repeated in windows of
several sizes, so that scratches and broken rims are both found.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.segmenters.views import Pyramid, View

_WINDOWS = 5
_SMALLEST_WINDOW, _LARGEST_WINDOW = 0.022, 0.33
"""Half sides, as shares of the picture's longer side."""
_SMALLEST_WINDOW_PX = 16
_SIDE_PX = 128
_THRESHOLDS = 20
_FEWEST_PIXELS = 12
_UNEVENNESS_IGNORED = 20.0
"""Grey levels: texture and highlights are part of a defect."""
_CONTRAST_OF_OUTLINE = 25.0
"""Grey levels that an outline drawn before is worth."""
_LIKES_LARGE = 0.12
"""Exponent of the area: the same contrast along a longer outline is less of a coincidence."""
_LIKES_USUAL = 0.5
_CROSS = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, eq=False, slots=True)
class Region:
    """A part of the picture that seems to belong together."""

    box: Box
    mask: BoolArray
    """Of the box, at the picture's resolution."""
    contrast: float
    """Contrast of the outline against the unevenness inside; 1 is clear."""
    score: float


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """Where a region may grow."""

    allowed: BoolArray
    """(H, W) of the picture: pixels that do not have the click's label yet."""
    opposites: Sequence[tuple[int, int]] = ()
    """Clicks (x, y) of the other label; a region keeps to its own click's side."""
    usual_area_px: float | None = None
    """Larger regions are less likely."""


def grow_regions(picture: Pyramid, x: int, y: int, ground: Ground) -> list[Region]:
    """Return the regions about a click, one per window at most, best first."""
    longer = max(picture.shape)
    smallest = max(_SMALLEST_WINDOW_PX, _SMALLEST_WINDOW * longer)
    largest = max(2 * smallest, _LARGEST_WINDOW * longer)
    radii = np.geomspace(smallest, largest, _WINDOWS)
    views = (View.around(picture, x, y, int(radius), _SIDE_PX) for radius in radii)
    found = (_best_in_view(view, x, y, ground) for view in views)
    return sorted((r for r in found if r is not None), key=lambda region: -region.score)


def _best_in_view(view: View, x: int, y: int, ground: Ground) -> Region | None:
    seed = view.place_of(x, y)
    seed = (min(seed[0], view.shape[0] - 1), min(seed[1], view.shape[1] - 1))
    allowed = view.reduce_mask(ground.allowed)
    allowed[seed] = True
    opposites = [view.place_of(*point) for point in ground.opposites]
    within_reach = allowed & _own_side(view.shape, seed, opposites)
    difference = _difference(view.rgb, seed)
    best: tuple[float, float, BoolArray] | None = None
    for mask in _nested_regions(difference, within_reach, seed):
        if (contrast := _contrast(view, mask, difference, allowed)) is None:
            continue
        score = contrast * _plausibility(np.count_nonzero(mask) / view.scale**2, ground)
        if best is None or score > best[0]:
            best = (score, contrast, mask)
    if best is None:
        return None
    score, contrast, mask = best
    return Region(view.box, view.enlarge_mask(mask), contrast, score)


def _difference(rgb: RgbImage, seed: tuple[int, int]) -> NDArray[np.float32]:
    """Return each pixel's distance in Lab from the seed's surroundings, in grey levels."""
    lab = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), 1.0)
    row, column = seed
    patch = lab[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
    colour = np.median(patch.reshape(-1, 3), axis=0)
    return np.asarray(np.linalg.norm(lab - colour, axis=2), dtype=np.float32)


def _own_side(
    shape: tuple[int, int], seed: tuple[int, int], opposites: Sequence[tuple[int, int]]
) -> BoolArray:
    """Return the pixels nearer to the seed than to every opposite click, the seed included."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    own = (rows - seed[0]) ** 2 + (columns - seed[1]) ** 2
    side = np.ones(shape, bool)
    for row, column in opposites:
        side &= own < (rows - row) ** 2 + (columns - column) ** 2
    side[seed] = True
    return side


def _nested_regions(
    difference: NDArray[np.float32], within_reach: BoolArray, seed: tuple[int, int]
) -> Iterator[BoolArray]:
    """Yield the connected regions about the seed, from the most alike to all within reach."""
    shares = np.linspace(0.02, 0.95, _THRESHOLDS)
    thresholds = np.unique(np.quantile(difference[within_reach], shares))
    for threshold in [*thresholds, math.inf]:
        alike = (difference <= threshold) & within_reach
        alike[seed] = True
        _, labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=4)
        yield fill_holes(labels == labels[seed]) & within_reach


def _contrast(
    view: View, mask: BoolArray, difference: NDArray[np.float32], allowed: BoolArray
) -> float | None:
    """Return how clear the outline is, or None if there is no outline to speak of."""
    area = np.count_nonzero(mask)
    if area < _FEWEST_PIXELS or view.crossings(mask) > 0.6 * math.sqrt(area):
        return None
    bits = mask.astype(np.uint8)
    around = (cv2.dilate(bits, _CROSS, iterations=2) > 0) & ~mask
    rim = mask & (cv2.erode(bits, _CROSS, iterations=2, borderValue=1) == 0)
    outside = around & allowed
    if not around.any() or not rim.any():
        return None
    # Where the region ends at the outline of what was drawn before, that outline speaks for it.
    share_seen = np.count_nonzero(outside) / np.count_nonzero(around)
    step = float(difference[outside].mean() - difference[rim].mean()) if share_seen else 0.0
    step = step * share_seen + _CONTRAST_OF_OUTLINE * (1.0 - share_seen)
    return step / (_UNEVENNESS_IGNORED + float(difference[mask].std()))


def _plausibility(area_px: float, ground: Ground) -> float:
    if ground.usual_area_px is None:
        return float(area_px**_LIKES_LARGE)
    return float(min(1.0, ground.usual_area_px / area_px) ** _LIKES_USUAL)


def fill_holes(mask: BoolArray) -> BoolArray:
    """Return the mask with everything that it encloses."""
    padded = np.pad(mask.astype(np.uint8), 1)
    cv2.floodFill(padded, None, (0, 0), 2)
    return np.asarray(padded[1:-1, 1:-1] != 2)
