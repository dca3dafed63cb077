"""What a predicted mask is charged for."""

import torch
from torch import Tensor
from torch.nn import functional

_FOCUS = 2.0
_SMOOTHING = 1.0


def normalised_focal_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the focal loss (B,), whose weights add up to the number of pixels.

    A focal loss fades as the masks get better; normalised, it goes on pulling at the outline
    (Sofiiuk et al. 2019, AdaptIS, arXiv 1909.07829, eq. 3).

    Args:
        logits: (B, 1, H, W).
        truth: (B, 1, H, W), 0 or 1.
    """
    cross_entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    with torch.no_grad():
        weights = (1 - torch.exp(-cross_entropy)) ** _FOCUS
        weights = weights / weights.mean((1, 2, 3), keepdim=True).clamp_min(1e-4)
    return (cross_entropy * weights).mean((1, 2, 3))


def dice_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return one minus the Dice coefficient of the probabilities, (B,)."""
    probability = logits.sigmoid()
    common = (probability * truth).sum((1, 2, 3))
    total = (probability + truth).sum((1, 2, 3))
    return 1 - (2 * common + _SMOOTHING) / (total + _SMOOTHING)


def intersection_over_union(masks: Tensor, truth: Tensor) -> Tensor:
    """Return the IoU (B,) of two stacks of bool masks (B, 1, H, W); 1 if both are empty."""
    common = (masks & truth).sum((1, 2, 3)).float()
    union = (masks | truth).sum((1, 2, 3)).float()
    return torch.where(union > 0, common / union.clamp_min(1), 1.0)
