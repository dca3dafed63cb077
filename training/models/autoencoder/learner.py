"""What one training step of the autoencoder is."""

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.optim import Optimizer

from training.data.augment import vary
from training.models.autoencoder.card import AutoencoderConfig
from training.models.autoencoder.model import Autoencoder


class AutoencoderLearner(LightningModule):
    """Redraw good images; `train_loss` and `val_loss` are means over the epoch's images."""

    def __init__(self, model: Autoencoder, config: AutoencoderConfig) -> None:
        super().__init__()
        self.model = model
        self.config = config

    def training_step(self, images: Tensor, _index: int) -> Tensor:
        loss = self.model.loss(vary(images) if self.config.augment else images)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(images))
        return loss

    def validation_step(self, images: Tensor, _index: int) -> None:
        self.log("val_loss", self.model.loss(images), batch_size=len(images))

    def configure_optimizers(self) -> Optimizer:
        return torch.optim.AdamW(self.parameters(), lr=self.config.learning_rate)
