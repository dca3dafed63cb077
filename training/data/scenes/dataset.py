"""Scenes as a network is trained on them: cropped as the program crops, and never twice."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from training.data.scenes.fields import (
    Rng,
    as_field,
    between,
    blurred,
    chance,
    log_between,
    smooth_noise,
)
from training.data.scenes.scene import make_scene
from training.segmenters.base import box_of

_CLOSER = 0.45
"""Share of scenes that are seen from nearer, as after a first mask."""
_TOO_NEAR = 0.3
"""Share of these that show a part of the thing: at the first click nobody knows how large it is."""
_AS_DRAWN = 0.6
"""Share of scenes whose mask is what somebody would have drawn, not what there is."""
_GENEROUS = 0.7
"""Share of these that go beyond the thing rather than stay within it."""
_SLACK_PX, _SLACK = 1.0, 0.02
"""How far a drawn outline deviates: that many px, and that share of the root of the area."""
_MOST_OF_DEPTH = 0.4
"""Share of its greatest depth that is left out of a thing at most."""
_LEAST_PX = 24
_LEAST_AREA_KEPT = 0.8
_REDUCED = {1: 0.65, 1.5: 0.2, 2: 0.1, 3: 0.05}
"""How many times larger than it is shown a scene is made, and the share of such scenes.

Photos are mostly reduced: then edges are sharp and grain is fine. A network that had seen
scenes at their own size only found 0.35 IoU on reduced ones where it found 0.40 otherwise.
"""
_STARTS = {"rough": 0.15, "box": 0.08}
"""Share of scenes that begin with a mask drawn roughly, with a box; the others with a click."""


Part = tuple[slice, slice]


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
        rng = np.random.default_rng((self.seed, number, 1))
        times = rng.choice(list(_REDUCED), p=list(_REDUCED.values()))
        scene = make_scene((self.seed, number), round(self.side_px * times))
        rgb, there, drawn = scene.rgb, scene.mask, _as_drawn(rng, scene.mask)
        if chance(rng, _CLOSER):
            part = _too_near if chance(rng, _TOO_NEAR) else _about
            rows, columns = part(rng, drawn)
            rgb, there, drawn = rgb[rows, columns], there[rows, columns], drawn[rows, columns]
        start = mask_to_start_from(rng, there := _mask_resized(there, self.side_px))
        # Who draws a box, or roughly, wants what is there; who clicks on, an outline of their own.
        wanted = there if start.any() else _mask_resized(drawn, self.side_px)
        image = _resized(rgb, self.side_px).transpose(2, 0, 1)
        return (
            torch.from_numpy(np.ascontiguousarray(image)),
            torch.from_numpy(wanted),
            torch.from_numpy(start),
        )


def _as_drawn(rng: Rng, mask: BoolArray) -> BoolArray:
    """Return a mask as people outline what they see: mostly a little generously.

    Nobody can tell at the first click who draws how; the clicks that follow show it.
    """
    if not chance(rng, _AS_DRAWN):
        return mask
    depth, distance = (
        cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5) for part in (mask, ~mask)
    )
    deepest = float(depth.max())
    inside = np.where(mask, depth - 0.5, 0.5 - distance)
    offset = abs(rng.normal(0, _SLACK_PX + _SLACK * np.sqrt(mask.sum())))
    if not chance(rng, _GENEROUS):
        offset = -min(offset, _MOST_OF_DEPTH * deepest)
    hand = smooth_noise(rng, len(mask), (log_between(rng, 4, 30),) * 2)
    wavering = np.clip(hand, -1, 1) * abs(offset) * between(rng, 0, 0.6)
    # Corners are rounded, as far as that leaves lines what they are.
    rounded = blurred(as_field(inside), min(deepest / 3, log_between(rng, 0.1, 3.0)))
    drawn = rounded + wavering + offset > 0
    return np.asarray(drawn) if drawn.any() else mask


def _about(rng: Rng, mask: BoolArray) -> Part:
    """Return rows and columns of a square about the clicked thing."""
    side = len(mask)
    box = box_of(mask) or Box(0, 0, side, side)
    size = max(box.width, box.height) * log_between(rng, 1.15, 3.0)
    size = int(np.clip(size, _LEAST_PX, side))
    middle = np.array([(box.left + box.right) / 2, (box.top + box.bottom) / 2])
    return _square(rng, middle, size, side)


def _too_near(rng: Rng, mask: BoolArray) -> Part:
    """Return rows and columns of a square that shows the clicked thing in part."""
    side = len(mask)
    box = box_of(mask) or Box(0, 0, side, side)
    size = int(np.clip(max(box.width, box.height) * log_between(rng, 0.25, 1.0), _LEAST_PX, side))
    rows, columns = np.nonzero(mask)
    chosen = int(rng.integers(len(rows))) if len(rows) else 0
    place = np.array([columns[chosen], rows[chosen]]) if len(rows) else np.array([side, side]) / 2
    return _square(rng, place, size, side)


def _square(rng: Rng, middle: NDArray[np.float64], size: int, side: int) -> Part:
    corner = middle - size * rng.uniform(0.4, 0.6, 2)
    left, top = (int(v) for v in np.clip(corner, 0, side - size))
    return slice(top, top + size), slice(left, left + size)


def _resized(values: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a square image or coverage with sides of that many px."""
    if len(values) == side:
        return values
    how = cv2.INTER_AREA if len(values) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (side, side), interpolation=how), dtype=np.uint8)


def _mask_resized(mask: BoolArray, side: int) -> BoolArray:
    if len(mask) == side:
        return mask
    return _as_large(_resized(mask.astype(np.uint8) * 255, side))


def _as_large(coverage: NDArray[np.uint8]) -> BoolArray:
    """Return the mask of a coverage (0 … 255), without losing what is thinner than a pixel."""
    mask = np.asarray(coverage > 127)
    area = round(float(coverage.sum()) / 255)
    if mask.sum() >= _LEAST_AREA_KEPT * area:
        return mask
    level = np.partition(coverage, -area, axis=None)[-area]
    return np.asarray(coverage >= max(1, int(level)))


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
