"""Clicks as somebody gives them who sees a mask and knows the right one."""

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import PromptPoint
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2

_AIMED = 0.5
"""Share of clicks aimed at the middle. Where a click is then tells how far a thing goes on, on the
side where that can hardly be seen."""
_AIMED_DEPTH, _SURE_DEPTH = 0.9, 0.6
"""Shares of the greatest depth inside: aimed clicks lie that deep or deeper, and all others."""


def next_click(
    mask: BoolArray, truth: BoolArray, rng: np.random.Generator | None = None
) -> PromptPoint | None:
    """Return a click into the largest part where a mask is wrong; None if it is right.

    Args:
        rng: where in that part is left to chance; without it, the deepest place.
    """
    missing, surplus = _largest_part(truth & ~mask), _largest_part(mask & ~truth)
    is_missing = missing.sum() >= surplus.sum()
    wrong = missing if is_missing else surplus
    if not wrong.any():
        return None
    column, row = _place_in(wrong, rng)
    return PromptPoint(column, row, 1 if is_missing else 0)


def _largest_part(mask: BoolArray) -> BoolArray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not len(areas):
        return mask
    return np.asarray(labels == 1 + int(areas.argmax()))


def _place_in(part: BoolArray, rng: np.random.Generator | None) -> tuple[int, int]:
    """Return (x, y) of a pixel of the part, away from its outline."""
    depth = _depth_of(part)
    if rng is None:
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        return int(column), int(row)
    least = _AIMED_DEPTH if rng.random() < _AIMED else _SURE_DEPTH
    rows, columns = np.nonzero(depth >= least * depth.max())
    chosen = int(rng.integers(len(rows)))
    return int(columns[chosen]), int(rows[chosen])


def _depth_of(part: BoolArray) -> NDArray[np.float32]:
    # Padded: the picture's edge is an outline as well.
    padded = np.pad(part.astype(np.uint8), 1)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], dtype=np.float32)
