"""Clicks as maps: where they are, and what looks like the places they are on.

Discs and an earlier mask as in Sofiiuk et al. 2021, “Reviving Iterative Training with Mask
Guidance” (arXiv 2102.06583). The maps of likeness are ours: a network as small as this one
learns sooner what it is shown than what it has to carry over a distance. What hangs together
with a click is the fuzzy connectedness of Udupa and Samarasekera 1996 (Graphical Models and
Image Processing 58, 246–261), in steps.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from inspector_app.domain.opencv import cv2

DISC_RADIUS = 2.0
"""In px of the maps, which have half the picture's resolution."""
_STEPS = (0.5, 0.7, 0.8, 0.88, 0.94, 0.97)
"""Of likeness, closer where it tells more: a faint scratch differs little from what is about it."""
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


def connected_maps(likeness: Tensor, clicks: Tensor) -> Tensor:
    """Return (B, 2, h, w): up to which likeness each place hangs together with a click.

    Without it, of a white line across a picture only what is near the click was found.

    Args:
        likeness: (B, 2, h, w) from `colour_likeness`, at half the clicks' resolution.

    Returns:
        The share of the steps of likeness at which a way leads from the place to a click.
    """
    seen = likeness.detach().float().cpu().numpy()
    places = clicks.detach().cpu().numpy()
    maps = np.zeros(seen.shape, np.float32)
    for image, given, result in zip(seen, places, maps, strict=True):
        for channel, label in enumerate((1, 0)):
            wanted = given[given[:, 2] == label, :2]
            if len(wanted):
                result[channel] = _connected(image[channel], wanted)
    return torch.from_numpy(maps).to(likeness.device)


def _connected(likeness: NDArray[np.float32], clicks: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = likeness.shape
    columns = np.clip(clicks[:, 0] // 2, 0, width - 1).astype(int)
    rows = np.clip(clicks[:, 1] // 2, 0, height - 1).astype(int)
    reached = np.zeros(likeness.shape, np.float32)
    for step in _STEPS:
        like = (likeness >= step).astype(np.uint8)
        count, parts = cv2.connectedComponents(like, ltype=cv2.CV_16U)
        is_clicked = np.zeros(count, np.float32)
        is_clicked[parts[rows, columns]] = 1
        is_clicked[0] = 0
        reached += is_clicked[parts]
    return reached / np.float32(len(_STEPS))


def _is(clicks: Tensor, label: int) -> Tensor:
    return (clicks[..., 2] == label).to(clicks.dtype)[..., None, None]
