"""From the name of a method to its loss."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from training.imbalance.losses import FocalLoss, LogitAdjustedCrossEntropy, WeightedCrossEntropy
from training.imbalance.weights import (
    class_balanced_weights,
    inverse_frequency_weights,
    log_priors,
)

Method = Literal[
    "none",
    "inverse_frequency",
    "class_balanced",
    "focal",
    "balanced_focal",
    "logit_adjustment",
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How rare classes are kept from being drowned, with the constants of every method."""

    method: Method
    beta: float
    gamma: float
    tau: float

    def loss(self, class_counts: Tensor) -> nn.Module:
        """Return a module that takes logits (B, C) and class shares (B, C)."""
        counts = class_counts.tolist()
        even = torch.ones(len(counts))
        match self.method:
            case "none":
                return WeightedCrossEntropy(even)
            case "inverse_frequency":
                return WeightedCrossEntropy(torch.from_numpy(inverse_frequency_weights(counts)))
            case "class_balanced":
                return WeightedCrossEntropy(self._balanced(counts))
            case "focal":
                return FocalLoss(even, self.gamma)
            case "balanced_focal":
                return FocalLoss(self._balanced(counts), self.gamma)
            case "logit_adjustment":
                return LogitAdjustedCrossEntropy(torch.from_numpy(log_priors(counts)), self.tau)

    def _balanced(self, counts: list[int]) -> Tensor:
        return torch.from_numpy(class_balanced_weights(counts, self.beta))
