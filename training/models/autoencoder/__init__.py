"""Convolutional autoencoder: the baseline every other anomaly model is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.models.autoencoder.card import CARD, AutoencoderConfig
from training.models.base import ModelKind

if TYPE_CHECKING:
    from training.models.autoencoder.learner import AutoencoderLearner
    from training.models.autoencoder.model import Autoencoder


# Imports inside: cards are announced, and forms built from them, without torch and Lightning.


def _build(config: AutoencoderConfig, _classes: Sequence[str]) -> Autoencoder:
    from training.models.autoencoder.model import Autoencoder  # noqa: PLC0415

    return Autoencoder(config)


def _learner(model: Autoencoder, config: AutoencoderConfig) -> AutoencoderLearner:
    from training.models.autoencoder.learner import AutoencoderLearner  # noqa: PLC0415

    return AutoencoderLearner(model, config)


KIND = ModelKind(CARD, AutoencoderConfig, _build, _learner)
