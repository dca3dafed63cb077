"""Tiles around drawn defects and of good background, and whole images with their labels."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import DatasetItem
from training.data.drawn import Answers, label_map, main_class
from training.data.loading import PassSampler, loader_of
from training.data.marked import MarkedPictures
from training.data.pictures import to_batch
from training.data.synthetic import with_defect

Labelled: TypeAlias = tuple[RgbImage, NDArray[np.uint8]]
LabelledBatch: TypeAlias = tuple[Tensor, Tensor]
"""Images (B, 3, H, W) float32 in [0, 1] and the places of their pixels' classes (B, H, W)."""


class WholeImages(Dataset[Labelled]):
    """Images that are looked at whole."""

    def loader(self, batch_size: int) -> DataLoader[LabelledBatch]:
        """Return whole images in order."""
        return loader_of(self, batch_size, collate_labelled)


class DrawnPictures(MarkedPictures, WholeImages):
    """The readable ones of a list of images, and what their pixels are."""

    def __init__(
        self, items: Sequence[DatasetItem], classes: Sequence[str], size_px: int, answers: Answers
    ) -> None:
        super().__init__(items, size_px)
        self._classes = classes
        self._answers = answers
        # Packed: whole maps of thousands of large images would not fit into memory.
        self._packed: dict[str, bytes] = {}
        self._main_classes: dict[str, str] = {}

    def keep_marks(self, item: DatasetItem) -> bool:
        labels = label_map(item, self._classes, self.size_px, self._answers)
        self._packed[item.image_path] = zlib.compress(labels.tobytes(), 1)
        self._main_classes[item.image_path] = main_class(item, self._answers)
        return bool(labels.any())

    def labels(self, index: int) -> NDArray[np.uint8]:
        """Return the places of the pixels' classes, (H, W)."""
        packed = self._packed.get(self.pictures.paths[index])
        shape = (self.size_px, self.size_px)
        if packed is None:
            return np.zeros(shape, np.uint8)
        return np.frombuffer(zlib.decompress(packed), np.uint8).reshape(shape)

    def defective(self) -> list[int]:
        """Return which images show a defect at this size."""
        return [index for index in range(len(self)) if self.labels(index).any()]

    def main_class(self, index: int) -> str:
        """Return the class that most of what is drawn is of, also where it vanishes; or good."""
        return self._main_classes.get(self.pictures.paths[index], GOOD)

    def __getitem__(self, index: int) -> Labelled:
        return self.pictures[index], self.labels(index)


class _Tile(NamedTuple):
    """Image, place and labels of a tile, and whether its defect is made up."""

    image: int
    top: int
    left: int
    labels: NDArray[np.uint8]
    is_made_up: bool


class Tiles(Dataset[Labelled]):
    """Tiles that follow from the seed and their number alone, however many there are.

    A tile around a defect has one of its pixels at a random place; one of good background lies
    anywhere in a good image, or in any image if there is no good one. A made-up defect, of class
    1, is put on a tile of background; without a drawn one all of them are made up.
    """

    def __init__(
        self,
        drawn: DrawnPictures,
        *,
        tile_px: int,
        per_image: int,
        background: float,
        seed: int,
        made_up: float = 0.0,
    ) -> None:
        """Choose the shares: `background` of all tiles, `made_up` of those with a defect."""
        self._drawn = drawn
        self._tile_px = tile_px
        self._background = background
        self._seed = seed
        self._defective = drawn.defective()
        self._made_up = made_up if self._defective else float(made_up > 0.0)
        self._good = drawn.good() or list(range(len(drawn)))
        self.count = per_image * len(drawn)
        """Tiles of one pass over the images."""

    def training_loader(self, batch_size: int) -> DataLoader[LabelledBatch]:
        """Return other tiles on every pass; see `loader_of`."""
        return loader_of(self, batch_size, collate_labelled, sampler=TileNumbers(self.count))

    def picture_of(self, number: int) -> int:
        """Return which picture a tile is cut from."""
        return self._choose(number).image

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Labelled:
        return self.__getitems__([number])[0]

    def __getitems__(self, numbers: list[int]) -> list[Labelled]:
        chosen = [self._choose(number) for number in numbers]
        pictures = self._drawn.pictures.__getitems__([index for index, *_ in chosen])
        return [
            self._cut(picture, tile, number)
            for picture, tile, number in zip(pictures, chosen, numbers, strict=True)
        ]

    def _choose(self, number: int) -> _Tile:
        rng = np.random.default_rng((self._seed, number))
        has_defect = bool(self._defective or self._made_up) and rng.random() >= self._background
        is_made_up = has_defect and self._made_up > 0.0 and rng.random() < self._made_up
        if has_defect and not is_made_up:
            index = int(rng.choice(self._defective))
            labels = self._drawn.labels(index)
            top, left = self._around_defect(labels, rng)
        else:
            index = int(rng.choice(self._good))
            labels = self._drawn.labels(index)
            top, left = (int(v) for v in rng.integers(0, self._last_start + 1, 2))
        cut = labels[top : top + self._tile_px, left : left + self._tile_px]
        return _Tile(index, top, left, cut, is_made_up)

    def _cut(self, picture: RgbImage, tile: _Tile, number: int) -> Labelled:
        _, top, left, labels, is_made_up = tile
        cut = picture[top : top + self._tile_px, left : left + self._tile_px]
        if not is_made_up:
            return cut, labels
        changed, mask = with_defect(cut, (self._seed, number, 1))
        return changed, np.where(mask, np.uint8(1), labels)

    def _around_defect(
        self, labels: NDArray[np.uint8], rng: np.random.Generator
    ) -> tuple[int, int]:
        # Types first: a large stain must not keep the scratch beside it from being seen.
        types = np.unique(labels)
        rows, columns = np.nonzero(labels == rng.choice(types[types > 0]))
        pixel = int(rng.integers(len(rows)))
        shift_y, shift_x = rng.integers(0, self._tile_px, 2)
        top = int(np.clip(rows[pixel] - shift_y, 0, self._last_start))
        left = int(np.clip(columns[pixel] - shift_x, 0, self._last_start))
        return top, left

    @property
    def _last_start(self) -> int:
        return self._drawn.size_px - self._tile_px


class TileNumbers(PassSampler):
    """Numbers of tiles, other ones on every pass."""

    def order(self, number: int) -> Sequence[int]:
        return range(number * len(self), (number + 1) * len(self))


def collate_labelled(examples: Sequence[Labelled]) -> LabelledBatch:
    """Return images and labels as one batch."""
    images = to_batch([picture for picture, _ in examples])
    labels = torch.from_numpy(np.stack([labels for _, labels in examples]).astype(np.int64))
    return images, labels
