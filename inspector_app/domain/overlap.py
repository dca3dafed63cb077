"""How well marked pixels agree with drawn ones, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Overlap:
    """Pixels of one class: found, missed, and marked though they are none."""

    name: str
    hits: int
    misses: int
    false_alarms: int

    @property
    def dice(self) -> float | None:
        """Twice the common part over both parts; None where there is neither."""
        marked = 2 * self.hits + self.misses + self.false_alarms
        return 2 * self.hits / marked if marked else None

    @property
    def iou(self) -> float | None:
        """The common part over the union; None where there is neither."""
        union = self.hits + self.misses + self.false_alarms
        return self.hits / union if union else None

    @property
    def recall(self) -> float | None:
        """Share of the drawn pixels that are marked; None where nothing is drawn."""
        drawn = self.hits + self.misses
        return self.hits / drawn if drawn else None


@dataclass(frozen=True)
class PixelCounts:
    """How many pixels of each true class were taken for which; class 0 is good."""

    names: tuple[str, ...]
    confusion: NDArray[np.int64]
    """(true class, called class), each in the order of `names`."""

    def __add__(self, other: "PixelCounts") -> "PixelCounts":
        """Return the counts of both, such as those of further images.

        Raises:
            ValueError: if they are of other classes.
        """
        if self.names != other.names:
            raise ValueError(f"counts of {self.names} and of {other.names}")
        return PixelCounts(self.names, self.confusion + other.confusion)

    @cached_property
    def types(self) -> tuple[Overlap, ...]:
        """Return each type of defect."""
        return tuple(self._overlap(place) for place in range(1, len(self.names)))

    @property
    def defects(self) -> Overlap:
        """Return defects of any type against good, whatever type they were taken for."""
        return Overlap(
            "",
            hits=int(self.confusion[1:, 1:].sum()),
            misses=int(self.confusion[1:, 0].sum()),
            false_alarms=int(self.confusion[0, 1:].sum()),
        )

    @property
    def mean_dice(self) -> float | None:
        """Mean over the types that were drawn or marked; each counts alike, however small."""
        return _mean([overlap.dice for overlap in self.types])

    @property
    def mean_iou(self) -> float | None:
        return _mean([overlap.iou for overlap in self.types])

    @property
    def mean_recall(self) -> float | None:
        """Mean over the types that were drawn."""
        return _mean([overlap.recall for overlap in self.types])

    def _overlap(self, place: int) -> Overlap:
        hits = int(self.confusion[place, place])
        return Overlap(
            self.names[place],
            hits,
            misses=int(self.confusion[place].sum()) - hits,
            false_alarms=int(self.confusion[:, place].sum()) - hits,
        )


def count_pixels(truth: NDArray[Any], called: NDArray[Any], names: Sequence[str]) -> PixelCounts:
    """Count the pixels of one image or of many; both arrays hold places in `names`.

    Raises:
        ValueError: if their shapes differ, or a place is outside of `names`.
    """
    if truth.shape != called.shape:
        raise ValueError(f"maps of {truth.shape} and {called.shape}")
    size = len(names)
    if truth.size and not (
        min(truth.min(), called.min()) >= 0 and max(truth.max(), called.max()) < size
    ):
        raise ValueError(f"a pixel is of none of {size} classes")
    pairs = truth.astype(np.int64).ravel() * size + called.astype(np.int64).ravel()
    confusion = np.bincount(pairs, minlength=size * size).reshape(size, size)
    return PixelCounts(tuple(names), confusion.astype(np.int64))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
