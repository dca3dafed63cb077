"""Losses that rare classes are not drowned by."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, one_hot, softplus

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
        return (cross_entropy(logits, shares, reduction="none") * (shares @ self.weights)).mean()


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

    With weights the class-balanced one; with γ = 0 the weighted cross-entropy.
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


def class_balanced_sigmoid_focal_loss(
    logits: Tensor, classes: Tensor, weights: Tensor, gamma: float
) -> Tensor:
    """Return the focal loss over one sigmoid per class, as Cui et al. 2019 trained with.

    The weight is that of the example's own class, for all of its logits; the sum is divided by
    the number of examples.

    Args:
        logits: (B, C).
        classes: (B,) int64.
        weights: (C,).
    """
    truth = one_hot(classes, logits.shape[1]).to(logits.dtype)
    # (1 − p_t)^γ, in the form that neither overflows nor loses small values.
    modulator = torch.exp(-gamma * (truth * logits + softplus(-logits)))
    entropy = binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (weights[classes].unsqueeze(1) * modulator * entropy).sum() / len(logits)
