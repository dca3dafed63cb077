"""Masks against brute force on small arrays, and run lengths from strangers."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import (
    MOST_PIXELS,
    BoolArray,
    Mask,
    _run_total,
    _runs,
    pixel_edge_outlines,
    polygon_area,
    simplify,
)
from tests.strategies import bitmaps

RING = np.array(
    [
        [1, 1, 1, 1, 0, 0],
        [1, 0, 0, 1, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [0, 0, 0, 0, 1, 1],
    ],
    bool,
)
"""A ring with a hole, and two pixels that touch it at a corner only."""


def even_odd_filled(polygons: list[np.ndarray], shape: tuple[int, int]) -> BoolArray:
    """Fill by counting the edges that a ray to the right of each pixel's centre crosses."""
    filled = np.zeros(shape, bool)
    for y in range(shape[0]):
        for x in range(shape[1]):
            crossings = 0
            for polygon in polygons:
                for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
                    is_crossed = min(y0, y1) <= y + 0.5 < max(y0, y1)
                    crossings += is_crossed and x0 == x1 and x0 > x + 0.5
            filled[y, x] = crossings % 2 == 1
    return filled


# ---- arrays and back


@given(bitmaps)
def test_that_an_array_survives_the_round_trip(array: BoolArray) -> None:
    mask = Mask.from_array(array)
    assert (mask.height, mask.width) == array.shape
    assert np.array_equal(mask.to_array(), array)


@given(bitmaps)
def test_that_area_and_box_are_those_of_the_set_pixels(array: BoolArray) -> None:
    mask = Mask.from_array(array)
    assert mask.area == array.sum()
    rows, columns = np.nonzero(array)
    if rows.size == 0:
        assert mask.box is None
    else:
        edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert mask.box == Box(*(int(edge) for edge in edges))


def test_that_any_value_but_zero_is_set() -> None:
    values = np.array([[0, 1, 128, 255]], np.uint8)
    assert Mask.from_array(values).to_array().tolist() == [[False, True, True, True]]


def test_that_an_array_of_three_dimensions_is_no_mask() -> None:
    with pytest.raises(ValueError, match="two dimensions"):
        Mask.from_array(np.zeros((4, 4, 3)))


def test_that_changing_the_decoded_array_does_not_change_the_mask() -> None:
    mask = Mask.from_array(RING)
    mask.to_array()[:] = False
    assert np.array_equal(mask.to_array(), RING)


def test_that_a_box_becomes_the_pixels_inside_the_image() -> None:
    mask = Mask.from_box(Box(-2, 1, 3, 9), height=4, width=5)
    expected = np.zeros((4, 5), bool)
    expected[1:, :3] = True
    assert np.array_equal(mask.to_array(), expected)


@given(st.data(), bitmaps)
def test_that_iou_is_intersection_over_union(data: st.DataObject, first: BoolArray) -> None:
    second = data.draw(bitmaps.filter(lambda array: array.shape == first.shape) | st.just(~first))
    union = (first | second).sum()
    expected = (first & second).sum() / union if union else 1.0
    assert Mask.from_array(first).iou(Mask.from_array(second)) == pytest.approx(expected)


# ---- outlines


@given(bitmaps)
@example(RING)
def test_that_filling_the_outlines_even_odd_gives_the_mask_back(array: BoolArray) -> None:
    polygons = Mask.from_array(array).to_polygons()
    assert np.array_equal(even_odd_filled(polygons, array.shape), array)


@given(bitmaps)
def test_that_outlines_and_holes_add_up_to_the_area(array: BoolArray) -> None:
    outlines = Mask.from_array(array).outlines()
    assert sum(polygon_area(polygon) for polygon, _ in outlines) == array.sum()
    assert all((polygon_area(polygon) < 0) == is_hole for polygon, is_hole in outlines)
    sizes = [abs(polygon_area(polygon)) for polygon, _ in outlines]
    assert sizes == sorted(sizes, reverse=True)


def test_that_pixels_which_touch_at_a_corner_only_are_separate() -> None:
    outlines = Mask.from_array(RING).outlines()
    found = {(abs(polygon_area(polygon)), is_hole) for polygon, is_hole in outlines}
    assert found == {(12, False), (2, True), (2, False)}
    assert len(outlines) == 3
    assert Mask.from_array(RING).has_holes()
    assert not Mask.from_array(RING[3:]).has_holes()


def test_that_an_outline_has_a_vertex_at_corners_only() -> None:
    [(polygon, _)] = pixel_edge_outlines(np.ones((3, 7), bool), offset_xy=(10, 20))
    assert sorted(polygon.tolist()) == [[10, 20], [10, 23], [17, 20], [17, 23]]


def test_that_an_empty_mask_has_no_outline() -> None:
    assert Mask.from_array(np.zeros((3, 3), bool)).to_polygons() == []


# ---- polygons


def test_that_polygons_are_rasterised_as_pycocotools_does() -> None:
    flat = [[1.2, 1.0, 7.5, 2.2, 4.0, 8.8], [0, 8, 3, 8, 3, 9.5, 0, 9.5]]
    merged = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(flat, 10, 9)))
    mask = Mask.from_polygons(flat, height=10, width=9)
    assert np.array_equal(mask.to_array(), merged.astype(bool))


def test_that_a_polygon_along_pixel_edges_covers_those_pixels() -> None:
    mask = Mask.from_polygons([[2, 1, 6, 1, 6, 4, 2, 4]], height=6, width=8)
    assert mask == Mask.from_box(Box(2, 1, 6, 4), height=6, width=8)


def test_that_a_vertex_far_outside_takes_neither_time_nor_pixels_inside() -> None:
    mask = Mask.from_polygons([[-1e9, -1e9, 1e9, -1e9, 1e9, 1e9, -1e9, 1e9]], height=5, width=7)
    assert mask.area == 35


@pytest.mark.parametrize("polygon", [[1, 1, 5, 5], [1, 1, 5, 5, 3, 3, 2], []])
def test_that_a_polygon_of_fewer_than_three_points_is_refused(polygon: list[float]) -> None:
    with pytest.raises(ValueError, match="three x, y pairs"):
        Mask.from_polygons([polygon], height=9, width=9)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_that_a_polygon_with_a_wrong_number_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="not a number"):
        Mask.from_polygons([[0, 0, 5, wrong, 5, 5]], height=9, width=9)


def test_that_simplifying_stays_within_the_tolerance() -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = 50 + 40 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    thinned = simplify(circle, tolerance_px=1.0)
    assert 3 <= len(thinned) < 40
    radii = np.hypot(*(0.5 * (thinned + np.roll(thinned, -1, axis=0)) - 50).T)
    assert radii.min() >= 40 - 1.0 - 1e-3


@pytest.mark.parametrize(
    ("vertices", "tolerance_px"),
    [(200, 0.0), (4, 5.0)],
    ids=["no tolerance", "a rectangle"],
)
def test_that_some_polygons_are_left_as_they_are(vertices: int, tolerance_px: float) -> None:
    polygon = np.random.default_rng(0).uniform(0, 50, (vertices, 2))
    assert simplify(polygon, tolerance_px=tolerance_px) is polygon


def test_that_simplifying_never_leaves_fewer_than_three_points() -> None:
    polygon = np.array([[0, 0], [10, 0.1], [20, 0], [20, 0.2], [0, 0.2]])
    assert np.array_equal(simplify(polygon, tolerance_px=5.0), polygon)


# ---- run lengths


@given(bitmaps, st.data(), st.integers(1, 5))
def test_that_a_crop_with_a_step_takes_every_so_many_th_pixel(
    array: BoolArray, data: st.DataObject, step: int
) -> None:
    height, width = array.shape
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right = data.draw(st.integers(left + 1, width))
    bottom = data.draw(st.integers(top + 1, height))
    found = Mask.from_array(array).crop(Box(left, top, right, bottom), step=step)
    assert np.array_equal(found, array[top:bottom:step, left:right:step])


@given(bitmaps)
def test_that_compressed_and_plain_run_lengths_give_the_same_mask(array: BoolArray) -> None:
    mask = Mask.from_array(array)
    flat = array.T.ravel().tolist()
    runs, value = [0], False
    for pixel in flat:
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    size = list(array.shape)
    assert mask.rle == {"size": size, "counts": mask.counts}
    assert Mask.from_rle(mask.rle) == mask
    assert Mask.from_rle({"size": size, "counts": mask.counts.encode("ascii")}) == mask
    assert Mask.from_rle({"size": size, "counts": runs}) == mask


@given(bitmaps)
def test_that_the_run_total_of_pycocotools_strings_is_the_pixel_count(array: BoolArray) -> None:
    encoded = coco_mask.encode(np.asfortranarray(array, np.uint8))
    assert _run_total(encoded["counts"].decode("ascii")) == array.size


@given(st.lists(st.integers(0, 2**28), min_size=1, max_size=12))
def test_that_the_run_total_holds_for_long_runs_too(runs: list[int]) -> None:
    assume(0 < sum(runs) < 2**31)
    size = [1, sum(runs)]
    counts = coco_mask.frPyObjects({"size": size, "counts": runs}, *size)["counts"]
    assert _run_total(counts.decode("ascii")) == sum(runs)


def decoded_one_by_one(counts: str) -> list[int]:
    """Return the run lengths as cocoapi's rleFrString does, in whole numbers without end."""
    runs: list[int] = []
    codes = iter([ord(character) - 48 for character in counts])
    for first in codes:
        code, value, shift = first, first & 0x1F, 5
        while code & 0x20:
            code = next(codes)
            value |= (code & 0x1F) << shift
            shift += 5
        if code & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    return runs


@given(st.lists(st.integers(0, MOST_PIXELS), min_size=1, max_size=30))
def test_that_runs_are_decoded_as_one_by_one(runs: list[int]) -> None:
    assume(sum(runs) <= MOST_PIXELS)
    counts = coco_mask.frPyObjects({"size": [1, sum(runs)], "counts": runs}, 1, sum(runs))
    text = counts["counts"].decode("ascii")
    assert _runs(text).tolist() == decoded_one_by_one(text) == runs


@given(st.text(alphabet=[chr(code) for code in range(48, 112)], max_size=40))
def test_that_what_is_decoded_from_any_text_is_as_one_by_one(counts: str) -> None:
    try:
        runs = _runs(counts)
    except ValueError:
        return
    assert runs.tolist() == decoded_one_by_one(counts)


@given(st.lists(st.integers(0, 31), min_size=1, max_size=60), st.integers(1, 7))
def test_that_a_text_is_refused_only_for_a_run_that_cannot_be(digits: list[int], size: int) -> None:
    follows = [place % size < size - 1 and place < len(digits) - 1 for place in range(len(digits))]
    counts = "".join(
        chr(48 + digit + 32 * more) for digit, more in zip(digits, follows, strict=True)
    )
    runs = decoded_one_by_one(counts)
    if all(0 <= run <= MOST_PIXELS for run in runs):
        assert _runs(counts).tolist() == runs
    else:
        with pytest.raises(ValueError, match=r"negative run|beyond all sizes"):
            _runs(counts)


def test_that_a_sum_beyond_64_bits_does_not_pass_for_a_small_one() -> None:
    largest = "o" * 6 + "?"
    with pytest.raises(ValueError, match="run lengths"):
        Mask.from_rle({"size": [4, 4], "counts": largest * 40_000})


def test_that_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="run lengths contain"):
        Mask.from_rle({"size": [4, 4], "counts": "\ud800"})


HOSTILE = {
    "too long": "9999",
    "too short": "1",
    "empty": "",
    "ends within a number": "1o",
    "below the alphabet": "1/",
    "above the alphabet": "1p",
    "not ASCII": "1ß",
    "a negative run": "N",
    "a negative difference": "1234N",
}


@pytest.mark.parametrize("counts", HOSTILE.values(), ids=HOSTILE.keys())
def test_that_run_lengths_which_do_not_fill_the_image_are_refused(counts: str) -> None:
    with pytest.raises(ValueError, match="run lengths"):
        Mask.from_rle({"size": [4, 4], "counts": counts})


@pytest.mark.parametrize("counts", ["o" * 1000, "P" * 8 + "1"])
def test_that_a_number_is_given_up_once_it_exceeds_every_size(counts: str) -> None:
    with pytest.raises(ValueError, match="beyond all sizes"):
        Mask.from_rle({"size": [4, 4], "counts": counts})


def test_that_bytes_which_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="ascii"):
        Mask.from_rle({"size": [4, 4], "counts": b"\xff\xfe"})


@given(st.text(alphabet=[chr(code) for code in range(40, 120)], max_size=12))
def test_that_any_accepted_string_decodes_to_the_stated_size(counts: str) -> None:
    try:
        mask = Mask.from_rle({"size": [5, 3], "counts": counts})
    except ValueError:
        return
    assert mask.to_array().shape == (5, 3)


@pytest.mark.parametrize("runs", [[15], [17], [-1, 17], []])
def test_that_plain_runs_which_do_not_fill_the_image_are_refused(runs: list[int]) -> None:
    with pytest.raises(ValueError, match="do not fill 4×4"):
        Mask.from_rle({"size": [4, 4], "counts": runs})


@pytest.mark.parametrize("size", [[0, 4], [4, -1], [2**20, 2**20]])
def test_that_an_impossible_size_is_refused(size: list[int]) -> None:
    with pytest.raises(ValueError, match="mask of"):
        Mask.from_rle({"size": size, "counts": [size[0] * size[1]]})
