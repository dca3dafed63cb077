"""Which settings a sweep tries: every combination of given values, or random draws."""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_COMBINATIONS = 1000
_LOGARITHMIC_FROM = 10.0
"""Ranges whose ends differ by this factor are drawn from by their order of magnitude."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float
    step: float | None = None
    """Drawn numbers are multiples of it; None for any."""

    def draw(self, source: random.Random) -> float:
        if self.low > 0 and self.high / self.low >= _LOGARITHMIC_FROM:
            value = math.exp(source.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = source.uniform(self.low, self.high)
        if self.step is None:
            return float(f"{value:.3g}")
        nearest = round(value / self.step) * self.step
        least = math.ceil(self.low / self.step) * self.step
        most = math.floor(self.high / self.step) * self.step
        return min(max(nearest, least), most)


Values = Sequence[Any] | Range


def grid(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return every combination, the last setting changing fastest.

    Raises:
        ValueError: if there are more than a thousand.
    """
    count = math.prod(len(choices) for choices in values.values())
    if count > _MOST_COMBINATIONS:
        raise ValueError(f"{count} combinations are more than {_MOST_COMBINATIONS}")
    return [dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())]


def draws(values: Mapping[str, Values], count: int, *, seed: int) -> list[dict[str, Any]]:
    """Return up to `count` different random combinations; the same seed gives the same ones.

    Bergstra & Bengio (2012, JMLR 13:281): where few settings matter, draws find good values in
    fewer trainings than a grid.
    """
    source = random.Random(seed)
    found: list[dict[str, Any]] = []
    # Of few values there may be fewer combinations than asked for.
    for _ in range(20 * count):
        drawn = {name: _draw(choices, source) for name, choices in values.items()}
        if drawn not in found:
            found.append(drawn)
        if len(found) == count:
            break
    return found


def _draw(choices: Values, source: random.Random) -> Any:
    if isinstance(choices, Range):
        value = choices.draw(source)
        is_whole = choices.step is not None and float(choices.step).is_integer()
        return int(value) if is_whole else value
    return source.choice(choices)
