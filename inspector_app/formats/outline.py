"""A region as one polygon, for formats that hold nothing else."""

import math
from itertools import pairwise

import numpy as np

from inspector_app.domain.mask import Mask, Polygon


def single_outline(mask: Mask) -> Polygon:
    """Return one closed polygon along the pixel edges of a mask without holes.

    Separate parts are joined by bridges of no width, walked once in each direction, so that
    both the even-odd and the non-zero rule fill exactly the mask's pixels.
    """
    parts = _in_short_steps(mask.to_polygons())
    way_out: list[Polygon] = []
    way_back: list[Polygon] = []
    entry = 0
    for part, following in pairwise(parts):
        round_trip = np.roll(part, -entry, axis=0)
        leave = _nearest(round_trip, following.mean(axis=0))
        entry = _nearest(following, round_trip[leave])
        way_out.append(round_trip[: leave + 1])
        way_back.append(np.concatenate([round_trip[leave:], round_trip[:1]]))
    last = np.roll(parts[-1], -entry, axis=0)
    if not way_out:
        return last
    return np.concatenate([*way_out, last, last[:1], *reversed(way_back)])[:-1]


def _in_short_steps(parts: list[Polygon]) -> list[Polygon]:
    """Order the parts band by band, there and back like an ox with a plough."""
    corners = np.array([part.min(axis=0) for part in parts])
    band_px = max(1.0, math.sqrt(np.ptp(corners, axis=0).prod() / len(parts)))
    bands = (corners[:, 1] // band_px).astype(int)
    forth_and_back = np.where(bands % 2, -corners[:, 0], corners[:, 0])
    return [parts[index] for index in np.lexsort((forth_and_back, bands))]


def _nearest(part: Polygon, point: Polygon) -> int:
    return int(((part - point) ** 2).sum(axis=1).argmin())
