"""How well a classifier tells types apart, and how sure one may be of that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_Z_95 = 1.959963984540054
"""The normal distribution's 97.5 % point: intervals hold the truth in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a share lies with 95 % confidence."""

    low: float
    high: float

    def overlaps(self, other: "Interval") -> bool:
        return self.low <= other.high and other.low <= self.high


def wilson_interval(hits: int, count: int) -> Interval:
    """Return the interval of a share (Wilson 1927, JASA 22:209); all of 0 to 1 without examples.

    Raises:
        ValueError: unless 0 ≤ hits ≤ count.
    """
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} hits of {count}")
    if not count:
        return Interval(0.0, 1.0)
    share = hits / count
    scale = 1.0 + _Z_95**2 / count
    centre = share + _Z_95**2 / (2 * count)
    reach = _Z_95 * math.sqrt(share * (1.0 - share) / count + (_Z_95 / (2 * count)) ** 2)
    # The ends are exact where there is nothing but hits or none: rounding would leave 1e-17.
    low = (centre - reach) / scale if hits else 0.0
    high = (centre + reach) / scale if hits < count else 1.0
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """How well one type is recognised."""

    name: str
    count: int
    """Examples of the type."""
    hits: int
    """Those of them that were recognised."""
    calls: int
    """How often anything was taken for the type."""

    @property
    def recall(self) -> float | None:
        """None without examples."""
        return self.hits / self.count if self.count else None

    @property
    def precision(self) -> float | None:
        """None where nothing was taken for the type."""
        return self.hits / self.calls if self.calls else None

    @property
    def f1(self) -> float | None:
        """None where the type neither occurred nor was called."""
        seen = self.count + self.calls
        return 2 * self.hits / seen if seen else None

    @property
    def recall_interval(self) -> Interval:
        return wilson_interval(self.hits, self.count)

    @property
    def is_never_learned(self) -> bool:
        """There were examples, and not one was recognised."""
        return self.count > 0 and self.hits == 0


@dataclass(frozen=True)
class Recognition:
    """Everything that counting true and called types gives."""

    names: tuple[str, ...]
    confusion: NDArray[np.int64]
    """(true type, called type), each in the order of `names`."""

    @cached_property
    def types(self) -> tuple[TypeFigures, ...]:
        counts, calls = self.confusion.sum(1).tolist(), self.confusion.sum(0).tolist()
        hits = self.confusion.diagonal().tolist()
        return tuple(map(TypeFigures, self.names, counts, hits, calls))

    @property
    def count(self) -> int:
        return int(self.confusion.sum())

    @property
    def hits(self) -> int:
        return int(self.confusion.trace())

    @property
    def accuracy(self) -> float | None:
        """None without examples, as all figures here."""
        return self.hits / self.count if self.count else None

    @property
    def accuracy_interval(self) -> Interval:
        return wilson_interval(self.hits, self.count)

    @property
    def macro_recall(self) -> float | None:
        """Mean recall of the types that have examples; each counts alike, however rare."""
        return _mean([figures.recall for figures in self.types])

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 of the types that occurred or were called."""
        return _mean([figures.f1 for figures in self.types])

    @property
    def never_learned(self) -> tuple[str, ...]:
        return tuple(figures.name for figures in self.types if figures.is_never_learned)

    def recall_of(self, names: Sequence[str]) -> float | None:
        """Return the mean recall of some types, such as the rare ones."""
        return _mean([figures.recall for figures in self._those(names)])

    def recall_interval_of(self, names: Sequence[str]) -> Interval:
        """Return the interval of the mean recall of some types.

        From the intervals of each (Zou & Donner 2008, Statistics in Medicine 27:1693): the
        distances to their ends are added as independent errors are.
        """
        known = [(f.recall, f.recall_interval) for f in self._those(names) if f.recall is not None]
        if not known:
            return wilson_interval(0, 0)
        mean = sum(recall for recall, _ in known) / len(known)
        down = math.hypot(*(recall - interval.low for recall, interval in known)) / len(known)
        up = math.hypot(*(interval.high - recall for recall, interval in known)) / len(known)
        return Interval(max(0.0, mean - down), min(1.0, mean + up))

    @property
    def macro_recall_interval(self) -> Interval:
        return self.recall_interval_of(self.names)

    def _those(self, names: Sequence[str]) -> list[TypeFigures]:
        return [figures for figures in self.types if figures.name in names]


def count_recognition(
    truths: Sequence[int], calls: Sequence[int], names: Sequence[str]
) -> Recognition:
    """Count which types were taken for which; both sequences hold places in `names`.

    Raises:
        ValueError: if they differ in length, or a place is outside of `names`.
    """
    pairs = list(zip(truths, calls, strict=True))
    confusion = np.zeros((len(names), len(names)), np.int64)
    for truth, call in pairs:
        if not (0 <= truth < len(names) and 0 <= call < len(names)):
            raise ValueError(f"type {truth} called {call}, but there are {len(names)} types")
        confusion[truth, call] += 1
    return Recognition(tuple(names), confusion)


def pool(parts: Sequence[Recognition]) -> Recognition:
    """Return the sum of several counts of the same types, such as those of all folds.

    Raises:
        ValueError: if there are none, or their types differ.
    """
    names = {part.names for part in parts}
    if len(names) != 1:
        raise ValueError(f"counts of {len(names)} different lists of types")
    confusion: NDArray[np.int64] = np.sum([part.confusion for part in parts], axis=0)
    return Recognition(names.pop(), confusion)


def tail_types(names: Sequence[str], counts: Sequence[int], *, share: float = 1 / 3) -> list[str]:
    """Return the rarest types: as many as this share of all, at least one, and ties as named."""
    wanted = max(1, round(len(names) * share))
    by_count = sorted(zip(counts, names, strict=True), key=lambda pair: pair[0])
    return [name for _, name in by_count[:wanted]]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
