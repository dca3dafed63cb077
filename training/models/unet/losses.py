"""Losses of maps of classes, all over softmax; class 0 is the good background.

Each takes logits (B, C, H, W) and labels (B, H, W) int64 and gives one number. For two classes
softmax cross-entropy is the binary cross-entropy of the difference of the logits.
"""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

Loss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
LossName = Literal["dice_bce", "bce", "dice", "focal", "lovasz", "tversky"]

_SMOOTHING = 1.0
"""Pixels added to both sides of a ratio: patches without a defect then have a slope as well."""
_GAMMA = 2.0
_FALSE_ALARMS, _MISSES = 0.3, 0.7
"""Weights that Salehi et al. found best for lesions: what is missed costs more."""


def dice_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return 1 − Dice of soft masks over the batch, averaged over the types of defect.

    Milletari et al. 2016 (V-Net, arXiv 1606.04797), without squares in the denominator.
    """
    return tversky_loss(logits, labels, false_alarms=0.5, misses=0.5)


def tversky_loss(
    logits: Tensor, labels: Tensor, *, false_alarms: float = _FALSE_ALARMS, misses: float = _MISSES
) -> Tensor:
    """Return 1 − Tversky index, Salehi et al. 2017 (arXiv 1706.05721, eq. 2)."""
    shares, truths = _flat(logits, labels)  # (C, N) each
    hits = (shares * truths).sum(1)
    alarms = (shares * (1.0 - truths)).sum(1)
    missed = ((1.0 - shares) * truths).sum(1)
    # Half of the smoothing above and below, so that halves of both give Dice as it is written.
    smoothing = 0.5 * _SMOOTHING
    index = (hits + smoothing) / (hits + false_alarms * alarms + misses * missed + smoothing)
    return 1.0 - index[1:].mean()


def focal_loss(logits: Tensor, labels: Tensor, *, gamma: float = _GAMMA) -> Tensor:
    """Return the mean of (1 − p)^γ · −log p, Lin et al. 2017 (arXiv 1708.02002, eq. 4)."""
    surprise = cross_entropy(logits, labels, reduction="none")
    # Not quite down to 0, where the power's slope has no bound for γ < 1.
    wrong = (1.0 - torch.exp(-surprise)).clamp_min(1e-7)
    return (wrong.pow(gamma) * surprise).mean()


def lovasz_softmax(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the Lovász extension of the Jaccard loss, Berman et al. 2018 (arXiv 1705.08790).

    Over the batch, averaged over the classes that occur in it, the background among them.
    """
    shares, truths = _flat(logits, labels)
    present = truths.sum(1) > 0
    errors = (truths - shares).abs()[present]
    ordered, order = errors.sort(dim=1, descending=True)
    slopes = _jaccard_slopes(truths[present].gather(1, order))
    return (ordered * slopes).sum(1).mean()


def _jaccard_slopes(truths: Tensor) -> Tensor:
    """Return how much the Jaccard loss grows with each further wrong pixel (alg. 1 of the paper).

    Args:
        truths: (C, N) 0 or 1, the largest errors first; every row has a 1.
    """
    count = truths.sum(1, keepdim=True)
    intersection = count - truths.cumsum(1)
    union = count + (1.0 - truths).cumsum(1)
    losses = 1.0 - intersection / union
    return losses.diff(dim=1, prepend=losses.new_zeros(len(losses), 1))


def _dice_bce(logits: Tensor, labels: Tensor) -> Tensor:
    return dice_loss(logits, labels) + cross_entropy(logits, labels)


def _flat(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return shares and truths of every pixel of the batch, (C, B·H·W) float each."""
    shares = logits.float().softmax(1).transpose(0, 1).flatten(1)
    truths = one_hot(labels.flatten(), len(shares)).T.to(shares.dtype)
    return shares, truths


LOSSES: Mapping[LossName, Loss] = {
    "dice_bce": _dice_bce,
    "bce": cross_entropy,
    "dice": dice_loss,
    "focal": focal_loss,
    "lovasz": lovasz_softmax,
    "tversky": tversky_loss,
}
