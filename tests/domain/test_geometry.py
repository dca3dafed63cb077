"""Boxes: edges, conversions, clipping."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.geometry import Box
from tests.strategies import boxes

whole = st.integers(-50, 50)
points = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


@pytest.mark.parametrize("edges", [(5, 0, 5, 9), (6, 0, 5, 9), (0, 9, 5, 9), (0, 9, 5, 8)])
def test_that_a_box_without_area_is_refused(edges: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no area"):
        Box(*edges)


def test_that_right_and_bottom_are_exclusive() -> None:
    box = Box(2, 3, 5, 7)
    assert (box.width, box.height, box.area) == (3, 4, 12)
    assert box.contains(2, 3)
    assert box.contains(4.99, 6.99)
    assert not box.contains(5, 3)
    assert not box.contains(2, 7)
    assert not box.contains(1.99, 3)
    assert not box.contains(2, 2.99)


@given(points, points)
def test_that_a_box_around_two_corners_is_the_smallest_that_holds_both(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    box = Box.around(first, second)
    for value, low, high in zip(
        (*first, *second),
        (box.left, box.top) * 2,
        (box.right, box.bottom) * 2,
        strict=True,
    ):
        assert low <= value <= high
    assert box.left == math.floor(min(first[0], second[0]))
    assert box.top == math.floor(min(first[1], second[1]))
    assert box.right == max(math.ceil(max(first[0], second[0])), box.left + 1)
    assert box.bottom == max(math.ceil(max(first[1], second[1])), box.top + 1)


@given(boxes(), st.integers(9, 5000), st.integers(9, 5000))
def test_that_yolo_fractions_give_the_same_box_back(box: Box, width: int, height: int) -> None:
    assert Box.from_yolo(box.to_yolo(width, height), width, height) == box


def test_that_yolo_fractions_are_those_of_the_centre() -> None:
    assert Box(10, 20, 30, 60).to_yolo(100, 200) == (0.2, 0.2, 0.2, 0.2)


def test_that_yolo_boxes_are_clipped_to_the_image() -> None:
    assert Box.from_yolo((0.0, 1.0, 0.5, 0.5), 100, 40) == Box(0, 30, 25, 40)


def test_that_a_yolo_box_outside_of_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="no area"):
        Box.from_yolo((2.0, 0.5, 0.5, 0.5), 100, 100)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(4))
def test_that_yolo_numbers_that_are_not_finite_are_refused(wrong: float, place: int) -> None:
    numbers = [0.5, 0.5, 0.2, 0.2]
    numbers[place] = wrong
    with pytest.raises(ValueError, match="not a number"):
        Box.from_yolo(numbers, 100, 100)


@given(boxes(low=-20, high=20))
def test_that_clipping_keeps_exactly_the_pixels_inside(box: Box) -> None:
    clipped = box.clipped(8, 6)
    inside = {(x, y) for x in range(8) for y in range(6) if box.contains(x, y)}
    kept = {(x, y) for x in range(8) for y in range(6) if clipped and clipped.contains(x, y)}
    assert kept == inside
    assert clipped is None or clipped.clipped(8, 6) == clipped


@given(boxes(), whole, whole)
def test_that_moving_there_and_back_changes_nothing(box: Box, dx: int, dy: int) -> None:
    moved = box.moved(dx, dy)
    assert (moved.left, moved.top) == (box.left + dx, box.top + dy)
    assert moved.moved(-dx, -dy) == box
