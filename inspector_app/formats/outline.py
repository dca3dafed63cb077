"""A region as one polygon, for formats that hold nothing else."""

import numpy as np

from inspector_app.domain.mask import Mask, Polygon


def without_holes(mask: Mask) -> Mask:
    """Return the mask with every hole filled."""
    outlines = mask.outlines()
    outer = [polygon.ravel().tolist() for polygon, is_hole in outlines if not is_hole]
    if len(outer) == len(outlines):
        return mask
    return Mask.from_polygons(outer, height=mask.height, width=mask.width)


def single_outline(mask: Mask) -> Polygon:
    """Return one closed polygon along the pixel edges of a mask without holes.

    Separate parts are joined by bridges of no width, walked once in each direction, so that
    both the even-odd and the non-zero rule fill exactly the mask's pixels.
    """
    # Left to right, so that each bridge is short.
    parts = sorted(mask.to_polygons(), key=lambda part: tuple(part.min(axis=0)))
    way_out: list[Polygon] = []
    way_back: list[Polygon] = []
    entry = 0
    for part, following in zip(parts, parts[1:], strict=False):
        round_trip = np.roll(part, -entry, axis=0)
        leave = _nearest(round_trip, following.mean(axis=0))
        entry = _nearest(following, round_trip[leave])
        way_out.append(round_trip[: leave + 1])
        way_back.append(np.concatenate([round_trip[leave:], round_trip[:1]]))
    last = np.roll(parts[-1], -entry, axis=0)
    if not way_out:
        return last
    return np.concatenate([*way_out, last, last[:1], *reversed(way_back)])[:-1]


def _nearest(part: Polygon, point: Polygon) -> int:
    return int(((part - point) ** 2).sum(axis=1).argmin())
