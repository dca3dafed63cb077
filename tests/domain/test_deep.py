"""Deep images and the windows through which they are seen."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inspector_app.domain.deep import DeepImage, Window, auto_window, through_window

WHOLE = st.integers(0, 65535)


def ramp(dtype: Any = np.uint16) -> NDArray[Any]:
    return np.arange(100, 1100, dtype=dtype).reshape(20, 50)


def test_that_a_window_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="no width"):
        Window(3.0, 3.0)


def test_that_the_auto_window_leaves_out_a_thousandth_at_each_end() -> None:
    window = DeepImage(ramp()).facts.auto
    assert (round(window.low), round(window.high)) == (101, 1098)


def test_that_the_auto_window_of_a_flat_image_has_a_width() -> None:
    assert auto_window(np.full((4, 4), 7, np.uint16)) == Window(7.0, 8.0)


def test_that_the_full_window_reaches_from_the_lowest_to_the_highest_value() -> None:
    assert DeepImage(ramp()).facts.full == Window(100.0, 1099.0)


def test_that_the_full_window_of_a_flat_image_has_a_width() -> None:
    assert DeepImage(np.full((4, 4), 7, np.int32)).facts.full == Window(7.0, 8.0)


def test_that_nan_and_infinity_do_not_widen_the_full_window() -> None:
    values = np.array([[math.nan, math.inf, -math.inf], [0.25, 0.5, 2.5]], np.float32)
    assert DeepImage(values).facts.full == Window(0.25, 2.5)


def test_that_an_image_of_nothing_but_nan_has_a_window() -> None:
    assert DeepImage(np.full((2, 2), math.nan, np.float32)).facts.full == Window(0.0, 1.0)


def test_that_the_histogram_counts_every_value_of_a_small_image() -> None:
    image = DeepImage(ramp())
    assert image.facts.histogram.sum() == 1000


def test_that_colours_are_told_as_red_green_blue() -> None:
    bgr = np.zeros((2, 3, 3), np.uint16)
    bgr[1, 2] = (1, 20, 300)
    assert DeepImage(bgr).values_at(2, 1) == (300.0, 20.0, 1.0)


def test_that_a_grey_value_is_told_in_its_own_unit() -> None:
    assert DeepImage(ramp()).values_at(3, 1) == (153.0,)


def test_that_an_image_knows_what_it_takes_and_whether_its_values_are_whole() -> None:
    whole, floats = DeepImage(ramp()), DeepImage(ramp(np.float32))
    assert (whole.nbytes, whole.facts.is_whole_numbers) == (2000, True)
    assert (floats.nbytes, floats.facts.is_whole_numbers) == (4000, False)


def test_that_a_window_maps_its_ends_to_black_and_white_and_clips_the_rest() -> None:
    values = np.array([[90, 100, 150, 200, 210]], np.uint16)
    seen = DeepImage(values).seen_through(Window(100, 200))
    assert seen.tolist() == [[0, 0, 128, 255, 255]]


@given(st.lists(WHOLE, min_size=1, max_size=40), WHOLE, st.integers(1, 65535))
def test_that_the_look_up_of_16_bits_gives_what_arithmetic_gives(
    values: list[int], low: int, width: int
) -> None:
    window = Window(low, low + width)
    image = np.array(values, np.uint16)
    assert np.array_equal(
        through_window(image, window), through_window(image.astype(np.int32), window)
    )
