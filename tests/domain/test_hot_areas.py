"""Areas of an anomaly map as masks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inspector_app.domain.geometry import Box
from inspector_app.domain.hot_areas import MOST_AREAS, enlarged, hot_areas, is_drawn
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.tidy import Tidying

HEIGHT, WIDTH = 24, 36


def box_mask(left: int, top: int, right: int, bottom: int) -> Mask:
    return Mask.from_box(Box(left, top, right, bottom), height=HEIGHT, width=WIDTH)


def heat(*masks: Mask, value: float = 1.0) -> np.ndarray:
    return sum((m.to_array() for m in masks), np.zeros((HEIGHT, WIDTH), bool)) * np.float32(value)


def areas_of(heatmap: np.ndarray, level: float = 0.5, tidying: Tidying | None = None) -> list[Mask]:
    return hot_areas(heatmap, level, width=WIDTH, height=HEIGHT, tidying=tidying or Tidying())


def test_that_each_connected_area_is_a_mask_largest_first() -> None:
    small, large = box_mask(2, 2, 5, 5), box_mask(10, 10, 30, 20)
    assert areas_of(heat(small, large)) == [large, small]


def test_that_the_level_itself_is_reached() -> None:
    spot = box_mask(2, 2, 5, 5)
    assert areas_of(heat(spot, value=0.5), 0.5) == [spot]
    assert areas_of(heat(spot, value=0.5), np.nextafter(np.float32(0.5), np.float32(1))) == []


def test_that_pixels_touching_at_a_corner_are_one_area() -> None:
    (area,) = areas_of(heat(box_mask(2, 2, 4, 4), box_mask(4, 4, 6, 6)))
    assert area.area == 8


def test_that_specks_are_left_out_also_when_nothing_else_is_there() -> None:
    assert areas_of(heat(box_mask(2, 2, 5, 5)), tidying=Tidying(speck_px=9)) == []
    assert areas_of(heat(box_mask(2, 2, 5, 5)), tidying=Tidying(speck_px=8)) != []


def test_that_holes_are_filled_as_asked() -> None:
    ring = heat(box_mask(2, 2, 12, 12)) - heat(box_mask(6, 6, 8, 8))
    assert areas_of(ring, tidying=Tidying(hole_px=4)) == [box_mask(2, 2, 12, 12)]


def test_that_only_the_largest_of_very_many_areas_are_kept() -> None:
    pixels = np.zeros((HEIGHT, WIDTH), np.float32)
    pixels[::2, ::2] = 1.0
    assert (pixels > 0).sum() > MOST_AREAS
    assert len(areas_of(pixels)) == MOST_AREAS


@given(
    arrays.arrays(np.float32, (5, 7), elements=st.floats(0, 1, width=32)),
    st.floats(1 / 64, 1, width=32),
    st.sampled_from([(HEIGHT, WIDTH), (5, 7), (11, 8)]),
)
def test_that_areas_cover_what_the_enlarged_map_reaches(
    heatmap: np.ndarray, level: float, size: tuple[int, int]
) -> None:
    height, width = size
    areas = hot_areas(heatmap, level, width=width, height=height, tidying=Tidying())
    covered = sum((m.to_array() for m in areas), np.zeros(size, int))
    assert covered.max() <= 1
    whole = enlarged(heatmap, width, height)
    # Where it is within rounding of the level, either is right.
    is_clear = np.abs(whole - level) > 1e-6
    np.testing.assert_array_equal(covered[is_clear], (whole >= level)[is_clear])


@given(arrays.arrays(np.bool_, (6, 9)))
def test_that_areas_never_touch(hot: np.ndarray) -> None:
    areas = hot_areas(hot.astype(np.float32), 0.7, width=36, height=24, tidying=Tidying())
    count, _ = cv2.connectedComponents(
        sum((m.to_array() for m in areas), np.zeros((24, 36), np.uint8)), connectivity=8
    )
    assert count - 1 == len(areas)


def test_that_an_area_around_a_region_is_drawn_already() -> None:
    region = box_mask(3, 3, 6, 6)
    assert is_drawn(box_mask(2, 2, 12, 12), [box_mask(20, 2, 30, 12), region])


def test_that_an_area_within_a_region_is_drawn_already() -> None:
    assert is_drawn(box_mask(4, 4, 6, 6), [box_mask(2, 2, 12, 12)])


def test_that_an_area_beside_or_hardly_over_a_region_is_not() -> None:
    regions = [
        box_mask(11, 2, 21, 12),
        box_mask(14, 2, 20, 12),
        box_mask(2, 14, 12, 20),
        Mask.from_array(np.zeros((HEIGHT, WIDTH))),
    ]
    assert not is_drawn(box_mask(2, 2, 12, 12), regions)
