"""The settings' switches as variations, for training and for a preview of them."""

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
