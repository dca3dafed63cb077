"""How good images are varied and disturbed as the settings say, and examples of it."""

from collections.abc import Sequence

from torch import Tensor

from inspector_app.protocol.files import DatasetItem
from training.data.augment import vary
from training.data.pictures import Pictures, to_batch
from training.data.samples import Sample, as_levels, drawing_from, read_all
from training.data.stains import disturbed
from training.models.autoencoder.card import RedrawingConfig


def varied(config: RedrawingConfig, images: Tensor) -> Tensor:
    """Return what is to be redrawn; draws from torch's global generator."""
    return vary(images) if config.augment else images


def shown(config: RedrawingConfig, images: Tensor) -> Tensor:
    """Return what the network sees of images that are to be redrawn; draws likewise."""
    return disturbed(images, stains=config.stains, noise=config.noise)


def samples(config: RedrawingConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    """Return good images as the network would be shown them."""
    paths = [item.image_path for item in items if not item.is_defective]
    pictures = read_all(Pictures(paths, config.image_size_px))
    images = to_batch([pictures[index] for index in range(len(pictures))])
    with drawing_from(seed):
        seen = shown(config, varied(config, images))
    return [Sample(*pair) for pair in zip(pictures.paths, as_levels(seen), strict=True)]
