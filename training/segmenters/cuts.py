"""OpenCV's GrabCut, given little to decide: inside a box, or in a band along an outline."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.memory import is_out_of_memory
from training.segmenters.base import box_of
from training.segmenters.views import Pyramid, View

_SIDE_PX = 192
_BAND = 0.08
"""Half the width of the band, as a share of the square root of the mask's area, for clicks."""
_NARROWEST_BAND_PX = 2
_CORE = 0.6
"""This share of a mask's depth is left alone, however slender it is."""
_SURROUNDINGS = 0.3
"""How much of the surroundings a cut sees, as a share of the mask's longer side."""
_FEWEST_SURROUNDINGS_PX = 12
_ITERATIONS = 1
"""More let the colours wander away from what was shown."""
_SURE_IN_BOX = 0.6
"""Axes of the ellipse that belongs, as a share of the box's sides."""
_LARGEST_LOOSE_PART = 0.05
"""Parts of a box's content below this share of it are dust."""

TriMap = NDArray[np.uint8]
"""GC_BGD, GC_FGD, GC_PR_BGD or GC_PR_FGD at every pixel."""


def cut_in_box(picture: Pyramid, box: Box) -> BoolArray:
    """Return the (H, W) mask of what a box is about; nothing outside of it is set."""
    view = View(picture, _with_surroundings(picture, box), _SIDE_PX)
    mask = _without_dust(_cut(view.rgb, _ellipses_in(view, box)))
    found = _on_picture(picture, view, mask)
    limited = np.zeros_like(found)
    part = slice(box.top, box.bottom), slice(box.left, box.right)
    limited[part] = found[part]
    return limited


def cut_in_band(
    picture: Pyramid, mask: BoolArray, points: Sequence[PromptPoint], *, band: float = _BAND
) -> BoolArray:
    """Return the (H, W) mask with its outline moved to edges nearby; clicked pixels are kept.

    Args:
        band: how far it may move, as a share of the square root of the mask's area.
    """
    if (box := box_of(mask)) is None:
        return mask
    view = View(picture, _with_surroundings(picture, box), _SIDE_PX)
    trimap = _band_about(view.reduce_mask(mask), band)
    for point in points:
        row, column = view.place_of(point.x, point.y)
        label = cv2.GC_FGD if point.label else cv2.GC_BGD
        cv2.circle(trimap, (column, row), 1, label, -1)
    cut = _on_picture(picture, view, _cut(view.rgb, trimap))
    for point in points:
        cut[int(point.y), int(point.x)] = bool(point.label)
    return cut


def parts_with(points: Sequence[PromptPoint], mask: BoolArray) -> BoolArray:
    """Return the connected parts of the mask that hold at least one of the points."""
    if (box := box_of(mask)) is None:
        return mask
    part = mask[box.top : box.bottom, box.left : box.right]
    _, labels = cv2.connectedComponents(part.astype(np.uint8), connectivity=4)
    inside = [p for p in points if box.contains(p.x, p.y)]
    wanted = {int(labels[int(p.y) - box.top, int(p.x) - box.left]) for p in inside} - {0}
    kept = np.zeros_like(mask)
    kept[box.top : box.bottom, box.left : box.right] = np.isin(labels, list(wanted))
    return kept


def _ellipses_in(view: View, box: Box) -> TriMap:
    """Return what a box says by itself: its middle belongs, its corners rather do not."""
    trimap = np.full(view.shape, cv2.GC_BGD, np.uint8)
    top, left = view.place_of(box.left, box.top)
    bottom, right = view.place_of(box.right, box.bottom)
    trimap[top : bottom + 1, left : right + 1] = cv2.GC_PR_BGD
    centre = (left + right) // 2, (top + bottom) // 2
    for share, label in ((1.0, cv2.GC_PR_FGD), (_SURE_IN_BOX, cv2.GC_FGD)):
        axes = int((right - left) / 2 * share), int((bottom - top) / 2 * share)
        cv2.ellipse(trimap, centre, axes, 0, 0, 360, label, cv2.FILLED)
    return trimap


def _band_about(mask: BoolArray, band: float) -> TriMap:
    bits = mask.astype(np.uint8)
    half_width = max(_NARROWEST_BAND_PX, band * math.sqrt(np.count_nonzero(mask)))
    # Padded as the picture would go on: its edge is no edge of the mask.
    padded = np.pad(bits, 1, mode="edge")
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    distance = cv2.distanceTransform(1 - bits, cv2.DIST_L2, 3)
    trimap = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[depth > min(half_width, _CORE * float(depth.max()))] = cv2.GC_FGD
    trimap[distance > half_width] = cv2.GC_BGD
    return np.asarray(trimap, dtype=np.uint8)


def _cut(rgb: RgbImage, trimap: TriMap) -> BoolArray:
    """Return what GrabCut takes for foreground; `trimap` is overwritten."""
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    no_box = (0, 0, 0, 0)
    mode = cv2.GC_INIT_WITH_MASK
    # Its colour models start from a random clustering; the same clicks give the same mask.
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(rgb, trimap, no_box, background, foreground, _ITERATIONS, mode)
    except cv2.error as error:
        if is_out_of_memory(error):
            raise
        # Without a single pixel on one side there is nothing to compare: the sketch stays.
    return np.asarray((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD))


def _on_picture(picture: Pyramid, view: View, mask: BoolArray) -> BoolArray:
    placed = np.zeros(picture.shape, bool)
    box = view.box
    placed[box.top : box.bottom, box.left : box.right] = view.enlarge_mask(mask)
    return placed


def _without_dust(mask: BoolArray) -> BoolArray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    is_kept = areas >= _LARGEST_LOOSE_PART * areas[1:].max(initial=0)
    is_kept[0] = False
    return np.asarray(is_kept[labels])


def _with_surroundings(picture: Pyramid, box: Box) -> Box:
    height, width = picture.shape
    margin = int(max(_FEWEST_SURROUNDINGS_PX, _SURROUNDINGS * max(box.width, box.height)))
    wider = Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
    return wider.clipped(width, height) or box
