"""The tiles that a U-Net learns from, varied as the settings say, and examples of them."""

from collections.abc import Sequence

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


def _turned(images: Tensor, labels: Tensor) -> LabelledBatch:
    """Mirror or not, then turn by quarters, each image in its own way; nothing is interpolated."""
    choices = torch.randint(0, 8, (len(images),)).tolist()
    turned = [
        tuple(torch.rot90(x.flip(-1) if choice >= 4 else x, choice % 4, (-2, -1)) for x in pair)
        for choice, *pair in zip(choices, images, labels, strict=True)
    ]
    return torch.stack([image for image, _ in turned]), torch.stack([each for _, each in turned])
