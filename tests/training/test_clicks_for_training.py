"""Where the next click goes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.mask import BoolArray
from training.data.clicks import next_click


def block(top: int, left: int, height: int, width: int) -> BoolArray:
    mask = np.zeros((40, 50), bool)
    mask[top : top + height, left : left + width] = True
    return mask


def test_that_the_first_click_goes_to_the_middle() -> None:
    click = next_click(block(0, 0, 0, 0), block(10, 20, 9, 9))
    assert click is not None
    assert (click.x, click.y, click.label) == (24, 14, 1)


def test_that_what_is_too_much_is_clicked_away() -> None:
    click = next_click(block(10, 10, 10, 30), block(10, 10, 10, 10))
    assert click is not None
    assert click.label == 0
    assert click.x >= 20


def test_that_the_larger_fault_is_corrected_first() -> None:
    truth = block(10, 10, 10, 20) | block(30, 40, 3, 3)
    click = next_click(block(10, 10, 10, 4), truth)
    assert click is not None
    assert click.y < 20


def test_that_a_right_mask_needs_no_click() -> None:
    truth = block(10, 10, 10, 20)
    assert next_click(truth, truth) is None


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 30))
def test_that_a_jittered_click_stays_inside(seed: int, height: int, width: int) -> None:
    truth = block(5, 8, height, width)
    click = next_click(np.zeros_like(truth), truth, np.random.default_rng(seed))
    assert click is not None
    assert truth[int(click.y), int(click.x)]


def test_that_half_the_clicks_are_aimed_at_the_middle() -> None:
    truth = block(5, 5, 30, 30)
    rng = np.random.default_rng(0)
    clicks = [next_click(np.zeros_like(truth), truth, rng) for _ in range(300)]
    off = [max(abs(click.x - 19.5), abs(click.y - 19.5)) for click in clicks if click]
    assert 0.45 < np.mean(np.array(off) < 2) < 0.65
    assert 4.5 < max(off) < 7
