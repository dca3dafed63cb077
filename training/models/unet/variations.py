"""The tiles that a U-Net learns from, varied as the settings say, and examples of them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from inspector_app.domain.dataset import GOOD
from inspector_app.protocol.files import DatasetItem
from training.data.drawn import masks_of, usable_items
from training.data.samples import Sample, as_levels, drawing_from, outlines_of, read_all
from training.data.tiles import DrawnPictures, LabelledBatch, Tiles, collate_labelled
from training.data.types import ordered_classes
from training.data.variations import jitter
from training.models.unet.card import UNetConfig

_MIRRORS: Sequence[tuple[int, ...]] = ((), (-1,), (-2,), (-2, -1))


def tiles_of(config: UNetConfig, drawn: DrawnPictures) -> Tiles:
    """Return what training goes through."""
    return Tiles(
        drawn,
        tile_px=config.tile_size_px,
        per_image=config.tiles_per_image,
        background=config.background,
        seed=config.seed,
        # A made-up defect is of no type.
        made_up=config.made_up if config.answers == "defect" else 0.0,
    )


def vary(config: UNetConfig, images: Tensor, labels: Tensor) -> LabelledBatch:
    """Mirror and turn images with their labels; draws from torch's global generator."""
    if config.flips:
        images, labels = _mirrored(images, labels)
    if config.turns:
        images, labels = _turned(images, labels)
    return (jitter(images) if config.colour_jitter else images), labels


def samples(config: UNetConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    """Return as many tiles as there are images, as an epoch would show them."""
    usable = usable_items(items, config.answers)
    drawn = {name for item in usable for name in masks_of(item, config.answers)}
    classes = ordered_classes({GOOD} | drawn)
    pictures = read_all(DrawnPictures(usable, classes, config.image_size_px, config.answers))
    tiles = tiles_of(config.model_copy(update={"seed": seed}), pictures)
    numbers = list(range(len(items)))
    with drawing_from(seed):
        images, labels = vary(config, *collate_labelled(tiles.__getitems__(numbers)))
    paths = [pictures.pictures.paths[tiles.picture_of(number)] for number in numbers]
    return [
        Sample(path, picture, outlines_of(of_tile.numpy() > 0))
        for path, picture, of_tile in zip(paths, as_levels(images), labels, strict=True)
    ]


def _mirrored(images: Tensor, labels: Tensor) -> LabelledBatch:
    """Mirror each image in its own way, along either, both or none of its axes."""
    axes = [_MIRRORS[choice] for choice in torch.randint(0, 4, (len(images),)).tolist()]
    return _each(images, Tensor.flip, axes), _each(labels, Tensor.flip, axes)


def _turned(images: Tensor, labels: Tensor) -> LabelledBatch:
    """Turn each image by quarters of its own; nothing is interpolated."""
    quarters = torch.randint(0, 4, (len(images),)).tolist()
    turn = partial(torch.rot90, dims=(-2, -1))
    return _each(images, turn, quarters), _each(labels, turn, quarters)


def _each(batch: Tensor, change: Callable[..., Tensor], ways: Sequence[Any]) -> Tensor:
    return torch.stack([change(one, way) for one, way in zip(batch, ways, strict=True)])
