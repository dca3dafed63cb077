"""Classes and regions."""

import re

import numpy as np
import pytest

from inspector_app.domain.annotation import (
    CLASS_COLOURS,
    Author,
    DefectClass,
    ImageVerdict,
    Region,
    ReviewState,
    number_keys,
)
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask

MASK = Mask.from_box(Box(2, 3, 5, 6), height=10, width=10)


@pytest.mark.parametrize("name", ["", "  ", "\t"])
def test_that_a_class_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        DefectClass(1, name, "#000000")


def test_that_a_class_may_be_called_anything_else() -> None:
    assert DefectClass(1, "刮痕 (deep)", "#000000").name == "刮痕 (deep)"


def test_that_class_colours_differ() -> None:
    assert len(set(CLASS_COLOURS)) == len(CLASS_COLOURS)
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in CLASS_COLOURS)


def test_that_a_region_may_be_only_a_box() -> None:
    region = Region("a", 1, Box(0, 0, 4, 4), None, Author.HAND)
    assert region.mask is None


def test_that_a_regions_box_must_be_its_masks() -> None:
    with pytest.raises(ValueError, match="not its mask's"):
        Region("a", 1, Box(0, 0, 4, 4), MASK, Author.HAND)


def test_that_the_box_follows_the_mask() -> None:
    region = Region("a", 1, Box(2, 3, 5, 6), MASK, Author.HAND, "by hand", "2026-01-01")
    larger = Mask.from_box(Box(1, 1, 9, 9), height=10, width=10)
    assert region.with_mask(larger) == Region(
        "a", 1, Box(1, 1, 9, 9), larger, Author.HAND, "by hand", "2026-01-01"
    )


def test_that_a_region_cannot_become_empty() -> None:
    region = Region("a", 1, Box(2, 3, 5, 6), MASK, Author.HAND)
    with pytest.raises(ValueError, match="empty"):
        region.with_mask(Mask.from_array(np.zeros((10, 10), bool)))


def test_that_changing_the_class_changes_nothing_else() -> None:
    region = Region("a", 1, Box(2, 3, 5, 6), MASK, Author.CLICK_MODEL, "SAM")
    assert region.with_class(7) == Region("a", 7, Box(2, 3, 5, 6), MASK, Author.CLICK_MODEL, "SAM")


def test_that_classes_take_the_keys_in_order_around_those_that_were_given_one() -> None:
    classes = [
        DefectClass(1, "a", "#000000"),
        DefectClass(2, "b", "#000000", number_key=1),
        DefectClass(4, "c", "#000000"),
    ]
    assert {key: one.name for key, one in number_keys(classes).items()} == {1: "b", 2: "a", 3: "c"}


def test_that_there_are_nine_keys() -> None:
    classes = [DefectClass(number, str(number), "#000000") for number in range(1, 13)]
    assert sorted(number_keys(classes)) == list(range(1, 10))


@pytest.mark.parametrize(
    ("before", "verdict", "after"),
    [
        (ReviewState.TODO, ImageVerdict.OK, ReviewState.DONE),
        (ReviewState.TODO, ImageVerdict.UNSURE, ReviewState.TODO),
        (ReviewState.DONE, None, ReviewState.TODO),
        (ReviewState.REJECTED, ImageVerdict.NG, ReviewState.REJECTED),
    ],
)
def test_that_a_decision_finishes_the_work_unless_it_was_rejected(
    before: ReviewState, verdict: ImageVerdict | None, after: ReviewState
) -> None:
    assert before.after(verdict) is after
