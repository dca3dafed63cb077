"""Scenes as a network is trained on them: cropped as the program crops, and never twice."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.data.scenes.fields import Rng, between, chance, log_between
from training.data.scenes.scene import make_scene
from training.segmenters.base import box_of

_CLOSER = 0.45
"""Share of scenes that are seen from nearer, as after a first mask."""
_LEAST_PX = 24
_STARTS = {"rough": 0.15, "box": 0.08}
"""Share of scenes that begin with a mask drawn roughly, with a box; the others with a click."""


@dataclass(frozen=True, slots=True)
class SceneDataset(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """`count` scenes: image (3, S, S) uint8, wanted mask (S, S) bool, mask to start from."""

    seed: int
    first: int
    count: int
    side_px: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        # Its own thread pool beside those of torch only takes turns with them.
        cv2.setNumThreads(0)
        number = self.first + index
        scene = make_scene((self.seed, number), self.side_px)
        rng = np.random.default_rng((self.seed, number, 1))
        rgb, mask = scene.rgb, scene.mask
        if chance(rng, _CLOSER):
            rgb, mask = _closer(rng, rgb, mask)
        image = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))
        return image, torch.from_numpy(mask), torch.from_numpy(mask_to_start_from(rng, mask))


def _closer(rng: Rng, rgb: RgbImage, mask: BoolArray) -> tuple[RgbImage, BoolArray]:
    """Return the part of a scene about the clicked thing at the scene's size."""
    side = len(mask)
    box = box_of(mask) or Box(0, 0, side, side)
    size = max(box.width, box.height) * log_between(rng, 1.15, 3.0)
    size = int(np.clip(size, _LEAST_PX, side))
    middle = np.array([(box.left + box.right) / 2, (box.top + box.bottom) / 2])
    corner = middle - size * rng.uniform(0.4, 0.6, 2)
    left, top = (int(v) for v in np.clip(corner, 0, side - size))
    part = slice(top, top + size), slice(left, left + size)
    whole = (side, side)
    near = cv2.resize(rgb[part], whole, interpolation=cv2.INTER_LINEAR)
    soft = cv2.resize(mask[part].astype(np.uint8) * 255, whole, interpolation=cv2.INTER_LINEAR)
    return np.asarray(near, dtype=np.uint8), np.asarray(soft > 127)


def mask_to_start_from(rng: Rng, mask: BoolArray) -> BoolArray:
    """Return what is there before the first click: mostly nothing."""
    drawn = rng.random()
    if drawn < _STARTS["box"]:
        return _boxed(rng, mask)
    if drawn < _STARTS["box"] + _STARTS["rough"]:
        return _rough(rng, mask)
    return np.zeros_like(mask)


def _boxed(rng: Rng, mask: BoolArray) -> BoolArray:
    start = np.zeros_like(mask)
    if (box := box_of(mask)) is None:
        return start
    slack = max(1.0, 0.08 * max(box.width, box.height))
    edges = np.array([box.top, box.bottom, box.left, box.right]) + rng.normal(0, slack / 2, 4)
    top, bottom, left, right = (int(v) for v in np.clip(np.round(edges), 0, len(mask)))
    start[top:bottom, left:right] = True
    return start


def _rough(rng: Rng, mask: BoolArray) -> BoolArray:
    """Return the mask as a hasty hand draws it: too large, too small, beside."""
    reach = max(1, int(np.sqrt(mask.sum()) * between(rng, 0.02, 0.3)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    change = cv2.dilate if chance(rng, 0.7) else cv2.erode
    drawn = change(mask.astype(np.uint8), kernel)
    if not drawn.any():
        drawn = mask.astype(np.uint8)
    moved = np.roll(drawn, rng.integers(-reach, reach + 1, 2) // 2, (0, 1))
    return np.asarray(moved > 0)
