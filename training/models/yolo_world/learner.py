"""What one training step of YOLO-World is."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from training.data.boxes import BoxBatch, cut_boxed
from training.fit.learner import Learner
from training.inference.average_precision import AveragePrecision
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.losses import HeldOutLoss, held_out_loss
from training.models.yolo_world.model import YoloWorld
from training.models.yolo_world.parts import v8DetectionLoss

_WEIGHT_DECAY = 0.025


class YoloWorldLearner(Learner[YoloWorld, YoloWorldConfig, BoxBatch]):
    """Learns boxes and classes; `val_map50` is of all held-out images."""

    def __init__(self, model: YoloWorld, config: YoloWorldConfig) -> None:
        super().__init__(model, config)
        self._precision = AveragePrecision(model.classes)
        self._held_out = HeldOutLoss()

    @cached_property
    def loss(self) -> v8DetectionLoss:
        """Box, class and distribution focal loss; made where the network lies by then."""
        # First asked for in validation, it would hold tensors that no gradient may pass.
        with torch.inference_mode(mode=False):
            return v8DetectionLoss(self.model.network)

    def count_of(self, batch: BoxBatch) -> int:
        return len(batch["img"])

    def cut(self, batch: BoxBatch, parts: int) -> Sequence[BoxBatch]:
        return cut_boxed(batch, parts)

    def loss_of(self, batch: BoxBatch) -> Tensor:
        parts, _ = self.loss(self.model(batch["img"]), batch)
        # ultralytics' loss is that of the batch, which would make the rate depend on its size.
        total: Tensor = parts.sum() / len(batch["img"])
        return total

    def on_validation_epoch_start(self) -> None:
        self._precision = AveragePrecision(self.model.classes)
        self._held_out = HeldOutLoss()

    def check(self, batch: BoxBatch) -> None:
        images = batch["img"]
        answers, raw = self.model(images)
        loss = held_out_loss(self.loss, answers, raw, batch)
        found = self.model.found_in(answers, images.shape[2:])
        self._held_out += loss
        self._precision.add_batch(found, batch)

    def on_validation_epoch_end(self) -> None:
        self.log("val_loss", self._held_out.mean)
        self.log("val_map50", self._precision.figures().get("map50", 0.0))

    def groups(self) -> list[dict[str, Any]]:
        parameters = list(self.model.parameters())
        rate = self.config.learning_rate
        # Norms and biases are left alone: to pull them towards 0 says nothing about complexity.
        return [
            {
                "params": [p for p in parameters if p.ndim > 1],
                "lr": rate,
                "weight_decay": _WEIGHT_DECAY,
            },
            {"params": [p for p in parameters if p.ndim <= 1], "lr": rate, "weight_decay": 0.0},
        ]
