"""SAM's small logits to masks at the picture's size, computed only where a mask is.

The same two bilinear steps as segment-anything's `Sam.postprocess_masks`; that one enlarges
three whole pictures, which at 4096² takes longer than the network.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from training.segmenters.base import box_of

SIDE_PX = 1024
"""The longer side of the picture as SAM's networks see it."""
LOGITS_PX = 256
"""Of their answers: a quarter of `SIDE_PX`."""
_WHOLE_FROM_PX = 1_000_000
"""Masks larger than this are enlarged together with everything around them."""


def reduced_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of a picture whose longer side is reduced or enlarged to 1024."""
    scale = SIDE_PX / max(size)
    return int(size[0] * scale + 0.5), int(size[1] * scale + 0.5)


def upscaled_masks(logits: NDArray[np.float32], size: tuple[int, int]) -> list[BoolArray]:
    """Return (H, W) masks of a picture for logits (C, 256, 256)."""
    middle = torch.nn.functional.interpolate(
        torch.from_numpy(logits)[:, None], (SIDE_PX, SIDE_PX), mode="bilinear", align_corners=False
    )
    height, width = reduced_size(size)
    return [_upscaled(one[0, :height, :width].numpy(), size) for one in middle]


def _upscaled(logits: NDArray[np.float32], size: tuple[int, int]) -> BoolArray:
    mask = np.zeros(size, bool)
    if (box := box_of(logits > 0)) is None:
        return mask
    if box.area * (size[0] / logits.shape[0]) ** 2 > _WHOLE_FROM_PX:
        # Exact for every size, and quicker per pixel, but for the whole picture only.
        return np.asarray(
            cv2.resize(logits, size[::-1], interpolation=cv2.INTER_LINEAR) > 0, np.bool_
        )
    rows = _Axis(logits.shape[0], size[0], box.top, box.bottom)
    columns = _Axis(logits.shape[1], size[1], box.left, box.right)
    along = _blended(logits, rows)
    mask[rows.target, columns.target] = _blended(along.T, columns).T > 0
    return mask


class _Axis:
    """The pixels along one axis that a run of reduced pixels can reach, and what they mix."""

    def __init__(self, reduced: int, full: int, start: int, end: int) -> None:
        scale = reduced / full
        first = max(0, int((start - 1) / scale))
        last = min(full, int((end + 1) / scale) + 1)
        self.target = slice(first, last)
        places = np.maximum((np.arange(first, last) + 0.5) * scale - 0.5, 0.0)
        self.lower = np.minimum(places.astype(np.intp), reduced - 1)
        self.upper = np.minimum(self.lower + 1, reduced - 1)
        self.share = (places - self.lower).astype(np.float32)[:, None]


def _blended(values: NDArray[np.float32], axis: _Axis) -> NDArray[np.float32]:
    return np.asarray(values[axis.lower] * (1 - axis.share) + values[axis.upper] * axis.share)
