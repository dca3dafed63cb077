"""Images with a box around each drawn defect."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inspector_app.domain.dataset import DEFECTIVE, GOOD
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import DatasetItem, DrawnBox
from training.data.drawn import Answers, main_class, masks_of, pixels_of
from training.data.loading import loader_of
from training.data.marked import MarkedPictures
from training.data.pictures import to_batch


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of one image."""

    places: NDArray[np.float32]
    """Of their classes among those of defects, (N,)."""
    fractions: NDArray[np.float32]
    """Centre x, centre y, width, height as fractions of the image, (N, 4)."""

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Found:
    """The boxes of one image, the surest first."""

    edges: Tensor
    """Left, top, right, bottom in pixels of the model's input, inside the image, (N, 4)."""
    confidences: Tensor
    """In [0, 1], (N,)."""
    places: Tensor
    """Of their classes among all of them; 0 is good and never found. (N,), int64."""


Boxed: TypeAlias = tuple[RgbImage, Boxes]
BoxBatch: TypeAlias = dict[str, Tensor]
"""``img`` (B, 3, H, W) float32 in [0, 1]; of all boxes of the batch ``batch_idx`` (M,), which
image, ``cls`` (M, 1), the place of the class, ``bboxes`` (M, 4), fractions: ultralytics' names."""

NO_BOXES = Boxes(np.zeros(0, np.float32), np.zeros((0, 4), np.float32))


class BoxedPictures(MarkedPictures, Dataset[Boxed]):
    """The readable ones of a list of images, and the boxes of their defects."""

    def __init__(
        self, items: Sequence[DatasetItem], classes: Sequence[str], size_px: int, answers: Answers
    ) -> None:
        """Take images; `classes` begin with good."""
        super().__init__(items, size_px)
        self._places = {name: place for place, name in enumerate(classes[1:])}
        self._answers = answers
        self._boxes: dict[str, Boxes] = {}
        self._main_classes: dict[str, str] = {}

    def keep_marks(self, item: DatasetItem) -> bool:
        boxes = self._boxes_of(item)
        self._boxes[item.image_path] = boxes
        self._main_classes[item.image_path] = main_class(item, self._answers)
        return bool((boxes.fractions[:, 2:] * self.size_px >= 1).all(1).any())

    def _boxes_of(self, item: DatasetItem) -> Boxes:
        if item.mask_size is None:
            return NO_BOXES
        drawn = drawn_boxes(item, self._answers)
        height, width = item.mask_size
        edges = np.array([(b.left, b.top, b.right, b.bottom) for b in drawn], np.float32)
        left, top, right, bottom = (edges / (width, height, width, height)).clip(0, 1).T
        fractions = np.stack(
            ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top), axis=1
        )
        places = np.array([self._places[box.class_name] for box in drawn], np.float32)
        return Boxes(places, fractions.astype(np.float32))

    def boxes(self, index: int) -> Boxes:
        """Return the boxes of an image; none of a good one."""
        return self._boxes.get(self.pictures.paths[index], NO_BOXES)

    def usual_size(self) -> tuple[float, float]:
        """Return the median width and height of the boxes in pixels, or a tenth of the image."""
        sizes = [boxes.fractions[:, 2:] for boxes in self._boxes.values() if len(boxes)]
        usual = np.median(np.concatenate(sizes), axis=0) if sizes else np.full(2, 0.1)
        width, height = (usual * self.size_px).tolist()
        return width, height

    def main_class(self, index: int) -> str:
        """Return the class that most of what is drawn is of, or good."""
        return self._main_classes.get(self.pictures.paths[index], GOOD)

    def loader(self, batch_size: int) -> DataLoader[BoxBatch]:
        """Return whole images in order."""
        return loader_of(self, batch_size, collate_boxed)

    def __getitem__(self, index: int) -> Boxed:
        return self.pictures[index], self.boxes(index)


def drawn_boxes(item: DatasetItem, answers: Answers) -> list[DrawnBox]:
    """Return a box for each region; where only pixels are known, for each connected patch.

    Raises:
        BadDataError: naming the image, if a mask is damaged.
    """
    if not item.boxes:
        masks = masks_of(item, answers)
        return [box for name in masks for box in _patches(name, pixels_of(item, masks[name]))]
    if any(box.right <= box.left or box.bottom <= box.top for box in item.boxes):
        raise BadDataError(f"{item.image_path}: a box has no area", "draw its defects again")
    if answers == "types":
        return list(item.boxes)
    return [box.model_copy(update={"class_name": DEFECTIVE}) for box in item.boxes]


def _patches(class_name: str, mask: NDArray[np.bool_]) -> list[DrawnBox]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    # The first one is the background.
    return [
        DrawnBox(class_name=class_name, left=x, top=y, right=x + width, bottom=y + height)
        for x, y, width, height, _ in stats[1:].tolist()
    ]


def collate_boxed(examples: Sequence[Boxed]) -> BoxBatch:
    """Return images and boxes as one batch."""
    counts = torch.tensor([len(boxes) for _, boxes in examples])
    places = np.concatenate([boxes.places for _, boxes in examples])
    fractions = np.concatenate([boxes.fractions for _, boxes in examples])
    return {
        "img": to_batch([picture for picture, _ in examples]),
        "batch_idx": torch.arange(len(examples)).repeat_interleave(counts),
        "cls": torch.from_numpy(places)[:, None],
        "bboxes": torch.from_numpy(fractions),
    }


def cut_boxed(batch: BoxBatch, parts: int) -> list[BoxBatch]:
    """Return so many parts of a batch, alike in size, or as many as it has images."""
    images = batch["img"].tensor_split(min(parts, len(batch["img"])))
    found, first = [], 0
    for part in images:
        place = batch["batch_idx"]
        within = (place >= first) & (place < first + len(part))
        found.append(
            {
                "img": part,
                "batch_idx": place[within] - first,
                "cls": batch["cls"][within],
                "bboxes": batch["bboxes"][within],
            }
        )
        first += len(part)
    return found
