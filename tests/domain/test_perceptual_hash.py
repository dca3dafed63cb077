import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.domain.perceptual_hash import (
    NEAR_BITS,
    find_alikes,
    look_alike,
    perceptual_hash,
    small_picture,
)


def photo(seed: int) -> NDArray[np.uint8]:
    """A picture with structure: smooth blobs of light and dark."""
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 9, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (160, 120), interpolation=cv2.INTER_CUBIC), np.uint8)


def bits_between(first: int, second: int) -> int:
    return (first ^ second).bit_count()


@pytest.mark.parametrize(
    "change",
    [
        lambda image: cv2.resize(image, (80, 60), interpolation=cv2.INTER_AREA),
        lambda image: cv2.imdecode(cv2.imencode(".jpg", image)[1], cv2.IMREAD_COLOR),
        lambda image: np.clip(image.astype(int) + 12, 0, 255).astype(np.uint8),
    ],
    ids=["smaller", "as JPEG", "brighter"],
)
def test_that_the_same_picture_keeps_its_hash(change: object) -> None:
    assert callable(change)
    before, after = small_picture(photo(1)), small_picture(change(photo(1)))
    assert bits_between(perceptual_hash(before), perceptual_hash(after)) <= NEAR_BITS
    assert look_alike(before, after)


def test_that_different_pictures_differ() -> None:
    small = [small_picture(photo(seed)) for seed in range(20)]
    assert [found.others for found in find_alikes(small, range(20))] == [()] * 20
    assert not look_alike(small[0], small[1])


def test_that_grey_pictures_have_a_hash_too() -> None:
    image = photo(3)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    assert np.array_equal(small_picture(np.asarray(grey, np.uint8)), small_picture(image))


def test_that_every_pair_that_looks_the_same_is_found_once() -> None:
    small = [small_picture(photo(seed)) for seed in (1, 2, 1, 3, 1)]
    found = list(find_alikes(small, range(5)))
    assert [one.others for one in found] == [(2, 4), (), (4,), (), ()]
    assert [one.compared for one in found] == [4, 3, 2, 1, 0]
    assert list(find_alikes([], [])) == []


def test_that_pictures_of_one_group_are_not_compared() -> None:
    small = [small_picture(photo(1))] * 4
    found = list(find_alikes(small, [0, 0, 1, 0]))
    assert [one.others for one in found] == [(2,), (2,), (3,), ()]
    assert sum(one.compared for one in found) == 3


def test_that_what_the_hash_proposes_the_pixels_decide() -> None:
    small = small_picture(photo(1))
    scratched = small.copy()
    # Enough pixels to be another part, too small for the hash's low frequencies.
    scratched[::6, ::12] = 255 - scratched[::6, ::12]
    assert bits_between(perceptual_hash(small), perceptual_hash(scratched)) <= NEAR_BITS
    assert next(find_alikes([small, scratched], [0, 1])).others == ()
