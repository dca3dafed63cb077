"""What a predicted mask is charged for."""

import torch
from torch import Tensor

_SMOOTHING = 1.0


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
