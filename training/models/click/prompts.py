"""Clicks as maps: where they are, and what looks like the places they are on.

Discs and an earlier mask as in Sofiiuk et al. 2021, “Reviving Iterative Training with Mask
Guidance” (arXiv 2102.06583). The maps of likeness are ours: a network as small as this one
learns sooner what it is shown than what it has to carry over a distance.
"""

import torch
from torch import Tensor
from torch.nn import functional

DISC_RADIUS = 2.0
"""In px of the maps, which have half the picture's resolution."""
_UNLIKE = 2.0
"""Likeness ends at this distance of colours, in standard deviations of the picture."""


def normalised(images: Tensor) -> Tensor:
    """Return images (B, 3, H, W) in [0, 1] at zero mean and unit deviation, each by itself.

    A hardly visible defect on a dull part and a strong one then differ less.
    """
    mean = images.mean((1, 2, 3), keepdim=True)
    deviation = images.std((1, 2, 3), keepdim=True)
    return (images - mean) / (deviation + 0.03)


def disc_maps(clicks: Tensor, height: int, width: int) -> Tensor:
    """Return (B, 2, H / 2, W / 2): discs about the positive and the negative clicks.

    Args:
        clicks: (B, K, 3) x, y in px and 1, 0 or, where there is none, -1.
    """
    x = (clicks[..., 0, None, None] + 0.5) / 2
    y = (clicks[..., 1, None, None] + 0.5) / 2
    columns = torch.arange(width // 2, device=clicks.device) + 0.5
    rows = torch.arange(height // 2, device=clicks.device) + 0.5
    distance = ((columns - x).square() + (rows[:, None] - y).square()).sqrt()  # (B, K, h, w)
    discs = (DISC_RADIUS + 0.5 - distance).clamp(0, 1)
    return torch.stack([(discs * _is(clicks, label)).amax(1) for label in (1, 0)], 1)


def likeness_maps(features: Tensor, clicks: Tensor, step: int) -> Tensor:
    """Return (B, 2, h, w): how near each place is to the likest positive and negative click.

    Args:
        features: (B, C, h, w), compared by their distance.
        step: px of the picture per place.

    Returns:
        1 where features are equal, 0 where they differ by 2 or more, or where no click is.
    """
    height, width = features.shape[-2:]
    columns = (clicks[..., 0] / step).long().clamp(0, width - 1)
    rows = (clicks[..., 1] / step).long().clamp(0, height - 1)
    places = (rows * width + columns)[:, None].expand(-1, features.shape[1], -1)  # (B, C, K)
    flat = features.flatten(2)
    clicked = flat.gather(2, places)
    distance = torch.cdist(clicked.transpose(1, 2).float(), flat.transpose(1, 2).float())
    near = (1 - distance / _UNLIKE).clamp_min(0)  # (B, K, h × w)
    near = near.reshape(*near.shape[:2], height, width)
    return torch.stack([(near * _is(clicks, label)).amax(1) for label in (1, 0)], 1)


def colour_likeness(images: Tensor, clicks: Tensor) -> Tensor:
    """Return `likeness_maps` of colours at half resolution, (B, 2, H / 2, W / 2)."""
    halved = functional.avg_pool2d(images, 2)
    smooth = functional.avg_pool2d(halved, 3, stride=1, padding=1, count_include_pad=False)
    return likeness_maps(smooth, clicks, 2)


def _is(clicks: Tensor, label: int) -> Tensor:
    return (clicks[..., 2] == label).to(clicks.dtype)[..., None, None]
