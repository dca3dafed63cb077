"""Made-up defects and what trainings make of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.domain.picture import RgbImage
from training.data.synthetic import with_defect


def part(side: int = 64, level: int = 90) -> RgbImage:
    rng = np.random.default_rng(3)
    picture = np.full((side, side, 3), level, np.float32)
    picture[side // 4 : side // 2, side // 4 : side // 2] += 80
    return np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_that_a_defect_is_seen_where_its_mask_is(seed: int) -> None:
    picture = part()
    changed, mask = with_defect(picture, (seed, 1))
    difference = np.abs(changed.astype(float) - picture.astype(float)).mean(2)
    assert 0 < mask.mean() <= 0.2
    assert difference[mask].mean() >= 0.03 * 255
    assert difference[mask].mean() > difference[~mask].mean()


@pytest.mark.parametrize("level", [0, 127, 255])
def test_that_flat_pictures_get_defects_as_well(level: int) -> None:
    picture = np.full((64, 64, 3), level, np.uint8)
    for seed in range(12):
        changed, mask = with_defect(picture, (seed,))
        assert (changed != picture)[mask].any()


def test_that_the_same_seed_makes_the_same_defect() -> None:
    first, second, other = (with_defect(part(), (seed, 0)) for seed in (5, 5, 6))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[1], other[1])


def test_that_the_picture_itself_is_left_alone() -> None:
    picture = part()
    before = picture.copy()
    with_defect(picture, (1,))
    assert np.array_equal(picture, before)


def test_that_grey_pictures_stay_grey() -> None:
    for seed in range(12):
        changed, _ = with_defect(part()[..., :1].repeat(3, 2), (seed,))
        assert not np.ptp(changed, axis=2).any()
