"""Brush strokes as pixels: which ones a round brush of a size covers on its way."""

import math

import numpy as np

from inspector_app.domain.geometry import Box, PointXY
from inspector_app.ui.canvas.arrays import Pixels

_SHORTEST_WAY_PX = 0.001
"""Less than this is standing still, and dividing by its square would lose all precision."""


def snapped(x: float, y: float, diameter_px: int) -> PointXY:
    """Return the centre a brush takes: on a pixel for odd sizes, on a corner for even ones.

    So a brush of size 1 always covers the pixel under the cursor, and every size
    covers the same number of pixels wherever it is.
    """
    if diameter_px % 2:
        return math.floor(x) + 0.5, math.floor(y) + 0.5
    return float(round(x)), float(round(y))


def dab(
    pixels: Pixels, start: PointXY, end: PointXY, *, diameter_px: int, value: int
) -> Box | None:
    """Set the pixels whose centre is within half the diameter of the way from start to end.

    Args:
        pixels: (H, W), changed in place.
        start: x, y in pixel-edge coordinates, see `snapped`; likewise `end`.

    Returns:
        A box around what may have changed, None if the brush is outside the image.
    """
    height, width = pixels.shape
    radius = diameter_px / 2
    box = Box.around(
        (min(start[0], end[0]) - radius, min(start[1], end[1]) - radius),
        (max(start[0], end[0]) + radius, max(start[1], end[1]) + radius),
    ).clipped(width, height)
    if box is None:
        return None
    x = np.arange(box.left, box.right, dtype=np.float32)[None, :] + np.float32(0.5 - start[0])
    y = np.arange(box.top, box.bottom, dtype=np.float32)[:, None] + np.float32(0.5 - start[1])
    way_x, way_y = end[0] - start[0], end[1] - start[1]
    length_squared = way_x**2 + way_y**2
    if length_squared > _SHORTEST_WAY_PX**2:
        along = np.clip((x * way_x + y * way_y) / length_squared, 0.0, 1.0)
        x, y = x - along * np.float32(way_x), y - along * np.float32(way_y)
    # Half a hundredth of a pixel: centres exactly on the rim count, whatever the rounding.
    covered = x**2 + y**2 <= np.float32((radius + 0.005) ** 2)
    pixels[box.top : box.bottom, box.left : box.right][covered] = value
    return box
