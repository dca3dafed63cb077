"""In which order, and how often, examples are seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.utils.data import Sampler

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


class ResumableSampler(Sampler[int]):
    """As many indices a pass as there are examples; the order follows from seed and pass alone.

    A pass that was interrupted is gone on with by `set_epoch` and `start_at`, whatever torch's
    generators have been used for meanwhile.
    """

    def __init__(self, classes: Sequence[int], rule: SamplingRule, *, seed: int) -> None:
        self._weights = example_weights(classes, rule)
        self._rule = rule
        self._seed = seed
        self._pass = 0
        self._start = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the next pass, counted from 0; Lightning calls it. By default the one after."""
        self._pass = epoch

    def start_at(self, position: int) -> None:
        """Leave out the first indices of the next pass: they were seen before an interruption.

        The caller counts them, not the sampler: loaders take indices before they are used.
        """
        self._start = position

    def __len__(self) -> int:
        return len(self._weights)

    def __iter__(self) -> Iterator[int]:
        order = self._order()[self._start :]
        self._pass += 1
        self._start = 0
        return iter(order)

    def _order(self) -> list[int]:
        # The golden ratio's bits keep neighbouring seeds and passes from sharing orders.
        mixed = (self._seed * 0x9E3779B97F4A7C15 + self._pass) % 2**63
        generator = torch.Generator().manual_seed(mixed)
        if self._rule == "as_they_are":
            return torch.randperm(len(self), generator=generator).tolist()
        drawn = torch.multinomial(self._weights, len(self), replacement=True, generator=generator)
        return drawn.tolist()
