"""What several trainings say together, counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.recognition import Interval, Recognition, count_recognition
from inspector_app.domain.study import (
    StudyPlan,
    TrialResult,
    Variant,
    mean_estimate,
    outcome_of,
)

NAMES = ("good", "dent")
PLAN = StudyPlan(
    "Weights",
    "Do weights help?",
    (Variant("plain", "classifier", {}), Variant("weighted", "classifier", {"beta": 0.9})),
    ({"fold": 0}, {"fold": 1}),
)


def recognised(
    hits: int, of: int, *, dents: int = 0, names: tuple[str, ...] = NAMES
) -> Recognition:
    truths = [0] * of + [1] * dents
    return count_recognition(truths, [0] * hits + [1] * (of - hits) + [0] * dents, names)


def test_that_trials_are_ordered_by_repeat() -> None:
    order = [(trial.repeat, trial.variant, dict(trial.settings)) for trial in PLAN.trials]
    assert order == [
        (0, 0, {"fold": 0}),
        (0, 1, {"beta": 0.9, "fold": 0}),
        (1, 0, {"fold": 1}),
        (1, 1, {"beta": 0.9, "fold": 1}),
    ]


def test_that_folds_are_counted_together() -> None:
    results = [TrialResult(0, {}, recognised(3, 4)), TrialResult(2, {}, recognised(5, 6))]
    accuracy = outcome_of(PLAN, results).outcomes[0].figures["accuracy"]
    assert accuracy.value == pytest.approx(8 / 10)
    assert accuracy.interval is not None
    assert accuracy.interval.low < 0.8 < accuracy.interval.high


def test_that_folds_of_other_types_are_left_out() -> None:
    other = recognised(0, 50, names=("good", "scratch"))
    results = [TrialResult(0, {}, recognised(4, 4)), TrialResult(2, {}, other)]
    assert outcome_of(PLAN, results).outcomes[0].figures["accuracy"].value == 1.0


def test_that_the_rarest_type_is_the_tail() -> None:
    results = [TrialResult(0, {}, recognised(8, 8, dents=2))]
    outcome = outcome_of(PLAN, results).outcomes[0]
    assert outcome.figures["tail_recall"].value == 0.0
    assert outcome.never_learned == ("dent",)


def test_that_a_type_without_examples_has_no_recall() -> None:
    outcome = outcome_of(PLAN, [TrialResult(0, {}, recognised(8, 8))]).outcomes[0]
    assert "tail_recall" not in outcome.figures


def test_that_a_variant_without_results_has_no_figures() -> None:
    outcome = outcome_of(PLAN, [TrialResult(0, {"dice": 0.5})])
    assert outcome.outcomes[1].figures == {}
    assert outcome.standings == ()


def test_that_overlapping_intervals_are_level() -> None:
    results = [TrialResult(0, {}, recognised(8, 10)), TrialResult(1, {}, recognised(9, 10))]
    standing = next(s for s in outcome_of(PLAN, results).standings if s.figure == "accuracy")
    assert (standing.best, standing.level, standing.behind) == (1, (0,), ())


def test_that_intervals_apart_are_a_difference() -> None:
    results = [TrialResult(0, {}, recognised(100, 1000)), TrialResult(1, {}, recognised(900, 1000))]
    standing = next(s for s in outcome_of(PLAN, results).standings if s.figure == "accuracy")
    assert (standing.best, standing.level, standing.behind) == (1, (), (0,))


def test_that_losses_and_times_are_told_but_not_ranked() -> None:
    results = [TrialResult(n, {"val_loss": n + 1.0, "seconds": 3.0 + n}) for n in range(4)]
    outcome = outcome_of(PLAN, results)
    assert outcome.figures == ("val_loss", "seconds")
    assert outcome.standings == ()


def test_that_the_interval_of_a_mean_is_students() -> None:
    # Student 1908, table of the additional hours of sleep, drug 2 less drug 1: mean 1.58,
    # standard deviation 1.23 of ten patients; t(9) = 2.262.
    values = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    estimate = mean_estimate(values)
    assert estimate.value == pytest.approx(1.58)
    assert estimate.interval is not None
    assert estimate.interval.low == pytest.approx(0.7001, abs=5e-4)
    assert estimate.interval.high == pytest.approx(2.4599, abs=5e-4)


def test_that_one_value_has_no_interval() -> None:
    assert mean_estimate([0.5]).interval is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_that_the_mean_lies_in_its_interval(values: list[float]) -> None:
    estimate = mean_estimate(values)
    assert isinstance(estimate.interval, Interval)
    assert estimate.interval.low <= estimate.value <= estimate.interval.high
