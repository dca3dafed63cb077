"""A region as one polygon."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import RING, drawn
from numpy.typing import NDArray
from strategies import masks

from inspector_app.domain.mask import Mask, Polygon
from inspector_app.domain.region_operations import without_holes
from inspector_app.formats.outline import single_outline


def crossings(polygon: Polygon, mask: Mask) -> NDArray[np.int64]:
    """Count, at each pixel's centre, edges to its right: (H, W, 2), upward and downward ones."""
    ys, xs = np.mgrid[: mask.height, : mask.width] + 0.5
    counts = np.zeros((mask.height, mask.width, 2), np.int64)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        is_level = (min(y0, y1) <= ys) & (ys < max(y0, y1))
        is_right = x0 + (ys - y0) * (x1 - x0) / (y1 - y0) > xs
        counts[..., int(y1 > y0)] += is_level & is_right
    return counts


@given(masks())
def test_that_the_even_odd_rule_fills_exactly_the_pixels(mask: Mask) -> None:
    filled = without_holes(mask)
    counts = crossings(single_outline(filled), filled)
    np.testing.assert_array_equal(counts.sum(axis=-1) % 2 == 1, filled.to_array())


@given(masks())
def test_that_the_non_zero_rule_fills_exactly_the_pixels(mask: Mask) -> None:
    filled = without_holes(mask)
    counts = crossings(single_outline(filled), filled)
    np.testing.assert_array_equal(counts[..., 0] != counts[..., 1], filled.to_array())


@given(masks())
def test_that_pycocotools_fills_exactly_the_pixels(mask: Mask) -> None:
    filled = without_holes(mask)
    polygon = single_outline(filled).ravel().tolist()
    again = Mask.from_polygons([polygon], width=mask.width, height=mask.height)
    assert again == filled


def test_that_holes_are_filled_with_what_lies_in_them() -> None:
    solid = ("", *[".#####"] * 2, ".#####..##", ".#####..##", ".#####")
    assert without_holes(drawn(*RING)) == drawn(*solid)


def test_that_a_ring_closed_only_at_a_corner_has_no_hole() -> None:
    mask = drawn("###", "#.#", "##.")
    assert without_holes(mask) == mask


def test_that_a_mask_without_pixels_stays_empty() -> None:
    assert without_holes(drawn()) == drawn()


@settings(max_examples=25)
@given(st.integers(1, 200))
def test_that_many_parts_are_joined_without_long_ways(count: int) -> None:
    spread = np.random.default_rng(count)
    array = np.zeros((100, 100), bool)
    array[spread.integers(0, 100, count), spread.integers(0, 100, count)] = True
    polygon = single_outline(without_holes(Mask.from_array(array)))
    steps = np.hypot(*np.diff(polygon, axis=0, append=polygon[:1]).T)
    # Four edges for each pixel and, there and back, a way of about the parts' distance.
    assert steps.sum() < 4 * count + 2 * 250 * np.sqrt(count)
