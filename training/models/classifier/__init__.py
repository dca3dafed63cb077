"""Classifier: names the type of defect, or tells good parts from defective ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.models.base import ModelKind
from training.models.classifier.card import CARD, ClassifierConfig

if TYPE_CHECKING:
    from inspector_app.protocol.files import DatasetItem
    from training.data.samples import Sample
    from training.models.classifier.learner import ClassifierLearner
    from training.models.classifier.model import Classifier


# Imports inside: cards are announced, and forms built from them, without torch and Lightning.


def _build(config: ClassifierConfig, classes: Sequence[str]) -> Classifier:
    from training.models.classifier.model import Classifier  # noqa: PLC0415

    return Classifier(config, classes)


def _learner(model: Classifier, config: ClassifierConfig) -> ClassifierLearner:
    from training.models.classifier.learner import ClassifierLearner  # noqa: PLC0415

    return ClassifierLearner(model, config)


def _samples(config: ClassifierConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    from training.models.classifier.variations import samples  # noqa: PLC0415

    return samples(config, items, seed)


KIND = ModelKind(CARD, ClassifierConfig, _build, _learner, _samples)
