"""Regions of a project as the click network sees them: cropped, turned, lit otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.adapting import ClickRegion
from training.data.scenes.dataset import SceneDataset, mask_to_start_from
from training.segmenters.base import Recent
from training.segmenters.crops import Crop
from training.segmenters.picture import Picture
from training.segmenters.views import Pyramid

_TIGHTEST = 1.2
"""Of a crop, as a multiple of the region's longer side."""
_SCENES = 0.25
"""Share of made-up scenes, so that what it knew is not forgotten."""
_LIGHT = 0.15
"""How much brighter or darker a crop may become."""

View = tuple[RgbImage, BoolArray]
"""A square crop and the region in it."""


@dataclass(frozen=True, eq=False, slots=True)
class Clicked:
    """A region and the picture it lies in."""

    picture: Picture
    mask: BoolArray


def read_clicked(region: ClickRegion, pictures: Recent[Picture]) -> Clicked:
    """Return a region with its picture, decoded.

    Args:
        pictures: those read last: the next region often lies in the same one.

    Raises:
        BadDataError: if the image cannot be read, or has another size than the mask.
    """
    picture = pictures.get(Picture.at(Path(region.image_path)), lambda read: read)
    height, width = region.size
    if picture.rgb.shape[:2] != region.size:
        raise BadDataError(
            f"{picture.path}: has another size than the {width} × {height} px it was marked on",
            "put the earlier file back, or mark it again",
        )
    return Clicked(picture, Mask(height, width, region.counts).to_array())


def views_of(clicked: Clicked, count: int, rng: np.random.Generator) -> list[View]:
    """Return crops of a region from close by to all of the picture, as the program makes them."""
    rgb = clicked.picture.rgb
    rows, columns = np.nonzero(clicked.mask)
    shortest = min(rgb.shape[:2])
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    tight = min(shortest, max(48, int(_TIGHTEST * extent)))
    pyramid = Pyramid(rgb)
    views = []
    for side in np.geomspace(tight, shortest, count):
        # The middle of the region is somewhere about that of the crop.
        shift = rng.uniform(-0.25, 0.25, 2) * max(0.0, side - extent)
        middle = np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2 + shift
        views.append(_view(clicked.mask, pyramid, round(side), middle))
    return views


def _view(mask: BoolArray, pyramid: Pyramid, side: int, middle: NDArray[np.float64]) -> View:
    height, width = mask.shape
    top = int(np.clip(middle[0] - side / 2, 0, height - side))
    left = int(np.clip(middle[1] - side / 2, 0, width - side))
    crop = Crop.of(Box(left, top, left + side, top + side))
    return crop.pixels(pyramid), np.asarray(crop.reduced(mask) > 0.5)


@dataclass(frozen=True, eq=False, slots=True)
class ClickedDataset(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """`count` views, some of them made up: see `SceneDataset`."""

    views: Sequence[View]
    seed: int
    first: int
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        cv2.setNumThreads(0)
        number = self.first + index
        rng = np.random.default_rng((self.seed, number, 2))
        rgb, mask = self.views[int(rng.integers(len(self.views)))]
        if rng.random() < _SCENES or not mask.any():
            return SceneDataset(self.seed, number, 1, len(mask))[0]
        rgb, mask = _varied(rng, rgb, mask)
        image = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))
        start = mask_to_start_from(rng, mask)
        return image, torch.from_numpy(np.ascontiguousarray(mask)), torch.from_numpy(start)


def _varied(rng: np.random.Generator, rgb: RgbImage, mask: BoolArray) -> View:
    turns = int(rng.integers(4))
    rgb, mask = np.rot90(rgb, turns), np.rot90(mask, turns)
    if rng.random() < 0.5:
        rgb, mask = rgb[:, ::-1], mask[:, ::-1]
    light = 1 + rng.uniform(-_LIGHT, _LIGHT)
    return np.clip(rgb * light, 0, 255).astype(np.uint8), np.ascontiguousarray(mask)
