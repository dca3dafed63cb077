"""Clicks as a careful operator would set them, for measuring a click model.

The usual protocol of interactive segmentation (Xu et al. 2016; Sofiiuk et al.
2021): the first click goes to the deepest point of the defect, each further
one to the deepest point of the largest error, positive where defect is missing
and negative where there is too much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.protocol.messages import ClickPoint

BoolImage = NDArray[np.bool_]
Segmenter = Callable[[tuple[ClickPoint, ...]], BoolImage]
"""Gives the (H, W) mask for the clicks so far."""


@dataclass(frozen=True, slots=True)
class ClickTrace:
    """How a mask came closer to the defect, click by click."""

    ious: tuple[float, ...]
    """After each click; the last one is repeated once nothing is left to mend."""
    mask: BoolImage


def simulate_clicks(target: BoolImage, segment: Segmenter, *, click_count: int) -> ClickTrace:
    """Click until the mask equals the target or all clicks are spent.

    Args:
        target: (H, W), not empty.
    """
    points: tuple[ClickPoint, ...] = ()
    ious: list[float] = []
    mask = np.zeros_like(target)
    while len(ious) < click_count and (click := next_click(target, mask)) is not None:
        points = (*points, click)
        mask = segment(points)
        ious.append(iou(target, mask))
    ious += [ious[-1]] * (click_count - len(ious))
    return ClickTrace(tuple(ious), mask)


def next_click(target: BoolImage, mask: BoolImage) -> ClickPoint | None:
    """Return the click that mends the largest error, None if there is none."""
    missing, missing_px = largest_part(target & ~mask)
    surplus, surplus_px = largest_part(mask & ~target)
    if missing_px == surplus_px == 0:
        return None
    if missing_px >= surplus_px:
        x, y = deepest_point(missing)
        return ClickPoint(x=x, y=y, label=1)
    x, y = deepest_point(surplus)
    return ClickPoint(x=x, y=y, label=0)


def largest_part(image: BoolImage) -> tuple[BoolImage, int]:
    """Return the largest connected part and its size in px."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(image.astype(np.uint8))
    if count < 2:
        return np.zeros_like(image), 0
    areas = stats[1:, cv2.CC_STAT_AREA]
    return labels == 1 + int(areas.argmax()), int(areas.max())


def deepest_point(image: BoolImage) -> tuple[float, float]:
    """Return x, y of the pixel farthest from the outside; the image's edge counts as outside."""
    padded = np.pad(image.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(x), float(y)


def iou(first: BoolImage, second: BoolImage) -> float:
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0


def mean_iou_after(traces: Sequence[ClickTrace], clicks: int) -> float:
    return float(np.mean([trace.ious[clicks - 1] for trace in traces]))
