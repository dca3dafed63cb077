"""The variational autoencoder (Kingma & Welling 2014, arXiv 1312.6114)."""

import torch
from torch import Tensor

from training.models.autoencoder.blocks import decoder, encoder
from training.models.autoencoder.card import VariationalConfig
from training.models.autoencoder.redrawing import Redrawing

_LOG_VARIANCES = (-12.0, 6.0)
"""Beyond these a step could make an infinity of the exponential."""


class VariationalAutoencoder(Redrawing):
    """Remembers a normal distribution of codes; draws from its mean, and from it in training."""

    def __init__(self, config: VariationalConfig) -> None:
        super().__init__(config)
        self.simplicity = config.simplicity
        self.encoder = encoder(config.base_channels, 2 * config.bottleneck)
        self.decoder = decoder(config.base_channels, config.bottleneck)

    def forward(self, images: Tensor) -> Tensor:
        mean, _ = self.encode(images)
        return self.decode(mean)

    def loss(self, images: Tensor, *, seen: Tensor | None = None) -> Tensor:
        """Return the negative evidence bound per value of the image, up to a constant factor.

        That is the loss of the copies plus β times the divergence from a standard normal
        distribution (eq. 10 of the paper).
        """
        mean, log_variance = self.encode(images if seen is None else seen)
        code = sampled(mean, log_variance) if self.training else mean
        drawn = self.weighted(images, self.decode(code))
        divergence = divergence_of(mean, log_variance).mean() / images[0].numel()
        return drawn + self.simplicity * divergence

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and logarithm of the variance, (B, bottleneck, H/32, W/32) each."""
        images = images.contiguous(memory_format=torch.channels_last)
        mean, log_variance = self.encoder(images).float().chunk(2, 1)
        return mean, log_variance.clamp(*_LOG_VARIANCES)

    def decode(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.decoder(code))


def sampled(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return a draw that has a slope by both; noise is the same on every device."""
    noise = torch.randn(mean.shape).to(mean)
    return mean + noise * torch.exp(0.5 * log_variance)


def divergence_of(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the Kullback–Leibler divergence from a standard normal distribution, (B,) ≥ 0."""
    terms = mean.square() + log_variance.exp() - 1.0 - log_variance
    return 0.5 * terms.flatten(1).sum(1)
