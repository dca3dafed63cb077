"""Shapes of strangers' files as outlines: turned boxes and ellipses."""

import math
from collections.abc import Sequence

from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImportedRegion
from inspector_app.formats.reading import canonical, mask_from_polygons

Point = tuple[float, float]
_ELLIPSE_CORNERS = 72


def turned(points: Sequence[Point], centre: Point, angle_deg: float) -> list[Point]:
    """Return the points turned clockwise on screen around the centre."""
    turn = math.radians(angle_deg)
    cosine, sine = math.cos(turn), math.sin(turn)
    x, y = centre
    return [
        (x + cosine * (px - x) - sine * (py - y), y + sine * (px - x) + cosine * (py - y))
        for px, py in points
    ]


def corners(left: float, top: float, right: float, bottom: float) -> list[Point]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def ellipse(centre: Point, radius_x: float, radius_y: float, angle_deg: float = 0.0) -> list[Point]:
    """Return an outline of 72 corners on the ellipse."""
    x, y = centre
    turns = (2 * math.pi * number / _ELLIPSE_CORNERS for number in range(_ELLIPSE_CORNERS))
    points = [(x + radius_x * math.cos(turn), y + radius_y * math.sin(turn)) for turn in turns]
    return turned(points, centre, angle_deg)


def outline_mask(points: Sequence[Point], *, width: int, height: int) -> Mask:
    """Return the pixels inside an outline.

    Raises:
        ValueError: if it is no outline.
    """
    flat = [coordinate for point in points for coordinate in point]
    return mask_from_polygons([flat], width=width, height=height)


def masked_region(class_name: str, mask: Mask, *, is_ignored: bool = False) -> ImportedRegion:
    """Return the region of a mask.

    Raises:
        ValueError: if it has no pixel.
    """
    if mask.box is None:
        raise ValueError("it covers no pixel of the image")
    return ImportedRegion(class_name, mask.box, canonical(mask), is_ignored)
