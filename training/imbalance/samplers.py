"""In which order, and how often, examples are seen."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from training.data.loading import ShuffledPasses

SamplingRule = Literal["as_they_are", "square_root", "balanced"]

_POWERS: Mapping[SamplingRule, float] = {"as_they_are": 0.0, "square_root": 0.5, "balanced": 1.0}


def example_weights(classes: Sequence[int], rule: SamplingRule) -> Tensor:
    """Return how likely each example is drawn relative to others, (N,) float64.

    With n examples a class is drawn in proportion to n, to √n (Mahajan et al. 2018,
    arXiv 1805.00932) or as often as any other.
    """
    of_example = torch.as_tensor(classes, dtype=torch.int64)
    counts = of_example.bincount().double()
    return counts.pow(-_POWERS[rule])[of_example]


class ResumableSampler(ShuffledPasses):
    """As many indices a pass as there are examples, drawn by a rule."""

    def __init__(self, classes: Sequence[int], rule: SamplingRule, *, seed: int) -> None:
        super().__init__(len(classes), seed=seed)
        self._weights = example_weights(classes, rule)
        self._rule = rule

    def order(self, number: int) -> Sequence[int]:
        if self._rule == "as_they_are":
            return super().order(number)
        drawn: list[int] = torch.multinomial(
            self._weights, len(self), replacement=True, generator=self.generator(number)
        ).tolist()
        return drawn
