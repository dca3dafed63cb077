"""Agreement of marked and drawn pixels, counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inspector_app.domain.overlap import PixelCounts, count_pixels

NAMES = ("good", "dent", "scratch")
MAPS = arrays.arrays(np.uint8, (4, 5), elements=st.integers(0, 2))


@pytest.fixture
def counts() -> PixelCounts:
    """Two of three pixels of the dent are found, one as a scratch; one good pixel is marked."""
    truth = np.array([[1, 1, 1, 0], [0, 0, 0, 0]])
    called = np.array([[1, 2, 0, 0], [0, 0, 1, 0]])
    return count_pixels(truth, called, NAMES)


def test_that_a_type_is_counted_by_its_own_pixels(counts: PixelCounts) -> None:
    dent = counts.types[0]
    assert (dent.name, dent.hits, dent.misses, dent.false_alarms) == ("dent", 1, 2, 1)


def test_that_dice_iou_and_recall_are_shares_of_pixels(counts: PixelCounts) -> None:
    dent = counts.types[0]
    assert (dent.dice, dent.iou, dent.recall) == (2 / 5, 1 / 4, 1 / 3)


def test_that_a_defect_taken_for_another_type_is_found_all_the_same(counts: PixelCounts) -> None:
    assert (counts.defects.hits, counts.defects.misses, counts.defects.false_alarms) == (2, 1, 1)


def test_that_means_are_over_types_that_have_a_figure(counts: PixelCounts) -> None:
    # The scratch was marked but never drawn: it has an overlap of nothing and no recall.
    assert (counts.mean_dice, counts.mean_iou) == (1 / 5, 1 / 8)
    assert counts.mean_recall == 1 / 3


def test_that_there_is_no_figure_where_nothing_is_drawn_or_marked() -> None:
    nothing = np.zeros((3, 3), np.uint8)
    counts = count_pixels(nothing, nothing, NAMES)
    assert (counts.mean_dice, counts.mean_iou, counts.mean_recall) == (None, None, None)
    assert counts.defects.dice is None


@given(MAPS, MAPS)
def test_that_dice_follows_from_the_iou(truth: np.ndarray, called: np.ndarray) -> None:
    for overlap in count_pixels(truth, called, NAMES).types:
        if overlap.iou is not None:
            assert overlap.dice == pytest.approx(2 * overlap.iou / (1 + overlap.iou))


@given(MAPS, MAPS)
def test_that_counts_of_two_images_are_those_of_both(first: np.ndarray, other: np.ndarray) -> None:
    added = count_pixels(first, other, NAMES) + count_pixels(other, first, NAMES)
    both = np.concatenate((first, other)), np.concatenate((other, first))
    assert np.array_equal(added.confusion, count_pixels(*both, NAMES).confusion)


def test_that_counts_of_other_classes_are_not_added(counts: PixelCounts) -> None:
    with pytest.raises(ValueError, match="dent"):
        counts + count_pixels(np.zeros(1), np.zeros(1), ("good", "stain"))


@pytest.mark.parametrize(
    ("truth", "called", "words"),
    [([0, 1], [0], "maps of"), ([0, 3], [0, 0], "none of 3"), ([0, 0], [0, -1], "none of 3")],
)
def test_that_maps_that_do_not_fit_are_refused(
    truth: list[int], called: list[int], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        count_pixels(np.array(truth), np.array(called), NAMES)


def test_that_no_pixels_are_counted_in_no_image() -> None:
    empty = np.zeros((0, 4), np.uint8)
    assert count_pixels(empty, empty, NAMES).confusion.sum() == 0
