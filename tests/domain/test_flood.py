import numpy as np
import pytest

from inspector_app.domain.flood import similar_pixels


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
