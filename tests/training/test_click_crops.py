"""What part of a picture the click network sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.geometry import Box, PromptPoint
from training.segmenters.crops import (
    SIDE_PX,
    Crop,
    crop_about,
    first_crops,
    leaves_open,
    wider,
)
from training.segmenters.views import Pyramid

SIZES = st.tuples(st.integers(8, 5000), st.integers(8, 5000))


def click(x: float, y: float) -> PromptPoint:
    return PromptPoint(x, y, 1)


@given(SIZES, st.floats(0, 0.999), st.floats(0, 0.999))
def test_that_every_first_crop_shows_the_click(
    size: tuple[int, int], across: float, down: float
) -> None:
    height, width = size
    x, y = int(across * width), int(down * height)
    crops = first_crops(size, click(x, y))
    assert all(crop.box.contains(x, y) for crop in crops)
    assert crops[0].box == Box(0, 0, width, height)


@given(SIZES)
def test_that_what_the_network_sees_has_sides_it_takes(size: tuple[int, int]) -> None:
    for crop in first_crops(size, click(0, 0)):
        assert crop.height % 32 == crop.width % 32 == 0
        assert min(crop.height, crop.width) >= 32
        assert max(crop.height, crop.width) == SIDE_PX


def test_that_a_large_picture_is_seen_from_far_and_near() -> None:
    sides = [crop.box.width for crop in first_crops((4096, 4096), click(2000, 2000))]
    assert sides == [4096, 887, 192]


def test_that_a_small_picture_is_seen_once() -> None:
    assert len(first_crops((180, 160), click(20, 20))) == 1


@given(SIZES, st.data())
def test_that_a_crop_about_a_mask_shows_all_of_it(
    size: tuple[int, int], data: st.DataObject
) -> None:
    height, width = size
    left = data.draw(st.integers(0, width - 1))
    top = data.draw(st.integers(0, height - 1))
    box = Box(
        left, top, data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    )
    crop = crop_about(size, box, [click(0, 0)])
    assert crop.box.left == crop.box.top == 0
    assert crop.box.right >= box.right
    assert crop.box.bottom >= box.bottom


@pytest.mark.parametrize(("x", "y"), [(100, 50), (0, 0), (399, 299)])
def test_that_places_are_mapped_onto_the_pixels_shown(x: int, y: int) -> None:
    image = np.zeros((300, 400, 3), np.uint8)
    image[y, x] = 255
    crop = Crop.of(Box(0, 0, 400, 300))
    seen = crop.pixels(Pyramid(image))[..., 0]
    row, column = np.unravel_index(int(seen.argmax()), seen.shape)
    at_x, at_y = crop.place_of(x, y)
    assert abs(at_x - column) < 1
    assert abs(at_y - row) < 1


@pytest.mark.parametrize("box", [Box(10, 20, 60, 60), Box(0, 0, 900, 700)])
def test_that_a_mask_comes_back_from_the_crop(box: Box) -> None:
    mask = np.zeros((700, 900), bool)
    mask[30:50, 20:45] = True
    crop = Crop.of(box)
    back = crop.enlarged(crop.reduced(mask)) > 0.5
    truth = mask[box.top : box.bottom, box.left : box.right]
    assert np.count_nonzero(back & truth) > 0.8 * np.count_nonzero(back | truth)


def test_that_a_mask_at_an_open_side_is_noticed() -> None:
    crop = Crop.of(Box(0, 0, 64, 64))
    mask = np.zeros((crop.height, crop.width), bool)
    mask[:100, 0] = True
    mask[0, :100] = True
    assert not leaves_open(crop, (200, 200), mask)
    mask[10, -1] = True
    assert leaves_open(crop, (200, 200), mask)


def test_that_a_wider_crop_stays_in_the_picture() -> None:
    assert wider((200, 200), Crop.of(Box(0, 0, 64, 64))).box == Box(0, 0, 128, 128)
    assert wider((200, 200), Crop.of(Box(0, 0, 150, 150))).box == Box(0, 0, 200, 200)


@pytest.mark.parametrize(
    "near", [Box(100, 80, 260, 240), Box(0, 0, 640, 480), Box(150, 20, 182, 52)]
)
def test_that_a_mask_is_carried_from_one_crop_to_another(near: Box) -> None:
    mask = np.zeros((480, 640), bool)
    mask[100:200, 120:220] = True
    far, crop = Crop.of(Box(0, 0, 640, 480)), Crop.of(near)
    carried = crop.carried(far.reduced(mask), far)
    assert np.abs(carried - crop.reduced(mask)).mean() < 0.04


def test_that_a_box_of_the_input_covers_the_pixels_below() -> None:
    crop = Crop(Box(100, 50, 612, 562), 256, 256)
    assert crop.box_on_picture(Box(0, 8, 16, 9)) == Box(100, 66, 132, 68)
