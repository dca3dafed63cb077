"""Long-tail mixed reconstruction (LMR), Perrett et al., CVPR 2023."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import layer_norm

_EXCLUDED = -1e5


@dataclass(frozen=True, slots=True)
class ReconstructionRule:
    """The method's constants, named as in the paper."""

    limit: float = 0.5
    """l: how much of a rarest example is replaced."""
    decay: float = 1.0
    """d."""
    epsilon: float = 0.1
    few_shot_limit: int = 20
    """ω: examples of classes with no more than so many reconstruct nothing."""


def contributions(counts: Sequence[int], rule: ReconstructionRule) -> NDArray[np.float64]:
    """Return how much of an example of each class is reconstructed, (C,) in [0, l] (eq. 1, 2).

    0 for the most frequent class, l for the rarest; all 0 where classes are equally frequent.

    Raises:
        ValueError: if log(n · d + ε) is not above 0 for some class.
    """
    logs = np.log(np.asarray(counts, np.float64) * rule.decay + rule.epsilon)
    if logs.min() <= 0.0:
        raise ValueError(f"n · d + ε must be above 1 for every class, with n = {list(counts)}")
    raw = 1.0 / logs
    spread = raw.max() - raw.min()
    if not spread:
        return np.zeros_like(raw)
    return np.asarray((raw - raw.min()) / spread * rule.limit, np.float64)


def reconstruction_weights(features: Tensor, can_contribute: Tensor) -> Tensor:
    """Return which other examples each one is rebuilt from, (B, B), rows sum to 1 (eq. 3, 4).

    Rows without any example that may contribute are all 0.

    Args:
        features: (B, D).
        can_contribute: (B,) bool; neither an example itself nor few-shot classes may.
    """
    count, width = features.shape
    normed = layer_norm(features, (width,))
    similar: Tensor = normed @ normed.T / width**0.5
    itself = torch.eye(count, dtype=torch.bool, device=features.device)
    excluded = itself | ~can_contribute
    weights = similar.masked_fill(excluded, _EXCLUDED).softmax(1)
    # Where all are excluded the softmax would be uniform over exactly what must not contribute.
    return weights.masked_fill(excluded, 0.0)


class MixedReconstruction(nn.Module):
    """Rebuilds rare examples from frequent ones, then mixes pairs; in training only."""

    contributions: Tensor
    is_frequent: Tensor

    def __init__(self, counts: Sequence[int], rule: ReconstructionRule) -> None:
        super().__init__()
        shares = torch.from_numpy(contributions(counts, rule)).float()
        self.register_buffer("contributions", shares, persistent=False)
        frequent = torch.as_tensor(counts) > rule.few_shot_limit
        self.register_buffer("is_frequent", frequent, persistent=False)

    def forward(self, features: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (B, D) and class shares (B, C), rebuilt and mixed (eq. 5 to 7).

        Draws from torch's global generator. Shares are mixed as the features are, not rebuilt:
        a rebuilt example keeps its class.

        Args:
            shares: (B, C), each row one-hot.
        """
        classes = shares.argmax(1)
        rebuilt = self.reconstruct(features, classes)
        mixing = pair_mixing(len(features)).to(features)
        return mixing @ rebuilt, mixing @ shares

    def reconstruct(self, features: Tensor, classes: Tensor) -> Tensor:
        """Return c · W x + (1 − c) · x, (B, D); x where nothing may contribute."""
        weights = reconstruction_weights(features, self.is_frequent[classes])
        has_any = weights.sum(1, keepdim=True) > 0
        share = self.contributions[classes].unsqueeze(1) * has_any
        return share * (weights @ features) + (1.0 - share) * features


def pair_mixing(count: int) -> Tensor:
    """Return M, (B, B), rows sum to 1: half of the rows mix two examples, the others keep one."""
    keep = torch.ones(count)
    mixed = torch.randperm(count)[: count // 2]
    keep[mixed] = torch.rand(len(mixed))
    partner = torch.randperm(count)
    mixing = torch.diag(keep)
    mixing[torch.arange(count), partner] += 1.0 - keep
    return mixing
