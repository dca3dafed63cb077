"""Tiles around drawn defects and of good background, and whole images with their labels."""

import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import DatasetItem
from training.data.drawn import Answers, label_map, main_class
from training.data.pictures import Pictures, to_batch
from training.data.synthetic import with_defect

_log = logging.getLogger(__name__)

Labelled: TypeAlias = tuple[RgbImage, NDArray[np.uint8]]
LabelledBatch: TypeAlias = tuple[Tensor, Tensor]
"""Images (B, 3, H, W) float32 in [0, 1] and the places of their pixels' classes (B, H, W)."""


class WholeImages(Dataset[Labelled]):
    """Images that are looked at whole."""

    def loader(self, batch_size: int) -> DataLoader[LabelledBatch]:
        """Return whole images in order."""
        return DataLoader(
            self,  # type: ignore[arg-type]  # what a loader yields is its collate function's
            batch_size,
            collate_fn=collate_labelled,
            num_workers=0,
        )


class DrawnPictures(WholeImages):
    """The readable ones of a list of images, and what their pixels are."""

    def __init__(
        self, items: Sequence[DatasetItem], classes: Sequence[str], size_px: int, answers: Answers
    ) -> None:
        self._items = items
        self._classes = classes
        self._answers = answers
        self.size_px = size_px
        self.pictures = Pictures([], size_px)
        # Packed: whole maps of thousands of large images would not fit into memory.
        self._packed: dict[str, bytes] = {}
        self._main_classes: dict[str, str] = {}
        self._damaged: list[str] = []

    def read(self, on_read: Callable[[int], None]) -> None:
        """Decode every mask and every file once; what is damaged is logged and left out.

        Args:
            on_read: called with the number of files gone through; may raise to end it.
        """
        for item in self._items:
            on_read(0)
            if item.is_defective:
                self._pack(item)
        usable = [i.image_path for i in self._items if i.image_path not in self._damaged]
        self.pictures = Pictures(usable, self.size_px)
        self.pictures.read(on_read)

    @property
    def skipped(self) -> list[str]:
        """What could not be read."""
        return self._damaged + self.pictures.skipped

    def _pack(self, item: DatasetItem) -> None:
        try:
            labels = label_map(item, self._classes, self.size_px, self._answers)
        except BadDataError as error:
            _log.warning("image left out: %s", error)
            self._damaged.append(item.image_path)
        else:
            self._packed[item.image_path] = zlib.compress(labels.tobytes(), 1)
            self._main_classes[item.image_path] = main_class(item, self._answers)
            if not labels.any():
                size = f"{self.size_px} x {self.size_px} px"
                _log.warning("%s: its defects vanish at %s", item.image_path, size)

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

    def good(self) -> list[int]:
        """Return which images are of good parts."""
        return [index for index in range(len(self)) if not self.is_defective(index)]

    def is_defective(self, index: int) -> bool:
        return self.pictures.paths[index] in self._packed

    def main_class(self, index: int) -> str:
        """Return the class that most of what is drawn is of, also where it vanishes; or good."""
        return self._main_classes.get(self.pictures.paths[index], GOOD)

    def __len__(self) -> int:
        return len(self.pictures)

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
        """Return other tiles on every pass, without the incomplete last batch if there are more."""
        return DataLoader(
            self,  # type: ignore[arg-type]  # what a loader yields is its collate function's
            batch_size,
            sampler=TileNumbers(self.count),
            drop_last=self.count > batch_size,
            collate_fn=collate_labelled,
            num_workers=0,
        )

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


class TileNumbers(Sampler[int]):
    """Numbers of tiles, other ones on every pass; Lightning chooses the pass by `set_epoch`."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pass = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the next pass, counted from 0; by default the one after."""
        self._pass = epoch

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        first = self._pass * self._count
        self._pass += 1
        return iter(range(first, first + self._count))


def collate_labelled(examples: Sequence[Labelled]) -> LabelledBatch:
    """Return images and labels as one batch."""
    images = to_batch([picture for picture, _ in examples])
    labels = torch.from_numpy(np.stack([labels for _, labels in examples]).astype(np.int64))
    return images, labels
