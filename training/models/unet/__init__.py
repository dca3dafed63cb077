"""U-Net: finds the pixels of defects, from drawn masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.models.base import ModelKind
from training.models.unet.card import CARD, UNetConfig

if TYPE_CHECKING:
    from inspector_app.protocol.files import DatasetItem
    from training.data.samples import Sample
    from training.models.unet.learner import UNetLearner
    from training.models.unet.model import UNet


# Imports inside: cards are announced, and forms built from them, without torch and Lightning.


def _build(config: UNetConfig, classes: Sequence[str]) -> UNet:
    from training.models.unet.model import UNet  # noqa: PLC0415

    return UNet(config, classes)


def _learner(model: UNet, config: UNetConfig) -> UNetLearner:
    from training.models.unet.learner import UNetLearner  # noqa: PLC0415

    return UNetLearner(model, config)


def _samples(config: UNetConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    from training.models.unet.variations import samples  # noqa: PLC0415

    return samples(config, items, seed)


KIND = ModelKind(CARD, UNetConfig, _build, _learner, _samples)
