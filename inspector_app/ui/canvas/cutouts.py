"""Small pictures of what is on the canvas."""

from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.ui.canvas.view import Canvas

CUTOUT_PX = 256
"""Longest side of a cut-out."""
_MARGIN = 0.35
_SMALLEST_PX = 64


def cut_out(canvas: Canvas, box: Box) -> bytes | None:
    """Return a PNG file of a box and what is around it; None without an image."""
    size = canvas.image_size
    around = _with_surroundings(box, size.width(), size.height())
    pixels = canvas.pixels(around) if around is not None else None
    if around is None or pixels is None:
        return None
    shrink = min(1.0, CUTOUT_PX / max(around.width, around.height))
    smaller = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".png", cv2.cvtColor(smaller, cv2.COLOR_RGB2BGR))[1])


def _with_surroundings(box: Box, width: int, height: int) -> Box | None:
    """Return the box with a margin, no smaller than lets a defect be seen in its place."""
    wide = max(_SMALLEST_PX, round(box.width * (1 + 2 * _MARGIN)))
    high = max(_SMALLEST_PX, round(box.height * (1 + 2 * _MARGIN)))
    left = (box.left + box.right - wide) // 2
    top = (box.top + box.bottom - high) // 2
    inside = (max(0, left), max(0, top), min(width, left + wide), min(height, top + high))
    return Box(*inside) if inside[0] < inside[2] and inside[1] < inside[3] else None
