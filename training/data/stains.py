"""Disturbances of good images that a network learns to repair: stains, displacements, noise."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate

_BUMPS = (3, 12)
"""Across an image: stains from a third of its side down to a twelfth."""


def disturbed(images: Tensor, *, stains: float, noise: float) -> Tensor:
    """Return images (B, 3, H, W) in [0, 1], each disturbed in its own way.

    Stains of one uneven colour and pieces from elsewhere, irregular in outline, cover between
    none and twice the share `stains` of each image; Gaussian noise of deviation `noise` lies
    over all of it. Draws from torch's global generator, on the CPU: every device sees the same.
    """
    if stains:
        covered = _patches(images, stains)
        images = torch.where(covered, _fillings(images), images)
    if noise:
        images = images + noise * torch.randn(images.shape).to(images)
    return images.clamp(0.0, 1.0)


def _patches(images: Tensor, share: float) -> Tensor:
    """Return where stains lie, (B, 1, H, W): where smooth noise is highest."""
    bumps = int(torch.randint(_BUMPS[0], _BUMPS[1] + 1, ()))
    heights = _smooth(len(images), 1, bumps, images)
    shares = 2.0 * share * torch.rand(len(images)).to(images)
    pairs = zip(heights[..., ::4, ::4], shares, strict=True)
    levels = torch.stack([each.quantile(1.0 - share) for each, share in pairs])
    return heights > levels.view(-1, 1, 1, 1)


def _fillings(images: Tensor) -> Tensor:
    """Return colours for one half of the images, other places of other images for the rest."""
    count, _, height, width = images.shape
    colours = torch.rand(count, 3, 1, 1).to(images)
    colours = colours + 0.1 * _smooth(count, 3, 16, images)
    shift = (int(torch.randint(height, ())), int(torch.randint(width, ())))
    elsewhere = images.roll((1, *shift), (0, 2, 3))
    is_colour = (torch.rand(count, 1, 1, 1) < 0.5).to(images.device)
    return torch.where(is_colour, colours, elsewhere)


def _smooth(count: int, channels: int, bumps: int, like: Tensor) -> Tensor:
    grid = torch.randn(count, channels, bumps, bumps)
    size = like.shape[-2:]
    return interpolate(grid, size, mode="bicubic", align_corners=False).to(like)
