import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.cli.simulated_clicks import BoolImage, deepest_point, next_click, simulate_clicks
from inspector_app.protocol.messages import ClickPoint


def square(left: int, top: int, side: int) -> BoolImage:
    image = np.zeros((40, 60), np.bool_)
    image[top : top + side, left : left + side] = True
    return image


def test_that_the_first_click_goes_to_the_middle_of_the_defect() -> None:
    click = next_click(square(10, 20, 11), np.zeros((40, 60), np.bool_))
    assert click == ClickPoint(x=15, y=25, label=1)


def test_that_a_surplus_larger_than_what_is_missing_gets_a_negative_click() -> None:
    target, mask = square(5, 5, 9), square(5, 5, 9) | square(30, 10, 15)
    assert next_click(target, mask) == ClickPoint(x=37, y=17, label=0)


def test_that_nothing_is_clicked_where_nothing_is_wrong() -> None:
    assert next_click(square(5, 5, 9), square(5, 5, 9)) is None


def test_that_a_region_at_the_edge_is_deepest_away_from_the_edge() -> None:
    x, y = deepest_point(square(0, 0, 9))
    assert (x, y) == (4, 4)


def test_that_a_perfect_answer_ends_the_clicking() -> None:
    target = square(5, 5, 9)
    asked: list[int] = []

    def segment(points: tuple[ClickPoint, ...]) -> BoolImage:
        asked.append(len(points))
        return target

    assert simulate_clicks(target, segment, click_count=5).ious == (1.0,) * 5
    assert asked == [1]


def test_that_a_model_that_finds_nothing_scores_nothing() -> None:
    trace = simulate_clicks(square(5, 5, 9), lambda _: np.zeros((40, 60), np.bool_), click_count=3)
    assert trace.ious == (0.0, 0.0, 0.0)


@given(st.integers(0, 59), st.integers(0, 39), st.integers(1, 30))
def test_that_the_deepest_point_lies_inside(left: int, top: int, side: int) -> None:
    image = square(left, top, side)
    x, y = deepest_point(image)
    assert image[int(y), int(x)]


def test_that_ious_are_told_for_every_click() -> None:
    target = square(5, 5, 10)
    halves = iter([square(5, 5, 5), target])
    trace = simulate_clicks(target, lambda _: next(halves), click_count=3)
    assert trace.ious == pytest.approx((0.25, 1.0, 1.0))
