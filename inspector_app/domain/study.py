"""A study: the same question put to several trainings, and what they answer together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from inspector_app.domain.recognition import Interval, Recognition, pool, tail_types
from inspector_app.domain.standing import Standing, standing

_T_95 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
"""Student's distribution, 97.5 % point, for 1 to 20 degrees of freedom."""
_T_95_OF_MORE = 2.086
"""That of 20: with more it only becomes smaller, so intervals are never too narrow."""

MEASURED = ("image_auroc", "pixel_auroc", "dice", "iou", "map50", "val_loss", "seconds")
"""Figures of which a mean over the repeats is told, besides those that are counted."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the things compared."""

    name: str
    kind: str
    """Of model."""
    settings: Mapping[str, Any]
    """Those that differ from the card's defaults."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of a study."""

    variant: int
    repeat: int
    kind: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """Which variants are trained, and how often each."""

    name: str
    question: str
    variants: tuple[Variant, ...]
    repeats: tuple[Mapping[str, Any], ...] = ({},)
    """Settings of each repeat: another fold, or another seed."""
    is_pruned: bool = False
    """Whether trainings that lag behind are ended early."""

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trainings, repeat by repeat: a study that is ended early still compares."""
        return tuple(
            Trial(place, number, variant.kind, {**variant.settings, **repeat})
            for number, repeat in enumerate(self.repeats)
            for place, variant in enumerate(self.variants)
        )


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What one training has left."""

    trial: int
    metrics: Mapping[str, float]
    recognition: Recognition | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and where it lies with 95 % confidence if that can be said."""

    value: float
    interval: Interval | None = None


@dataclass(frozen=True)
class VariantOutcome:
    """What came of one variant."""

    variant: Variant
    results: tuple[TrialResult, ...]
    figures: Mapping[str, Estimate] = field(default_factory=dict)
    never_learned: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudyOutcome:
    """The variants side by side."""

    plan: StudyPlan
    outcomes: tuple[VariantOutcome, ...]

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The names of all figures that some variant has."""
        return tuple(dict.fromkeys(name for each in self.outcomes for name in each.figures))

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """What may be concluded of each figure that has intervals; a loss is best when small."""
        found = (self._standing(name) for name in self.figures if name not in _NOT_RANKED)
        return tuple(each for each in found if each is not None)

    def _standing(self, name: str) -> Standing | None:
        estimates = [each.figures.get(name) for each in self.outcomes]
        return standing(
            name,
            [None if each is None else each.value for each in estimates],
            [None if each is None else each.interval for each in estimates],
        )


_NOT_RANKED = frozenset({"val_loss", "seconds"})
"""Losses of different methods are different things, and time is no merit of a model."""


def outcome_of(plan: StudyPlan, results: Sequence[TrialResult]) -> StudyOutcome:
    """Return what the trainings that have ended say together."""
    trials = plan.trials
    by_variant: list[list[TrialResult]] = [[] for _ in plan.variants]
    for result in results:
        by_variant[trials[result.trial].variant].append(result)
    return StudyOutcome(
        plan,
        tuple(
            _variant_outcome(variant, tuple(found))
            for variant, found in zip(plan.variants, by_variant, strict=True)
        ),
    )


def _variant_outcome(variant: Variant, results: tuple[TrialResult, ...]) -> VariantOutcome:
    parts = [each.recognition for each in results if each.recognition is not None]
    # Repeats whose data knew other types cannot be counted together.
    parts = [part for part in parts if part.names == parts[0].names]
    figures = _measured(results)
    if not parts:
        return VariantOutcome(variant, results, figures)
    counted = pool(parts)
    return VariantOutcome(variant, results, _counted(counted) | figures, counted.never_learned)


def _counted(pooled: Recognition) -> dict[str, Estimate]:
    tail = tail_types(pooled.names, pooled.confusion.sum(1).tolist())
    told = {
        "accuracy": (pooled.accuracy, pooled.accuracy_interval),
        "macro_recall": (pooled.macro_recall, pooled.macro_recall_interval),
        "tail_recall": (pooled.recall_of(tail), pooled.recall_interval_of(tail)),
        "macro_f1": (pooled.macro_f1, None),
    }
    return {
        name: Estimate(value, interval)
        for name, (value, interval) in told.items()
        if value is not None
    }


def _measured(results: Sequence[TrialResult]) -> dict[str, Estimate]:
    figures = {}
    for name in MEASURED:
        values = [each.metrics[name] for each in results if name in each.metrics]
        if values:
            figures[name] = mean_estimate(values)
    return figures


def mean_estimate(values: Sequence[float]) -> Estimate:
    """Return the mean, and its interval by Student (1908, Biometrika 6:1) if there are two."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Estimate(mean)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    quantile = _T_95[count - 2] if count - 2 < len(_T_95) else _T_95_OF_MORE
    reach = quantile * math.sqrt(variance / count)
    return Estimate(mean, Interval(mean - reach, mean + reach))
