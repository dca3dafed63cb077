"""The autoencoder (Bergmann et al. 2019, arXiv 1807.02011) and its score."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from training.models.anomaly import AnomalyModel
from training.models.autoencoder.card import AutoencoderConfig
from training.models.ssim import gaussian_blur, ssim_map

_DEPTH = 5
_SMOOTHING = 1 / 64
"""σ of the map's smoothing as a share of the image's side."""


class Autoencoder(AnomalyModel):
    """Squeezes an image by 32 in each direction and draws it again; no skip connections."""

    expected_mean: Tensor
    expected_std: Tensor

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        widths = [min(config.base_channels * 2**i, 8 * config.base_channels) for i in range(_DEPTH)]
        self.encoder = nn.Sequential(
            *(_halve(c_in, c_out) for c_in, c_out in zip([3, *widths[:-1]], widths, strict=True)),
            nn.Conv2d(widths[-1], config.bottleneck, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(config.bottleneck, widths[-1], 1),
            *(
                _double(c_in, c_out)
                for c_in, c_out in zip(widths[::-1], [*widths[-2::-1], widths[0]], strict=True)
            ),
            nn.Conv2d(widths[0], 3, 3, padding=1),
        )
        size = (config.image_size_px, config.image_size_px)
        self.register_buffer("expected_mean", torch.zeros(size))
        self.register_buffer("expected_std", torch.ones(size))

    def forward(self, images: Tensor) -> Tensor:  # (B, 3, H, W)
        code = self.encoder(images)  # (B, bottleneck, H/32, W/32)
        return torch.sigmoid(self.decoder(code))  # (B, 3, H, W)

    def loss(self, images: Tensor) -> Tensor:
        """Return L2 + SSIM, weighted, over good images."""
        redrawn = self(images).float()
        squared = (images - redrawn).square().mean()
        dissimilar = (1.0 - ssim_map(redrawn, images)).mean()
        weight = self.config.ssim_weight
        return weight * dissimilar + (1.0 - weight) * squared

    def residual(self, images: Tensor) -> Tensor:
        """Return how badly each pixel was redrawn, (B, H, W) ≥ 0, smoothed."""
        redrawn = self(images).float()
        squared = (images - redrawn).square().mean(1)
        dissimilar = (1.0 - ssim_map(redrawn, images)).mean(1) / 2
        weight = self.config.ssim_weight
        residual = weight * dissimilar + (1.0 - weight) * squared
        return gaussian_blur(residual, _SMOOTHING * images.shape[-1])

    @torch.no_grad()
    def finish(self, batches: Iterable[Tensor]) -> None:
        """Remember the residual that good parts have at each pixel: edges are always redrawn badly."""
        count = 0
        total = torch.zeros_like(self.expected_mean)
        squares = torch.zeros_like(self.expected_mean)
        for images in batches:
            residual = self.residual(images)
            count += len(images)
            total += residual.sum(0)
            squares += residual.square().sum(0)
        mean = total / count
        variance = (squares / count - mean.square()).clamp_min(0.0)
        self.expected_mean.copy_(mean)
        self.expected_std.copy_(variance.sqrt())

    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """See `AnomalyModel.score`; the score is the map's largest value."""
        floor = self.expected_std.mean()
        maps = (self.residual(images) - self.expected_mean) / (self.expected_std + floor + 1e-6)
        maps = maps.clamp_min(0.0)
        return maps.amax((1, 2)), maps


def _halve(c_in: int, c_out: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.LeakyReLU(0.2),
    )


def _double(c_in: int, c_out: int) -> nn.Module:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.LeakyReLU(0.2),
    )
