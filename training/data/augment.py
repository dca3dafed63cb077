"""Small variations of good parts, as they happen under a camera."""

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

_SHIFT = 0.02
_TURN_RAD = math.radians(2.0)
_BRIGHTNESS = 0.05


def vary(images: Tensor) -> Tensor:
    """Shift by up to 2 %, turn by up to 2°, brighten by up to 5 %; edges are mirrored.

    Draws from torch's global generator. No mirroring: a mirrored part is often a wrong part.
    """
    batch = len(images)
    angle, shift_x, shift_y, gain = _uniform(4, batch, images.device).unbind(0)
    angle = angle * _TURN_RAD
    # affine_grid's frame is 2 wide, so a shift of 2 % of the image is 0.04.
    row_x = torch.stack((angle.cos(), -angle.sin(), shift_x * 2 * _SHIFT), 1)
    row_y = torch.stack((angle.sin(), angle.cos(), shift_y * 2 * _SHIFT), 1)
    grid = affine_grid(torch.stack((row_x, row_y), 1), list(images.shape), align_corners=False)
    moved = grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return (moved * (1.0 + _BRIGHTNESS * gain.view(-1, 1, 1, 1))).clamp(0.0, 1.0)


def _uniform(rows: int, columns: int, device: torch.device) -> Tensor:
    """Return values in [-1, 1); drawn on the CPU, so that every device sees the same ones."""
    return (torch.rand(rows, columns) * 2 - 1).to(device)
