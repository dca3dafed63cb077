"""What training images are varied by as the settings say, and examples of it."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from inspector_app.domain.dataset import DEFECTIVE, GOOD
from inspector_app.protocol.files import DatasetItem
from training.data.made_up import SomeMadeUp
from training.data.pictures import Pictures, to_batch, truth_mask
from training.data.samples import Sample, as_levels, drawing_from, outlines_of, read_all
from training.data.variations import Variations
from training.models.classifier.card import ClassifierConfig


def variations_of(config: ClassifierConfig) -> Variations:
    """Return what training images are varied by."""
    return Variations(
        flips=config.flips,
        rotation=config.rotation,
        crop=config.crop,
        colour_jitter=config.colour_jitter,
        blur=config.blur,
    )


def made_up_of(config: ClassifierConfig, classes: Sequence[str]) -> SomeMadeUp | None:
    """Return what makes defects up; they are of no type, so only where there are none."""
    if not config.made_up or config.answers != "ok_ng":
        return None
    return SomeMadeUp(config.made_up, classes.index(GOOD), classes.index(DEFECTIVE))


def samples(config: ClassifierConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    """Return images as an epoch would show them, with what is marked in them."""
    by_path = {item.image_path: item for item in items}
    pictures = read_all(Pictures(list(by_path), config.image_size_px))
    chosen = [by_path[path] for path in pictures.paths]
    with drawing_from(seed):
        examples = [(pictures[place], int(item.is_defective)) for place, item in enumerate(chosen)]
        if (change := made_up_of(config, (GOOD, DEFECTIVE))) is not None:
            examples = [change(example) for example in examples]
    variations = variations_of(config)
    with drawing_from(seed):
        varied = variations.apply(to_batch([picture for picture, _ in examples]))
    with drawing_from(seed):
        # Movements are drawn first: the masks move as the images did.
        moves = replace(variations, colour_jitter=False, blur=False)
        moved = moves.apply(_masks(chosen, config.image_size_px))
    return [
        Sample(item.image_path, picture, outlines_of(mask[0].numpy() > 0.5))
        for item, picture, mask in zip(chosen, as_levels(varied), moved, strict=True)
    ]


def _masks(items: Sequence[DatasetItem], size_px: int) -> Tensor:
    """Return what is marked, (B, 1, H, W); nothing where nobody has said where."""
    masks = torch.zeros(len(items), 1, size_px, size_px)
    for mask, item in zip(masks, items, strict=True):
        if (truth := truth_mask(item, size_px)) is not None:
            mask[0] = torch.from_numpy(truth)
    return masks
