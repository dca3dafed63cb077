"""What one training step of the autoencoder is."""

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.optim import Optimizer

from training.data.augment import vary
from training.models.autoencoder.card import AutoencoderConfig
from training.models.autoencoder.model import Autoencoder
from training.models.ssim import ssim_map


class AutoencoderLearner(LightningModule):
    """L2 + SSIM on good images."""

    def __init__(self, model: Autoencoder, config: AutoencoderConfig) -> None:
        super().__init__()
        self.model = model
        self.config = config

    def training_step(self, images: Tensor, _index: int) -> Tensor:
        if self.config.augment:
            images = vary(images)
        return self._loss(images)

    def validation_step(self, images: Tensor, _index: int) -> None:
        self.log("val_loss", self._loss(images), batch_size=len(images))

    def configure_optimizers(self) -> Optimizer:
        return torch.optim.AdamW(self.parameters(), lr=self.config.learning_rate)

    def _loss(self, images: Tensor) -> Tensor:
        redrawn = self.model(images).float()
        squared = (images - redrawn).square().mean()
        dissimilar = (1.0 - ssim_map(redrawn, images)).mean()
        weight = self.config.ssim_weight
        return weight * dissimilar + (1.0 - weight) * squared
