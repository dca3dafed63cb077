"""Cutting and shifting masks by their run lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray, Mask

SHAPE = (9, 7)
images = npst.arrays(np.bool_, SHAPE)
EMPTY = Mask.from_array(np.zeros(SHAPE, bool))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.integers(0, SHAPE[1] - 1)), draw(st.integers(0, SHAPE[0] - 1))
    right = draw(st.integers(left + 1, SHAPE[1]))
    return Box(left, top, right, draw(st.integers(top + 1, SHAPE[0])))


@given(images, boxes())
def test_that_a_crop_is_the_same_as_slicing_the_image(image: BoolArray, box: Box) -> None:
    crop = Mask.from_array(image).crop(box)
    assert np.array_equal(crop, image[box.top : box.bottom, box.left : box.right])


@given(images, boxes())
def test_that_a_crop_put_back_gives_the_pixels_inside_the_box(image: BoolArray, box: Box) -> None:
    inside = np.zeros_like(image)
    window = (slice(box.top, box.bottom), slice(box.left, box.right))
    inside[window] = image[window]
    mask = Mask.from_crop(image[window], box.left, box.top, height=SHAPE[0], width=SHAPE[1])
    assert mask == Mask.from_array(inside)


@given(npst.arrays(np.bool_, (5, 4)), st.integers(0, 3), st.integers(0, 4))
def test_that_moving_there_and_back_changes_nothing(crop: BoolArray, dx: int, dy: int) -> None:
    mask = Mask.from_crop(crop, 0, 0, height=SHAPE[0], width=SHAPE[1])
    moved = mask.moved(dx, dy)
    assert moved == Mask.from_crop(crop, dx, dy, height=SHAPE[0], width=SHAPE[1])
    assert moved.moved(-dx, -dy) == mask


@pytest.mark.parametrize("shift", [(-1, 0), (0, -1), (7, 0), (0, 9)])
def test_that_a_mask_is_not_moved_out_of_the_image(shift: tuple[int, int]) -> None:
    corner = Mask.from_box(Box(0, 0, 1, 1), height=9, width=7)
    with pytest.raises(ValueError, match="leaves the image"):
        corner.moved(*shift)


def test_that_an_empty_mask_can_be_moved() -> None:
    assert EMPTY.moved(3, 3) == EMPTY


@given(boxes())
def test_that_a_box_is_the_mask_of_its_pixels(box: Box) -> None:
    image = np.zeros(SHAPE, bool)
    image[box.top : box.bottom, box.left : box.right] = True
    assert Mask.from_box(box, height=SHAPE[0], width=SHAPE[1]) == Mask.from_array(image)


def test_that_a_box_beside_the_image_is_an_empty_mask() -> None:
    assert Mask.from_box(Box(20, 0, 30, 5), height=SHAPE[0], width=SHAPE[1]) == EMPTY


def test_that_a_region_of_a_line_scan_image_costs_no_more_than_itself() -> None:
    """A whole array of that size would take three gigabytes."""
    height, width = 100_000, 32_768
    crop = np.zeros((300, 400), bool)
    crop[100:200, 50:350] = True
    mask = Mask.from_crop(crop, 32_000, 99_000, height=height, width=width)
    assert mask.box == Box(32_050, 99_100, 32_350, 99_200)
    assert mask.area == 30_000
    assert Mask.from_rle(mask.rle) == mask
    assert np.array_equal(mask.crop(Box(32_000, 99_000, 32_400, 99_300)), crop)
    assert mask == Mask.from_box(Box(32_050, 99_100, 32_350, 99_200), height=height, width=width)
