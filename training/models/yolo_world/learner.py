"""What one training step of YOLO-World is."""

from functools import cached_property

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from training.data.boxes import BoxBatch
from training.inference.average_precision import AveragePrecision
from training.models.yolo_world.card import YoloWorldConfig
from training.models.yolo_world.losses import HeldOutLoss, held_out_loss
from training.models.yolo_world.model import YoloWorld
from training.models.yolo_world.parts import v8DetectionLoss

_WEIGHT_DECAY = 0.025


class YoloWorldLearner(LightningModule):
    """Learns boxes and classes; `val_map50` is of all held-out images."""

    def __init__(self, model: YoloWorld, config: YoloWorldConfig) -> None:
        super().__init__()
        self.model = model
        self.config = config
        self._precision = AveragePrecision(model.classes)
        self._held_out = HeldOutLoss()

    @cached_property
    def loss(self) -> v8DetectionLoss:
        """Box, class and distribution focal loss; made where the network lies by then."""
        # First asked for in validation, it would hold tensors that no gradient may pass.
        with torch.inference_mode(mode=False):
            return v8DetectionLoss(self.model.network)

    def training_step(self, batch: BoxBatch, _index: int) -> Tensor:
        parts, _ = self.loss(self.model(batch["img"]), batch)
        # ultralytics' loss is that of the batch, which would make the rate depend on its size.
        loss: Tensor = parts.sum() / len(batch["img"])
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(batch["img"]))
        return loss

    def on_validation_epoch_start(self) -> None:
        self._precision = AveragePrecision(self.model.classes)
        self._held_out = HeldOutLoss()

    def validation_step(self, batch: BoxBatch, _index: int) -> None:
        images = batch["img"]
        answers, raw = self.model(images)
        self._held_out += held_out_loss(self.loss, answers, raw, batch)
        found = self.model.found_in(answers, images.shape[2:])
        self._precision.add_batch(found, batch)

    def on_validation_epoch_end(self) -> None:
        self.log("val_loss", self._held_out.mean)
        self.log("val_map50", self._precision.figures().get("map50", 0.0))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        rate = self.config.learning_rate
        parameters = list(self.parameters())
        # Norms and biases are left alone: to pull them towards 0 says nothing about complexity.
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": _WEIGHT_DECAY},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        # One pass over the weights, not one for each step of the formula: memory is what CPUs
        # wait for. On GPUs Lightning could not clip gradients of half precision any more.
        optimizer = AdamW(groups, lr=rate, fused=self.device.type == "cpu")
        # Up in a tenth of the steps, then down to nothing.
        schedule = OneCycleLR(
            optimizer,
            rate,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=0.1,
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
