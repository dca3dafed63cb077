"""The autoencoder (Bergmann et al. 2019, arXiv 1807.02011)."""

import torch
from torch import Tensor

from training.models.autoencoder.blocks import decoder, encoder
from training.models.autoencoder.card import AutoencoderConfig
from training.models.autoencoder.redrawing import Redrawing


class Autoencoder(Redrawing):
    """Squeezes an image by 32 in each direction and draws it again; no skip connections."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__(config)
        self.encoder = encoder(config.base_channels, config.bottleneck)
        self.decoder = decoder(config.base_channels, config.bottleneck)

    def forward(self, images: Tensor) -> Tensor:  # (B, 3, H, W) in [0, 1]
        # A third faster on CPUs; what is computed stays the same.
        images = images.contiguous(memory_format=torch.channels_last)
        code = self.encoder(images)  # (B, bottleneck, H/32, W/32)
        return torch.sigmoid(self.decoder(code))  # (B, 3, H, W) in [0, 1]
