"""Structural similarity (Wang et al. 2004, eq. 13), as a map and fast enough to train on a CPU."""

import torch
from torch import Tensor

_RADIUS_PX = 5
_SIGMA_PX = 1.5
_C1 = 0.01**2
_C2 = 0.03**2


def ssim_map(first: Tensor, second: Tensor) -> Tensor:
    """Return the similarity at every pixel and channel, (B, C, H, W) float32 in [-1, 1].

    Values are expected in [0, 1]; the window is 11 × 11, Gaussian, σ = 1.5; edges are mirrored.
    """
    # Variances are differences of nearly equal numbers: half precision would leave noise.
    with torch.autocast(first.device.type, enabled=False):
        first, second = first.float(), second.float()
        products = torch.cat((first, second, first * first, second * second, first * second))
        blurred = gaussian_blur(products, _SIGMA_PX, radius_px=_RADIUS_PX)
        mean_1, mean_2, square_1, square_2, product = blurred.chunk(5)
        variance_1 = (square_1 - mean_1**2).clamp_min(0.0)
        variance_2 = (square_2 - mean_2**2).clamp_min(0.0)
        covariance = product - mean_1 * mean_2
        luminance = (2 * mean_1 * mean_2 + _C1) / (mean_1**2 + mean_2**2 + _C1)
        structure = (2 * covariance + _C2) / (variance_1 + variance_2 + _C2)
        return luminance * structure


def gaussian_blur(images: Tensor, sigma_px: float, *, radius_px: int | None = None) -> Tensor:
    """Blur (…, H, W) with mirrored edges; the kernel ends at `radius_px`, by default 3 σ."""
    radius = max(1, round(3 * sigma_px)) if radius_px is None else radius_px
    height, width = images.shape[-2:]
    down = _blur_matrix(height, sigma_px, radius).to(images)
    across = _blur_matrix(width, sigma_px, radius).to(images)
    # Two dense products: on a CPU 20 times faster than separable convolutions of one channel.
    return down @ images @ across.T


def _blur_matrix(size: int, sigma_px: float, radius: int) -> Tensor:
    """Return (size, size); row i holds the weights of the pixels that make pixel i."""
    offsets = torch.arange(-radius, radius + 1)
    kernel = torch.exp(-0.5 * (offsets / sigma_px) ** 2)
    kernel = kernel / kernel.sum()
    sources = (torch.arange(size)[:, None] + offsets).abs()
    sources = (size - 1) - ((size - 1) - sources).abs()
    return torch.zeros(size, size).scatter_add_(1, sources, kernel.expand(size, -1))
