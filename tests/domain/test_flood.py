import numpy as np
import pytest

from inspector_app.domain.flood import enclosed_pixels, similar_pixels
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask


@pytest.fixture
def image() -> np.ndarray:
    """Two bright patches, parted by a dark line, on a ground that gets brighter to the right."""
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:] = np.arange(30, dtype=np.uint8)[None, :, None]
    pixels[4:10, 4:10] = 200
    pixels[4:10, 11:16] = 204
    return pixels


def test_that_a_patch_is_found_alone(image: np.ndarray) -> None:
    found = similar_pixels(image, 6, 6, tolerance=10)
    assert found.sum() == 36
    assert found[4:10, 4:10].all()


def test_that_the_tolerance_is_counted_from_the_seed(image: np.ndarray) -> None:
    assert similar_pixels(image, 0, 0, tolerance=5)[0].sum() == 6


def test_that_one_channel_too_far_off_is_enough_to_be_left_out(image: np.ndarray) -> None:
    image[5, 5, 2] = 100
    assert similar_pixels(image, 6, 6, tolerance=10).sum() == 35


def test_that_grey_images_do_and_the_image_stays_as_it_is(image: np.ndarray) -> None:
    grey = image[:, :, 0].copy()
    before = grey.copy()
    grey.flags.writeable = False
    assert similar_pixels(grey, 12, 5, tolerance=0).sum() == 30
    assert np.array_equal(grey, before)


def ring(*, height: int = 12, width: int = 12, left: int = 2, top: int = 2) -> Mask:
    pixels = np.zeros((height, width), np.bool_)
    pixels[top : top + 6, left : left + 6] = True
    pixels[top + 1 : top + 5, left + 1 : left + 5] = False
    return Mask.from_array(pixels)


def test_that_an_enclosed_place_is_found() -> None:
    place = enclosed_pixels(ring(), 4, 4)
    assert place is not None
    assert place.box == Box(3, 3, 7, 7)
    assert place.area == 16


@pytest.mark.parametrize(("x", "y"), [(0, 0), (9, 4), (2, 2), (4, 9)])
def test_that_outside_and_on_the_line_there_is_no_place(x: int, y: int) -> None:
    assert enclosed_pixels(ring(), x, y) is None


def test_that_a_gap_leaves_the_place_open() -> None:
    pixels = ring().to_array()
    pixels[4, 7] = False
    assert enclosed_pixels(Mask.from_array(pixels), 4, 4) is None


def test_that_a_diagonal_gap_is_none() -> None:
    pixels = ring().to_array()
    pixels[2, 2] = False
    assert enclosed_pixels(Mask.from_array(pixels), 4, 4) is not None


def test_that_the_image_s_edge_closes_a_place() -> None:
    pixels = ring(top=0).to_array()
    pixels[0, 3:7] = False
    place = enclosed_pixels(Mask.from_array(pixels), 4, 0)
    assert place is not None
    assert place.area == 20


def test_that_an_empty_mask_encloses_nothing() -> None:
    assert enclosed_pixels(Mask.from_array(np.zeros((4, 4), np.bool_)), 1, 1) is None
