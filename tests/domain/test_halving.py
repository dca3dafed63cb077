"""Smaller copies of a photo, made by halving its sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.halving import halve, halved_size, halvings_for


@given(
    magnification=st.floats(0.001, 64.0, allow_subnormal=False), shortest_px=st.integers(1, 20_000)
)
def test_that_every_pixel_of_the_screen_gets_one_of_the_image(
    magnification: float, shortest_px: int
) -> None:
    halvings = halvings_for(magnification, shortest_px)
    assert halvings == 0 or magnification * 2**halvings <= 1.0
    assert shortest_px >> halvings >= 1


def test_that_no_more_pixels_are_kept_than_are_needed() -> None:
    assert halvings_for(0.25, 4096) == 2
    assert halvings_for(0.2501, 4096) == 1


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_that_as_many_pixels_are_averaged_as_there_are_halvings(halvings: int) -> None:
    # More rows than one band has, and some over at both edges.
    step = 2**halvings
    height, width = 70 * step + step - 1, 5 * step + 1
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    new_width, new_height = halved_size(width, height, halvings)
    halved = np.zeros((new_height, new_width, 3), np.uint8)
    halve(pixels, halvings, halved)
    whole = pixels[: new_height * step, : new_width * step].astype(float)
    means = whole.reshape(new_height, step, new_width, step, 3).mean(axis=(1, 3))
    # Each halving rounds.
    assert np.abs(halved - means).max() <= 0.5 * halvings + 1e-6
