"""Prompts as SAM's prompt encoder takes them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.opencv import cv2
from training.segmenters.base import Prompts
from training.segmenters.upscaling import LOGITS_PX, SIDE_PX, reduced_size

_MOST_ROUGH_POINTS = 3
_ROUGH_MARGIN = 0.1
"""Of the longer side: what was drawn roughly may reach a little further than was drawn."""
_ROUGH_LOGIT = 8.0
"""SAM's own masks reach about ±10 to ±20; a hand is less sure."""


@dataclass(frozen=True, eq=False, slots=True)
class SamPrompts:
    """In the coordinates of the reduced picture, whose longer side is 1024."""

    points: Tensor | None  # (1, N, 2)
    labels: Tensor  # (1, N)
    box: Tensor | None  # (1, 4)
    logits: Tensor | None  # (1, 1, 256, 256)


def sam_prompts(
    prompts: Prompts, size: tuple[int, int], refined: NDArray[np.float32] | None
) -> SamPrompts:
    """Translate prompts on a picture of (height, width) px.

    Args:
        refined: logits (256, 256) of an earlier answer.
    """
    rough = prompts.rough
    points = [*(_inside(rough) if rough else ()), *prompts.points]
    box = prompts.box or (_about(rough, size) if rough else None)
    if refined is None and rough is not None:
        refined = _rough_logits(rough, size)
    height, width = size
    new_height, new_width = reduced_size(size)
    scale = torch.tensor([new_width / width, new_height / height])
    clipped = box.clipped(width, height) if box else None
    return SamPrompts(
        torch.tensor([[(p.x, p.y) for p in points]]) * scale if points else None,
        torch.tensor([[p.label for p in points]], dtype=torch.int),
        _edges(clipped) * scale.repeat(2) if clipped else None,
        torch.from_numpy(refined.astype(np.float32))[None, None] if refined is not None else None,
    )


def _edges(box: Box) -> Tensor:
    return torch.tensor([[box.left, box.top, box.right, box.bottom]], dtype=torch.float32)


def _about(rough: Mask, size: tuple[int, int]) -> Box | None:
    if (box := rough.box) is None:
        return None
    margin = int(_ROUGH_MARGIN * max(box.width, box.height)) + 1
    wider = Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
    return wider.clipped(size[1], size[0])


def _inside(rough: Mask) -> list[PromptPoint]:
    """Return points that lie deep inside a mask and away from each other."""
    if (box := rough.box) is None:
        return []
    depth = cv2.distanceTransform(_padded(rough.crop(box)), cv2.DIST_L2, 3)
    found: list[PromptPoint] = []
    while len(found) < _MOST_ROUGH_POINTS and depth.max() > 0:
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        x, y = box.left + int(column) - 0.5, box.top + int(row) - 0.5
        found.append(PromptPoint(x, y, 1))
        away = max(2, min(depth.shape) // 2, int(depth[row, column]))
        cv2.circle(depth, (int(column), int(row)), away, 0.0, cv2.FILLED)
    return found


def _padded(pixels: BoolArray) -> NDArray[np.uint8]:
    return np.pad(pixels.astype(np.uint8), 1)


def _rough_logits(rough: Mask, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return (256, 256): sure inside, sure outside, undecided along the outline."""
    height, width = reduced_size(size)
    step = SIDE_PX // LOGITS_PX
    small = cv2.resize(
        rough.to_array().astype(np.float32),
        (max(1, width // step), max(1, height // step)),
        interpolation=cv2.INTER_AREA,
    )
    soft = cv2.GaussianBlur(small, (0, 0), 1.5)
    logits = np.full((LOGITS_PX, LOGITS_PX), -_ROUGH_LOGIT, np.float32)
    logits[: soft.shape[0], : soft.shape[1]] = (2.0 * soft - 1.0) * _ROUGH_LOGIT
    return logits
