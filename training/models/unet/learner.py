"""What one training step of the U-Net is."""

from typing import Any

import torch
from torch import Tensor

from training.data.tiles import LabelledBatch
from training.data.variations import jitter
from training.fit.learner import Learner
from training.models.unet.card import UNetConfig
from training.models.unet.losses import LOSSES
from training.models.unet.model import UNet


class UNetLearner(Learner[UNet, UNetConfig, LabelledBatch]):
    """Learns pixels' classes; `val_dice` is of all held-out pixels, defective or not."""

    def __init__(self, model: UNet, config: UNetConfig) -> None:
        super().__init__(model, config)
        self.loss = LOSSES[config.loss]
        self._common = 0
        self._marked = 0

    def loss_of(self, batch: LabelledBatch) -> Tensor:
        images, labels = self._vary(*batch)
        return self.loss(self.model(images).float(), labels)

    def on_validation_epoch_start(self) -> None:
        self._common = self._marked = 0

    def check(self, batch: LabelledBatch) -> None:
        images, labels = batch
        logits = torch.stack([self.model.logits_of(image) for image in images])
        loss = self.loss(logits, labels)
        found, true = logits.argmax(1) > 0, labels > 0
        common, marked = int((found & true).sum()), int(found.sum() + true.sum())
        self._common += common
        self._marked += marked
        self.log("val_loss", loss, batch_size=len(images))

    def on_validation_epoch_end(self) -> None:
        # Nothing to find and nothing found is all right.
        dice = 2 * self._common / self._marked if self._marked else 1.0
        self.log("val_dice", dice)

    def groups(self) -> list[dict[str, Any]]:
        return [{"params": self.model.parameters(), "lr": self.config.learning_rate}]

    def _vary(self, images: Tensor, labels: Tensor) -> LabelledBatch:
        """Mirror and turn images with their labels; draws from torch's global generator."""
        if self.config.flips:
            images, labels = _turned(images, labels)
        return (jitter(images) if self.config.colour_jitter else images), labels


def _turned(images: Tensor, labels: Tensor) -> LabelledBatch:
    """Mirror or not, then turn by quarters, each image in its own way; nothing is interpolated."""
    choices = torch.randint(0, 8, (len(images),)).tolist()
    turned = [
        tuple(torch.rot90(x.flip(-1) if choice >= 4 else x, choice % 4, (-2, -1)) for x in pair)
        for choice, *pair in zip(choices, images, labels, strict=True)
    ]
    return torch.stack([image for image, _ in turned]), torch.stack([each for _, each in turned])
