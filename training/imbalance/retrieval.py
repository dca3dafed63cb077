"""Retrieval-augmented classification, after Long et al. 2022 (arXiv 2202.11233).

Their retrieved texts are encoded by a language model; here the nearest training images vote by
their labels, so no text encoder is needed. The votes' logits are added to the network's own.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, one_hot

_FLOOR = 1e-3
"""Share that a class without a vote keeps: absence among the neighbours is no proof."""


class RetrievalHead(nn.Module):
    """Logits from the labels of the nearest remembered examples, by cosine similarity.

    Votes are divided by the class's prior to the power `tau`: without that, frequent classes
    are nearest for no other reason than their number.
    """

    memory: Tensor
    classes: Tensor
    log_priors: Tensor

    def __init__(
        self,
        feature_count: int,
        class_count: int,
        neighbours: int,
        *,
        temperature: float = 0.07,
        tau: float = 1.0,
    ) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.temperature = temperature
        self.tau = tau
        self.class_count = class_count
        self.register_buffer("memory", torch.zeros(0, feature_count))
        self.register_buffer("classes", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("log_priors", torch.full((class_count,), -math.log(class_count)))

    def remember(self, features: Tensor, classes: Tensor) -> None:
        """Replace the memory by these examples, (N, D) and (N,)."""
        self.memory = normalize(features, dim=1)
        self.classes = classes.to(features.device)
        counts = classes.bincount(minlength=self.class_count).clamp_min(1).float()
        self.log_priors = (counts / counts.sum()).log().to(features.device)

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Tensor], prefix: str, *arguments: Any
    ) -> None:
        # How much there is to remember is known from the file only.
        for name in ("memory", "classes"):
            if (given := state_dict.get(prefix + name)) is not None:
                setattr(self, name, getattr(self, name).new_zeros(given.shape))
        super()._load_from_state_dict(state_dict, prefix, *arguments)

    def votes(self, features: Tensor, own_places: Tensor | None = None) -> Tensor:
        """Return the share of each class among the nearest examples, (B, C), rows sum to 1.

        Args:
            features: (B, D).
            own_places: (B,) where each is itself in the memory, which then does not count.
        """
        similar = normalize(features, dim=1) @ self.memory.T  # (B, N)
        if own_places is not None:
            similar = similar.scatter(1, own_places.unsqueeze(1), -torch.inf)
        nearest = similar.topk(min(self.neighbours, similar.shape[1]), dim=1)
        strength = (nearest.values / self.temperature).softmax(1).unsqueeze(2)  # (B, k, 1)
        labels = one_hot(self.classes[nearest.indices], self.class_count)  # (B, k, C)
        return (strength * labels).sum(1)

    def forward(self, features: Tensor, own_places: Tensor | None = None) -> Tensor:
        """Return logits (B, C) whose mean is 0 in each row, to be added to the network's."""
        votes = self.votes(features, own_places)
        logits = (votes + _FLOOR).log() - self.tau * self.log_priors
        return logits - logits.mean(1, keepdim=True)


def combine(base: Tensor, retrieved: Tensor) -> Tensor:
    """Return the sum of both branches' logits, each as log-shares: neither drowns the other."""
    return base.log_softmax(1) + retrieved.log_softmax(1)
