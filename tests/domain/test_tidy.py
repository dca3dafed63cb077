"""Cleaning up drafts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.tidy import Tidying, tidied

MASKS = arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24)))


def blocks(*corners: tuple[int, int, int]) -> BoolArray:
    """Return (40, 50) with squares at (x, y, side)."""
    pixels = np.zeros((40, 50), bool)
    for x, y, side in corners:
        pixels[y : y + side, x : x + side] = True
    return pixels


def tidy(pixels: BoolArray, **how: float) -> BoolArray:
    return tidied(Mask.from_array(pixels), Tidying(**how)).to_array()  # type: ignore[arg-type]


def test_that_nothing_is_tidied_unless_it_is_asked_for() -> None:
    mask = Mask.from_array(blocks((1, 1, 1), (10, 10, 9)))
    assert tidied(mask, Tidying()) is mask


def test_that_an_empty_mask_stays_empty() -> None:
    mask = Mask.from_array(blocks())
    assert tidied(mask, Tidying(2.0, 5, 5)) is mask


def test_that_specks_are_dropped_and_larger_parts_kept() -> None:
    found = tidy(blocks((1, 1, 2), (10, 10, 3), (20, 20, 9)), speck_px=4)
    assert np.array_equal(found, blocks((10, 10, 3), (20, 20, 9)))


def test_that_the_largest_part_is_never_a_speck() -> None:
    assert np.array_equal(tidy(blocks((1, 1, 2), (10, 10, 3)), speck_px=99), blocks((10, 10, 3)))


def test_that_a_slanted_scratch_is_one_part() -> None:
    scratch = np.eye(30, dtype=bool)
    assert np.array_equal(tidy(scratch, speck_px=5), scratch)


def test_that_small_holes_are_filled_and_large_ones_kept() -> None:
    pixels = blocks((5, 5, 30))
    pixels[10:12, 10:12] = False
    pixels[20:30, 20:30] = False
    expected = blocks((5, 5, 30))
    expected[20:30, 20:30] = False
    assert np.array_equal(tidy(pixels, hole_px=4), expected)


def test_that_a_bay_is_no_hole() -> None:
    pixels = blocks((5, 5, 20))
    pixels[5:8, 10:12] = False
    assert np.array_equal(tidy(pixels, hole_px=100), pixels)


@given(MASKS)
def test_that_an_outline_that_may_hardly_move_keeps_its_pixels(pixels: BoolArray) -> None:
    assert np.array_equal(tidy(pixels, tolerance_px=1e-6), pixels)


@given(MASKS, st.floats(0.5, 5.0), st.integers(0, 50), st.integers(0, 50))
def test_that_something_is_left_of_everything(
    pixels: BoolArray, tolerance_px: float, hole_px: int, speck_px: int
) -> None:
    found = tidy(pixels, tolerance_px=tolerance_px, hole_px=hole_px, speck_px=speck_px)
    assert found.any() == pixels.any()


def test_that_a_ragged_edge_gets_fewer_corners() -> None:
    rng = np.random.default_rng(0)
    pixels = np.zeros((60, 60), bool)
    for x in range(5, 55):
        pixels[10 + rng.integers(0, 2) : 50 - rng.integers(0, 2), x] = True
    before = Mask.from_array(pixels)
    after = tidied(before, Tidying(tolerance_px=2))
    assert len(after.to_polygons()[0]) < len(before.to_polygons()[0]) / 4
    assert after.iou(before) > 0.95
