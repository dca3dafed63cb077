"""Cleaning up a drafted mask: specks, holes, and more corners than anybody wants to edit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.opencv import cv2


@dataclass(frozen=True, slots=True)
class Tidying:
    """What is cleaned up; zeros leave a mask as it is."""

    tolerance_px: float = 0.0
    """How far the outline may move so that it needs fewer corners."""
    hole_px: int = 0
    """Holes up to this area are filled."""
    speck_px: int = 0
    """Parts up to this area are dropped, except for the largest."""


def tidied(mask: Mask, tidying: Tidying) -> Mask:
    """Return the mask cleaned up; the cost follows its box, not the image."""
    if (box := mask.box) is None or tidying == Tidying():
        return mask
    pixels = mask.crop(box)
    if tidying.speck_px:
        pixels = _without_specks(pixels, tidying.speck_px)
    if tidying.hole_px:
        pixels = _without_holes(pixels, tidying.hole_px)
    if tidying.tolerance_px:
        pixels = _with_fewer_corners(pixels, tidying.tolerance_px)
    return _placed(pixels, box, mask)


def _placed(pixels: BoolArray, box: Box, mask: Mask) -> Mask:
    return Mask.from_crop(pixels, box.left, box.top, height=mask.height, width=mask.width)


def _without_specks(pixels: BoolArray, largest_px: int) -> BoolArray:
    # Pixels that touch at a corner belong together: a thin scratch is one part.
    labels, areas = _parts(pixels.astype(np.uint8), connectivity=8)
    is_kept = areas > largest_px
    is_kept[1 + int(areas[1:].argmax())] = True
    is_kept[0] = False
    return np.asarray(is_kept[labels])


def _without_holes(pixels: BoolArray, largest_px: int) -> BoolArray:
    # Padded, so that everything outside is one part, the one in the corner.
    labels, areas = _parts(np.pad(~pixels, 1, constant_values=True).astype(np.uint8), 4)
    is_filled = areas <= largest_px
    is_filled[[0, labels[0, 0]]] = False
    return np.asarray(pixels | is_filled[labels[1:-1, 1:-1]])


def _parts(
    bits: NDArray[np.uint8], connectivity: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the label of each pixel and the area of each label; label 0 is what is unset."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bits, connectivity=connectivity)
    return np.asarray(labels, np.int32), np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32)


def _with_fewer_corners(pixels: BoolArray, tolerance_px: float) -> BoolArray:
    # Contours run through the outermost pixels, and filling takes those along: without
    # thinning this gives back the very same pixels.
    contours, _ = cv2.findContours(pixels.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    thinned = [cv2.approxPolyDP(contour, tolerance_px, True) for contour in contours]
    drawn = np.zeros(pixels.shape, np.uint8)
    cv2.drawContours(drawn, thinned, -1, 1, cv2.FILLED)
    return drawn > 0
