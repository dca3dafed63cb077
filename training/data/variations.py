"""Random variations of images for a classifier, each on its own switch."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from training.models.ssim import gaussian_blur

_SMALLEST_CROP = 0.6
"""Share of the area."""
_JITTER = 0.2
_BLURRED = 0.3
"""Share of the images that are blurred."""
_LARGEST_BLUR = 1 / 100
"""σ as a share of the image's side."""


@dataclass(frozen=True, slots=True)
class Variations:
    """Which variations there are; none changes an image's class, the operator says."""

    flips: bool = False
    rotation: bool = False
    crop: bool = False
    colour_jitter: bool = False
    blur: bool = False

    def apply(self, images: Tensor) -> Tensor:
        """Return images (B, 3, H, W) in [0, 1], each varied in its own way.

        Draws from torch's global generator, on the CPU: every device sees the same variations.
        """
        if self.flips or self.rotation or self.crop:
            images = self._move(images)
        if self.colour_jitter:
            images = jitter(images)
        if self.blur:
            images = _blur_some(images)
        return images

    def _move(self, images: Tensor) -> Tensor:
        """Mirror, turn and crop in one go, so that pixels are interpolated once only."""
        count = len(images)
        matrices = torch.eye(2).repeat(count, 1, 1)
        offsets = torch.zeros(count, 2)
        if self.rotation:
            matrices = matrices @ _rotations(count)
        if self.crop:
            scales = torch.empty(count, 1).uniform_(_SMALLEST_CROP, 1.0).sqrt()
            # Frames are 2 wide: what a crop leaves over is where its centre may go.
            offsets = (1.0 - scales) * torch.empty(count, 2).uniform_(-1.0, 1.0)
            matrices = matrices * scales.unsqueeze(2)
        if self.flips:
            signs = torch.randint(0, 2, (count, 2)).float() * 2.0 - 1.0
            matrices = matrices * signs.unsqueeze(1)
        affine = torch.cat((matrices, offsets.unsqueeze(2)), 2).to(images)
        grid = affine_grid(affine, list(images.shape), align_corners=False)
        return grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def _rotations(count: int) -> Tensor:
    angles = torch.empty(count).uniform_(-math.pi, math.pi)
    rows = torch.stack((angles.cos(), -angles.sin(), angles.sin(), angles.cos()), 1)
    return rows.view(count, 2, 2)


def jitter(images: Tensor) -> Tensor:
    """Return images of other brightness, contrast and saturation, by up to 20 % each."""
    factors = torch.empty(3, len(images), 1, 1, 1).uniform_(1.0 - _JITTER, 1.0 + _JITTER)
    brightness, contrast, saturation = factors.to(images)
    images = images * brightness
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + contrast * (images - mean)
    grey = images.mean(1, keepdim=True)
    images = grey + saturation * (images - grey)
    return images.clamp(0.0, 1.0)


def _blur_some(images: Tensor) -> Tensor:
    sigma_px = float(torch.empty(()).uniform_(0.2, 1.0)) * _LARGEST_BLUR * images.shape[-1]
    chosen = (torch.rand(len(images), 1, 1, 1) < _BLURRED).to(images.device)
    blurred: Tensor = gaussian_blur(images, sigma_px)
    return torch.where(chosen, blurred, images)
