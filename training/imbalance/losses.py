"""Losses that rare classes are not drowned by."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

_TINY = 1e-7


class WeightedCrossEntropy(nn.Module):
    """Cross-entropy to class shares; each example counts as much as its class says.

    The mean is over the examples, not over their weights: a batch of rare classes then moves
    the network more than one of frequent ones, whatever else is in it.
    """

    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", weights.float(), persistent=False)

    def forward(self, logits: Tensor, shares: Tensor) -> Tensor:  # (B, C), (B, C) rows sum to 1
        weights = (shares * self.weights).sum(1)
        return (cross_entropy(logits, shares, reduction="none") * weights).mean()


class LogitAdjustedCrossEntropy(nn.Module):
    """Cross-entropy on logits + τ · log prior (Menon et al. 2021, arXiv 2007.07314).

    Training only: what the network learns is then right for classes that are equally frequent.
    """

    offsets: Tensor

    def __init__(self, log_priors: Tensor, tau: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("offsets", tau * log_priors.float(), persistent=False)

    def forward(self, logits: Tensor, shares: Tensor) -> Tensor:  # (B, C), (B, C)
        return cross_entropy(logits + self.offsets, shares)


class FocalLoss(nn.Module):
    """Focal loss over softmax: (1 − p)^γ · −log p, Lin et al. 2017 (arXiv 1708.02002, eq. 4).

    With weights it is the class-balanced one, over softmax where Cui et al. 2019 had one sigmoid
    per class: an image here has one type. With γ = 0 it is the weighted cross-entropy.
    """

    weights: Tensor

    def __init__(self, weights: Tensor, gamma: float) -> None:
        super().__init__()
        self.gamma = gamma
        self.register_buffer("weights", weights.float(), persistent=False)

    def forward(self, logits: Tensor, shares: Tensor) -> Tensor:  # (B, C), (B, C)
        log_p = logits.log_softmax(1)
        # Not quite down to 0, where the power's slope has no bound for γ < 1.
        hardness = (-torch.expm1(log_p)).clamp_min(_TINY).pow(self.gamma)
        return -(shares * self.weights * hardness * log_p).sum(1).mean()
