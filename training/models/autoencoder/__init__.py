"""Models that learn to redraw good parts; the first is the baseline of all anomaly models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.models.autoencoder.card import (
    AUTOENCODER_CARD,
    DENOISING_CARD,
    RESIDUAL_CARD,
    VARIATIONAL_CARD,
    AutoencoderConfig,
    DenoisingConfig,
    RedrawingConfig,
    ResidualConfig,
    VariationalConfig,
)
from training.models.base import ModelKind

if TYPE_CHECKING:
    from inspector_app.protocol.files import DatasetItem
    from training.data.samples import Sample
    from training.models.autoencoder.learner import RedrawingLearner
    from training.models.autoencoder.model import Autoencoder
    from training.models.autoencoder.redrawing import Redrawing
    from training.models.autoencoder.residual import ResidualAutoencoder
    from training.models.autoencoder.variational import VariationalAutoencoder


# Imports inside: cards are announced, and forms built from them, without torch and Lightning.


def _plain(config: AutoencoderConfig, _classes: Sequence[str]) -> Autoencoder:
    from training.models.autoencoder.model import Autoencoder  # noqa: PLC0415

    return Autoencoder(config)


def _variational(config: VariationalConfig, _classes: Sequence[str]) -> VariationalAutoencoder:
    from training.models.autoencoder.variational import VariationalAutoencoder  # noqa: PLC0415

    return VariationalAutoencoder(config)


def _residual(config: ResidualConfig, classes: Sequence[str]) -> ResidualAutoencoder:
    from training.models.autoencoder.residual import ResidualAutoencoder  # noqa: PLC0415

    return ResidualAutoencoder(config, classes)


def _learner(model: Redrawing, config: RedrawingConfig) -> RedrawingLearner:
    from training.models.autoencoder.learner import RedrawingLearner  # noqa: PLC0415

    return RedrawingLearner(model, config)


def _samples(config: RedrawingConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    from training.models.autoencoder.variations import samples  # noqa: PLC0415

    return samples(config, items, seed)


KINDS: tuple[ModelKind[Any, Any], ...] = (
    ModelKind(AUTOENCODER_CARD, AutoencoderConfig, _plain, _learner, _samples),
    ModelKind(DENOISING_CARD, DenoisingConfig, _plain, _learner, _samples),
    ModelKind(VARIATIONAL_CARD, VariationalConfig, _variational, _learner, _samples),
    ModelKind(RESIDUAL_CARD, ResidualConfig, _residual, _learner, _samples),
)
