"""What one training step of the U-Net is."""

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from training.data.tiles import LabelledBatch
from training.data.variations import jitter
from training.models.unet.card import UNetConfig
from training.models.unet.losses import LOSSES
from training.models.unet.model import UNet


class UNetLearner(LightningModule):
    """Learns pixels' classes; `val_dice` is of all held-out pixels, defective or not."""

    def __init__(self, model: UNet, config: UNetConfig) -> None:
        super().__init__()
        self.model = model
        self.config = config
        self.loss = LOSSES[config.loss]
        self._common = 0
        self._marked = 0

    def training_step(self, batch: LabelledBatch, _index: int) -> Tensor:
        images, labels = self._vary(*batch)
        loss = self.loss(self.model(images).float(), labels)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(images))
        return loss

    def on_validation_epoch_start(self) -> None:
        self._common = self._marked = 0

    def validation_step(self, batch: LabelledBatch, _index: int) -> None:
        images, labels = batch
        logits = torch.stack([self.model.logits_of(image) for image in images])
        self.log("val_loss", self.loss(logits, labels), batch_size=len(images))
        found, true = logits.argmax(1) > 0, labels > 0
        self._common += int((found & true).sum())
        self._marked += int(found.sum() + true.sum())

    def on_validation_epoch_end(self) -> None:
        # Nothing to find and nothing found is all right.
        dice = 2 * self._common / self._marked if self._marked else 1.0
        self.log("val_dice", dice)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = AdamW(self.parameters(), lr=self.config.learning_rate)
        # Up in a tenth of the steps, then down to nothing.
        schedule = OneCycleLR(
            optimizer,
            self.config.learning_rate,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=0.1,
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

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
