"""What can be said of a classifier, counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.recognition import (
    Interval,
    Recognition,
    count_recognition,
    pool,
    tail_types,
    wilson_interval,
)

NAMES = ("scratch", "stain", "dent")


@pytest.fixture
def recognition() -> Recognition:
    """Three of four scratches, both stains and none of two dents are recognised."""
    truths = [0, 0, 0, 0, 1, 1, 2, 2]
    calls = [0, 0, 0, 1, 1, 1, 0, 1]
    return count_recognition(truths, calls, NAMES)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_that_intervals_are_those_of_the_literature(
    hits: int, count: int, low: float, high: float
) -> None:
    interval = wilson_interval(hits, count)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_that_nothing_is_known_without_examples() -> None:
    assert wilson_interval(0, 0) == Interval(0.0, 1.0)


@pytest.mark.parametrize(("hits", "count"), [(-1, 3), (4, 3)])
def test_that_impossible_counts_are_refused(hits: int, count: int) -> None:
    with pytest.raises(ValueError, match="hits of"):
        wilson_interval(hits, count)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_that_an_interval_holds_the_share_it_is_about(pair: tuple[int, int]) -> None:
    interval = wilson_interval(*pair)
    assert 0.0 <= interval.low <= pair[0] / pair[1] <= interval.high <= 1.0


@pytest.mark.parametrize(("other", "expected"), [((0.5, 0.9), True), ((0.61, 0.9), False)])
def test_that_intervals_overlap_where_they_share_a_point(
    other: tuple[float, float], expected: bool
) -> None:
    first, second = Interval(0.2, 0.6), Interval(*other)
    assert first.overlaps(second) is expected
    assert second.overlaps(first) is expected


def test_that_the_confusion_matrix_has_truth_in_rows(recognition: Recognition) -> None:
    np.testing.assert_array_equal(recognition.confusion, [[3, 1, 0], [0, 2, 0], [1, 1, 0]])


def test_that_recall_and_precision_are_told_per_type(recognition: Recognition) -> None:
    assert [figures.recall for figures in recognition.types] == [0.75, 1.0, 0.0]
    assert [figures.precision for figures in recognition.types] == [0.75, 0.5, None]
    assert recognition.types[0].recall_interval == wilson_interval(3, 4)


def test_that_means_count_every_type_alike(recognition: Recognition) -> None:
    assert recognition.macro_recall == pytest.approx(1.75 / 3)
    assert recognition.macro_f1 == pytest.approx((6 / 8 + 4 / 6 + 0) / 3)


def test_that_accuracy_counts_every_example_alike(recognition: Recognition) -> None:
    assert recognition.accuracy == 5 / 8
    assert recognition.accuracy_interval == wilson_interval(5, 8)


def test_that_types_without_a_single_hit_are_called_never_learned(recognition: Recognition) -> None:
    assert recognition.never_learned == ("dent",)


def test_that_types_without_examples_neither_count_nor_are_called_never_learned() -> None:
    recognition = count_recognition([0, 0], [0, 0], NAMES)
    assert (recognition.macro_recall, recognition.never_learned) == (1.0, ())
    assert recognition.types[2].recall is None
    assert recognition.types[2].f1 is None


def test_that_without_examples_no_figure_is_claimed() -> None:
    nothing = count_recognition([], [], NAMES)
    assert (nothing.accuracy, nothing.macro_recall, nothing.macro_f1) == (None, None, None)


def test_that_the_recall_of_some_types_is_their_mean(recognition: Recognition) -> None:
    assert recognition.recall_of(["stain", "dent"]) == 0.5
    assert recognition.recall_of([]) is None


@pytest.mark.parametrize(("truth", "call"), [(3, 0), (0, 3), (-1, 0)])
def test_that_a_type_that_is_none_is_refused(truth: int, call: int) -> None:
    with pytest.raises(ValueError, match="3 types"):
        count_recognition([truth], [call], NAMES)


def test_that_the_interval_of_a_single_type_is_its_own(recognition: Recognition) -> None:
    interval = recognition.recall_interval_of(["scratch"])
    own = wilson_interval(3, 4)
    assert (interval.low, interval.high) == pytest.approx((own.low, own.high))


def test_that_the_interval_of_a_mean_adds_distances_as_independent_errors() -> None:
    # 8 of 10 and 6 of 10: Wilson gives 0.4902 to 0.9433 and 0.3127 to 0.8318.
    truths = [0] * 10 + [1] * 10
    calls = [0] * 8 + [1] * 2 + [1] * 6 + [0] * 4
    interval = count_recognition(truths, calls, ("dent", "stain")).macro_recall_interval
    down = (0.3098**2 + 0.2873**2) ** 0.5 / 2
    up = (0.1433**2 + 0.2318**2) ** 0.5 / 2
    assert (interval.low, interval.high) == pytest.approx((0.7 - down, 0.7 + up), abs=1e-4)


def test_that_nothing_is_known_of_the_mean_of_no_examples(recognition: Recognition) -> None:
    assert recognition.recall_interval_of([]) == Interval(0.0, 1.0)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_that_an_interval_of_a_mean_holds_the_mean(pairs: list[tuple[int, int]]) -> None:
    recognition = count_recognition([t for t, _ in pairs], [c for _, c in pairs], NAMES)
    interval = recognition.macro_recall_interval
    mean = recognition.macro_recall
    assert mean is not None
    assert 0.0 <= interval.low <= mean + 1e-9
    assert mean - 1e-9 <= interval.high <= 1.0


def test_that_folds_are_counted_together(recognition: Recognition) -> None:
    both = pool([recognition, count_recognition([2, 2], [2, 0], NAMES)])
    np.testing.assert_array_equal(both.confusion, [[3, 1, 0], [0, 2, 0], [2, 1, 1]])


def test_that_counts_of_other_types_are_not_added(recognition: Recognition) -> None:
    with pytest.raises(ValueError, match="2 different"):
        pool([recognition, count_recognition([], [], ("scratch",))])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([9, 2, 5], ["stain"]), ([4, 4, 4], ["scratch"])],
)
def test_that_the_rarest_third_is_the_tail(counts: list[int], expected: list[str]) -> None:
    assert tail_types(NAMES, counts) == expected


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=40))
def test_that_figures_agree_with_the_counts(pairs: list[tuple[int, int]]) -> None:
    truths, calls = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    recognition = count_recognition(truths, calls, NAMES)
    assert recognition.count == len(pairs)
    assert recognition.hits == sum(truth == call for truth, call in pairs)
    assert sum(figures.calls for figures in recognition.types) == len(pairs)
