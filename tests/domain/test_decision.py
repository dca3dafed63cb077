"""Scores to verdicts, good scores to thresholds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.decision import (
    Verdict,
    VerdictCounts,
    calibrate_on_good,
    count_verdicts,
    decide,
)

scores = st.floats(-1e6, 1e6)
# The toy set on which a strict ">" loses the weakest defect.
GOOD = [0.10, 0.20, 0.30, 0.45]
BAD = [0.40, 0.60, 0.80, 0.90]


def test_that_the_sample_which_defines_the_threshold_is_ng() -> None:
    assert decide(0.40, 0.40) is Verdict.NG
    assert decide(math.nextafter(0.40, 0.0), 0.40) is Verdict.OK


def test_that_a_score_that_is_no_number_is_ng() -> None:
    assert decide(math.nan, 0.5) is Verdict.NG
    assert decide(math.nan, math.inf, review_from=0.1) is Verdict.NG


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(0.29, Verdict.OK), (0.3, Verdict.REVIEW), (0.49, Verdict.REVIEW), (0.5, Verdict.NG)],
)
def test_that_a_review_band_begins_at_its_lower_end(score: float, verdict: Verdict) -> None:
    assert decide(score, 0.5, review_from=0.3) is verdict


def test_that_the_published_toy_set_gives_its_published_f1() -> None:
    counts = count_verdicts([*GOOD, *BAD], [False] * 4 + [True] * 4, 0.40)
    true_positives = len(BAD) - counts.escapes
    f1 = 2 * true_positives / (counts.ng + len(BAD))
    assert counts == VerdictCounts(ok=3, ng=5, escapes=0, overkills=1)
    assert f1 == pytest.approx(0.888889, abs=1e-6)


def test_that_parts_of_unknown_state_are_neither_escapes_nor_overkills() -> None:
    counts = count_verdicts([0.1, 0.9, 0.1, 0.9], [None, None, True, False], 0.5)
    assert counts == VerdictCounts(ok=2, ng=2, escapes=1, overkills=1)


def test_that_every_score_needs_a_label() -> None:
    with pytest.raises(ValueError, match="shorter"):
        count_verdicts([0.1, 0.2], [True], 0.5)


@pytest.mark.parametrize(
    ("count", "overkill", "rank"),
    [(19, 0.05, 19), (99, 0.05, 95), (20, 0.05, 20), (60, 0.05, 58), (4, 0.5, 3), (9, 0.1, 9)],
)
def test_that_the_threshold_lies_just_above_the_conformal_rank(
    count: int, overkill: float, rank: int
) -> None:
    good = [float(number) for number in range(1, count + 1)]
    calibration = calibrate_on_good(good[::-1], overkill=overkill)
    assert calibration.method == "quantile"
    assert calibration.threshold == math.nextafter(float(rank), math.inf)
    assert (calibration.good_count, calibration.overkill_asked) == (count, overkill)
    assert calibration.overkill_bound == overkill


def test_that_the_smallest_score_is_the_lowest_rank_there_is() -> None:
    calibration = calibrate_on_good([3.0, 1.0, 2.0], overkill=1 - 1e-12)
    assert calibration.threshold == math.nextafter(1.0, math.inf)


def test_that_too_few_good_scores_give_a_margin_and_an_honest_bound() -> None:
    calibration = calibrate_on_good([1.0, 2.0, 3.0], overkill=0.01)
    assert calibration.method == "max_plus_margin"
    assert calibration.threshold == pytest.approx(3.2)
    assert calibration.overkill_bound == 0.25


@pytest.mark.parametrize("score", [0.0, 2.0, -2.0])
def test_that_equal_scores_are_all_called_good(score: float) -> None:
    calibration = calibrate_on_good([score] * 3, overkill=0.01)
    assert decide(score, calibration.threshold) is Verdict.OK


@given(st.lists(scores, min_size=1, max_size=60), st.floats(1e-12, 1 - 1e-12))
def test_that_at_most_the_asked_share_of_the_good_scores_is_ng(
    good: list[float], overkill: float
) -> None:
    calibration = calibrate_on_good(good, overkill=overkill)
    counts = count_verdicts(good, [False] * len(good), calibration.threshold)
    assert counts.overkills <= overkill * (len(good) + 1) + 1e-6
    assert calibration.threshold > min(good)


@pytest.mark.parametrize("good", [[], [1.0, math.nan], [math.inf]])
def test_that_calibration_refuses_missing_and_infinite_scores(good: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        calibrate_on_good(good, overkill=0.05)


@pytest.mark.parametrize("overkill", [0.0, 1.0, -0.1, math.nan])
def test_that_calibration_refuses_an_impossible_share(overkill: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrate_on_good([1.0], overkill=overkill)
