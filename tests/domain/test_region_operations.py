"""Operations on masks against plain array arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain import region_operations as operations
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.opencv import cv2
from tests.strategies import bitmaps

EMPTY = Mask.from_array(np.zeros((4, 6), bool))
RING = np.array(
    [
        [0, 1, 1, 1, 0, 0],
        [0, 1, 0, 1, 0, 0],
        [0, 1, 1, 1, 0, 1],
        [0, 0, 0, 0, 0, 1],
    ],
    bool,
)


def same_sized(pair: tuple[BoolArray, int]) -> tuple[BoolArray, BoolArray]:
    pixels, shift = pair
    return pixels, np.roll(pixels, shift)


pairs = st.tuples(bitmaps, st.integers(0, 7)).map(same_sized)


@given(pairs)
def test_that_set_operations_are_those_of_pixels(pair: tuple[BoolArray, BoolArray]) -> None:
    first, second = (Mask.from_array(pixels) for pixels in pair)
    assert np.array_equal(operations.union([first, second]).to_array(), pair[0] | pair[1])
    assert np.array_equal(operations.intersection([first, second]).to_array(), pair[0] & pair[1])
    odd = operations.symmetric_difference([first, second])
    assert np.array_equal(odd.to_array(), pair[0] ^ pair[1])
    assert np.array_equal(operations.difference(first, second).to_array(), pair[0] & ~pair[1])


def test_that_masks_of_different_images_are_not_combined() -> None:
    with pytest.raises(ValueError, match="different images"):
        operations.union([EMPTY, Mask.from_array(np.zeros((6, 4), bool))])
    with pytest.raises(ValueError, match="no mask"):
        operations.intersection([])


@given(bitmaps, st.integers(1, 3))
def test_that_growing_is_dilation_within_the_image(pixels: BoolArray, distance: int) -> None:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * distance + 1,) * 2)
    expected = cv2.dilate(pixels.astype(np.uint8), disc) > 0
    assert np.array_equal(operations.grown(Mask.from_array(pixels), distance).to_array(), expected)


@given(bitmaps, st.integers(1, 3))
def test_that_shrinking_is_erosion_from_inside_the_image(pixels: BoolArray, distance: int) -> None:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * distance + 1,) * 2)
    expected = cv2.erode(pixels.astype(np.uint8), disc, borderType=cv2.BORDER_REPLICATE) > 0
    shrunk = operations.grown(Mask.from_array(pixels), -distance)
    assert np.array_equal(shrunk.to_array(), expected)


def test_that_outlines_filled_keep_their_hole() -> None:
    pixels = np.zeros((40, 50), bool)
    pixels[5:30, 8:40] = True
    pixels[12:20, 15:25] = False
    mask = Mask.from_array(pixels)
    again = operations.filled(mask.to_polygons(), height=40, width=50)
    assert again == mask


def test_that_a_distance_of_nothing_changes_nothing() -> None:
    mask = Mask.from_array(RING)
    assert operations.grown(mask, 0) is mask


def test_that_holes_are_filled_and_parts_stay_apart() -> None:
    filled = operations.without_holes(Mask.from_array(RING))
    assert filled.area == RING.sum() + 1
    assert [part.area for part in operations.parts(filled)] == [9, 2]


@given(bitmaps)
def test_that_parts_make_up_the_whole(pixels: BoolArray) -> None:
    mask = Mask.from_array(pixels)
    found = operations.parts(mask)
    assert sum(part.area for part in found) == mask.area
    assert not found or operations.union(found) == mask


def test_that_a_line_through_a_bar_splits_it_without_losing_a_pixel() -> None:
    bar = np.zeros((20, 60), bool)
    bar[5:15, 5:55] = True
    mask = Mask.from_array(bar)
    left, right = operations.split(mask, [(20.0, 0.0), (20.0, 20.0)])
    assert operations.union([left, right]) == mask
    assert operations.intersection([left, right]).area == 0
    assert left.area == pytest.approx(350, abs=20)
    assert right.area == pytest.approx(150, abs=20)


def test_that_a_slanted_line_cuts_through_too() -> None:
    mask = Mask.from_array(np.ones((40, 40), bool))
    assert len(operations.split(mask, [(-1.0, 3.0), (41.0, 36.0)])) == 2


def test_that_a_line_that_does_not_cut_through_changes_nothing() -> None:
    mask = Mask.from_array(np.ones((20, 20), bool))
    assert operations.split(mask, [(0.0, 5.0), (10.0, 5.0)]) == [mask]


def test_that_a_mask_that_the_line_covers_stays_whole() -> None:
    dot = np.zeros((9, 9), bool)
    dot[4, 4] = True
    assert operations.split(Mask.from_array(dot), [(0.0, 4.5), (9.0, 4.5)]) == [
        Mask.from_array(dot)
    ]


@given(bitmaps, st.booleans())
def test_that_mirroring_is_flipping(pixels: BoolArray, is_upside_down: bool) -> None:
    mirrored = operations.mirrored(Mask.from_array(pixels), is_upside_down=is_upside_down)
    expected = pixels[::-1] if is_upside_down else pixels[:, ::-1]
    assert np.array_equal(mirrored.to_array(), expected)


def test_that_nothing_comes_of_an_empty_mask() -> None:
    assert operations.grown(EMPTY, 2) == EMPTY
    assert operations.without_holes(EMPTY) == EMPTY
    assert operations.difference(EMPTY, EMPTY) == EMPTY
    assert operations.mirrored(EMPTY) == EMPTY
    assert operations.symmetric_difference([EMPTY, EMPTY]) == EMPTY
    assert operations.parts(EMPTY) == []
    assert operations.split(EMPTY, [(0.0, 0.0), (5.0, 5.0)]) == []
