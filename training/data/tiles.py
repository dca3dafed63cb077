"""Tiles around drawn defects and of good background, and whole images with their labels."""

import zlib
from collections.abc import Sequence
from typing import TypeAlias

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

Labelled: TypeAlias = tuple[RgbImage, NDArray[np.uint8]]
LabelledBatch: TypeAlias = tuple[Tensor, Tensor]
"""Images (B, 3, H, W) float32 in [0, 1] and the places of their pixels' classes (B, H, W)."""


class DrawnPictures(MarkedPictures, Dataset[Labelled]):
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

    def loader(self, batch_size: int) -> DataLoader[LabelledBatch]:
        """Return whole images in order."""
        return loader_of(self, batch_size, collate_labelled)

    def __getitem__(self, index: int) -> Labelled:
        return self.pictures[index], self.labels(index)


class Tiles(Dataset[Labelled]):
    """Tiles that follow from the seed and their number alone, however many there are.

    A tile around a defect has one of its pixels at a random place; one of good background lies
    anywhere in a good image, or in any image if there is no good one.
    """

    def __init__(
        self, drawn: DrawnPictures, *, tile_px: int, per_image: int, background: float, seed: int
    ) -> None:
        self._drawn = drawn
        self._tile_px = tile_px
        self._background = background
        self._seed = seed
        self._defective = drawn.defective()
        self._good = drawn.good() or list(range(len(drawn)))
        self.count = per_image * len(drawn)
        """Tiles of one pass over the images."""

    def training_loader(self, batch_size: int) -> DataLoader[LabelledBatch]:
        """Return other tiles on every pass; see `loader_of`."""
        return loader_of(self, batch_size, collate_labelled, sampler=TileNumbers(self.count))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Labelled:
        return self.__getitems__([number])[0]

    def __getitems__(self, numbers: list[int]) -> list[Labelled]:
        chosen = [self._choose(number) for number in numbers]
        pictures = self._drawn.pictures.__getitems__([index for index, *_ in chosen])
        return [
            (picture[top : top + self._tile_px, left : left + self._tile_px], labels)
            for picture, (_, top, left, labels) in zip(pictures, chosen, strict=True)
        ]

    def _choose(self, number: int) -> tuple[int, int, int, NDArray[np.uint8]]:
        """Return image, top, left and labels of a tile."""
        rng = np.random.default_rng((self._seed, number))
        if self._defective and rng.random() >= self._background:
            index = int(rng.choice(self._defective))
            labels = self._drawn.labels(index)
            top, left = self._around_defect(labels, rng)
        else:
            index = int(rng.choice(self._good))
            labels = self._drawn.labels(index)
            top, left = (int(v) for v in rng.integers(0, self._last_start + 1, 2))
        return index, top, left, labels[top : top + self._tile_px, left : left + self._tile_px]

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
