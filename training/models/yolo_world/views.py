"""Training pictures, varied as ultralytics varies them, with their boxes."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

from training.data.boxes import BoxBatch, Boxed, BoxedPictures, Boxes, collate_boxed
from training.data.loading import loader_of
from training.data.tiles import TileNumbers
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.parts import (
    Compose,
    Instances,
    Mosaic,
    RandomFlip,
    RandomHSV,
    RandomPerspective,
)

_WHOLE_AT_THE_END = 0.1
"""Share of the epochs without mosaics: whole pictures are what the network is used on."""
_SHIFT = 0.1
_HUE, _SATURATION, _BRIGHTNESS = 0.015, 0.5, 0.4


class Views(Dataset[Boxed]):
    """Pictures that follow from the seed and their number alone, however many there are.

    Every picture once in each pass, in an order of its own.
    """

    cache = "ram"
    """For ultralytics' mosaic: any picture is at hand, not only the last ones."""

    def __init__(self, boxed: BoxedPictures, config: YoloWorldConfig) -> None:
        self._boxed = boxed
        self._seed = config.seed
        self._mosaic_passes = round(config.epochs * (1 - _WHOLE_AT_THE_END))
        size_px = config.image_size_px
        colours = (_HUE, _SATURATION, _BRIGHTNESS) if config.colour_jitter else (0.0, 0.0, 0.0)
        flip = 0.5 if config.flips else 0.0
        self._mosaic = Mosaic(self, imgsz=size_px, p=config.mosaic)
        self._vary = Compose(
            [
                RandomPerspective(translate=_SHIFT, scale=config.scale, size=(size_px, size_px)),
                RandomHSV(*colours),
                RandomFlip(flip, "horizontal"),
                RandomFlip(flip, "vertical"),
            ]
        )

    def training_loader(self, batch_size: int) -> DataLoader[BoxBatch]:
        """Return other views on every pass, without the incomplete last batch if there are more."""
        return loader_of(self, batch_size, collate_boxed, sampler=TileNumbers(len(self)))

    def __len__(self) -> int:
        return len(self._boxed)

    def __getitem__(self, number: int) -> Boxed:
        with _seeded(self._seed, number):
            labels = self.get_image_and_label(self.picture_of(number))
            if number // len(self) < self._mosaic_passes:
                labels = self._mosaic(labels)
            return _boxed(self._vary(labels))

    def picture_of(self, number: int) -> int:
        """Return which picture a view is of, or its mosaic begins with."""
        done, place = divmod(number, len(self))
        order = np.random.default_rng((self._seed, done)).permutation(len(self))
        return int(order[place])

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        """Return a picture as ultralytics' transforms want it; the mosaic asks for others."""
        picture, boxes = self._boxed[index]
        shape = picture.shape[:2]
        instances = Instances(
            boxes.fractions.copy(),
            np.zeros((0, 1000, 2), np.float32),
            bbox_format="xywh",
            normalized=True,
        )
        return {
            "im_file": self._boxed.pictures.paths[index],
            "img": picture.copy(),
            "cls": boxes.places[:, None].copy(),
            "instances": instances,
            "ori_shape": shape,
            "resized_shape": shape,
            "ratio_pad": (1.0, 1.0),
        }


def _boxed(labels: dict[str, Any]) -> Boxed:
    picture, instances = labels["img"], labels["instances"]
    instances.convert_bbox("xywh")
    instances.normalize(picture.shape[1], picture.shape[0])
    places = labels["cls"].reshape(-1).astype(np.float32)
    return picture, Boxes(places, instances.bboxes.astype(np.float32))


@contextmanager
def _seeded(seed: int, number: int) -> Iterator[None]:
    """Draw what libraries draw from global generators from the seed and the number."""
    kept, kept_numpy = random.getstate(), np.random.get_state()
    drawn = np.random.SeedSequence((seed, number)).generate_state(2).tolist()
    random.seed(drawn[0])
    np.random.seed(drawn[1])
    try:
        yield
    finally:
        random.setstate(kept)
        np.random.set_state(kept_numpy)
