"""Convolutional autoencoder: the baseline every other anomaly model is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.models.autoencoder.card import CARD, AutoencoderConfig
from training.models.base import ModelKind, TrainingConfig

if TYPE_CHECKING:
    from lightning.pytorch import LightningModule

    from training.models.anomaly import AnomalyModel


def _build(config: TrainingConfig) -> AnomalyModel:
    from training.models.autoencoder.model import Autoencoder

    assert isinstance(config, AutoencoderConfig)
    return Autoencoder(config)


def _learner(model: AnomalyModel, config: TrainingConfig) -> LightningModule:
    from training.models.autoencoder.learner import AutoencoderLearner
    from training.models.autoencoder.model import Autoencoder

    assert isinstance(config, AutoencoderConfig)
    assert isinstance(model, Autoencoder)
    return AutoencoderLearner(model, config)


KIND = ModelKind(CARD, AutoencoderConfig, _build, _learner)
