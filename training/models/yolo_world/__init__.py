"""YOLO-World: puts a box around each defect, from drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.models.base import ModelKind
from training.models.yolo_world.card import CARD, YoloWorldConfig

if TYPE_CHECKING:
    from inspector_app.protocol.files import DatasetItem
    from training.data.samples import Sample
    from training.models.yolo_world.learner import YoloWorldLearner
    from training.models.yolo_world.model import YoloWorld


# Imports inside: cards are announced, and forms built from them, without torch and Lightning.


def _build(config: YoloWorldConfig, classes: Sequence[str]) -> YoloWorld:
    from training.models.yolo_world.model import YoloWorld  # noqa: PLC0415

    return YoloWorld(config, classes)


def _learner(model: YoloWorld, config: YoloWorldConfig) -> YoloWorldLearner:
    from training.models.yolo_world.learner import YoloWorldLearner  # noqa: PLC0415

    return YoloWorldLearner(model, config)


def _samples(config: YoloWorldConfig, items: Sequence[DatasetItem], seed: int) -> list[Sample]:
    from training.models.yolo_world.samples import samples  # noqa: PLC0415

    return samples(config, items, seed)


KIND = ModelKind(CARD, YoloWorldConfig, _build, _learner, _samples)
