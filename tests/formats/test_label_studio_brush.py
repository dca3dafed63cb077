"""Label Studio's packed brush strokes."""

import numpy as np
import pytest
from brush_packing import packed
from hypothesis import given
from hypothesis import strategies as st
from strategies import bitmaps

from inspector_app.formats.label_studio_brush import brush_pixels

ONE_PIXEL = bytes([0, 0, 0, 4, 57, 27, 252, 127, 224])
"""By hand: 4 words of 8 bits, counts of 3, 4, 8 or 16 bits, and one run of 4 × 255."""


def test_that_a_stroke_packed_by_hand_is_read() -> None:
    assert brush_pixels(ONE_PIXEL, width=1, height=1).tolist() == [[True]]


@given(bitmaps, st.binary(min_size=3, max_size=3), st.integers(1, 255))
def test_that_every_pixel_comes_back_whatever_the_colour(
    pixels: np.ndarray, colour: bytes, alpha: int
) -> None:
    height, width = pixels.shape
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[pixels] = [*colour, alpha]
    found = brush_pixels(packed(rgba.ravel()), width=width, height=height)
    assert np.array_equal(found, pixels)


def test_that_long_runs_are_read() -> None:
    rgba = np.full((300, 300, 4), 255, np.uint8)
    assert brush_pixels(packed(rgba.ravel()), width=300, height=300).all()


def test_that_the_colour_of_a_clear_pixel_does_not_matter() -> None:
    rgba = np.array([[[9, 9, 9, 0]]], np.uint8)
    assert not brush_pixels(packed(rgba.ravel()), width=1, height=1).any()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cut off"),
        (ONE_PIXEL[:6], "cut off"),
        (ONE_PIXEL[:7], "cut off"),
        (ONE_PIXEL[:8], "cut off"),
        (bytes([0, 0, 0, 4, 57 ^ 0x80]) + ONE_PIXEL[5:], "24 bits instead of 8"),
        (bytes([255, 255, 255, 255]) + ONE_PIXEL[4:], "not those of 1×1 px"),
        # A single word and nothing more, a run of 5, and a chunk of words without its words.
        (bytes([*ONE_PIXEL[:6], 254, 0, 255]), "cut off"),
        (bytes([*ONE_PIXEL[:7], 159, 224]), "cut off"),
        (bytes([*ONE_PIXEL[:6], 248, 96]), "cut off"),
    ],
)
def test_that_a_stroke_that_cannot_be_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        brush_pixels(data, width=1, height=1)


def test_that_any_bytes_are_read_or_refused() -> None:
    rng = np.random.default_rng(7)
    outcomes = set()
    for _ in range(300):
        data = ONE_PIXEL[:6] + rng.bytes(rng.integers(1, 30))
        try:
            outcomes.add(brush_pixels(data, width=1, height=1).shape)
        except ValueError:
            outcomes.add(None)
    assert outcomes == {(1, 1), None}
