"""Which pixels a brush covers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.geometry import Box
from inspector_app.ui.canvas.tools.dabs import dab, snapped

WIDTH, HEIGHT = 40, 30
places = st.tuples(st.floats(-10, WIDTH + 10), st.floats(-10, HEIGHT + 10))
sizes = st.integers(1, 24)


def distance_to_segment(
    x: float, y: float, start: tuple[float, float], end: tuple[float, float]
) -> float:
    way = np.subtract(end, start)
    length_squared = float(way @ way)
    along = 0.0
    if length_squared:
        along = float(np.clip(np.subtract((x, y), start) @ way / length_squared, 0, 1))
    return float(np.hypot(*(np.subtract((x, y), start) - along * way)))


@given(places, places, sizes)
def test_that_a_dab_sets_the_pixels_within_half_its_size_of_the_way(
    start: tuple[float, float], end: tuple[float, float], diameter_px: int
) -> None:
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    dab(pixels, start, end, diameter_px=diameter_px, value=1)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            off = distance_to_segment(x + 0.5, y + 0.5, start, end) - diameter_px / 2
            # On the very rim rounding decides.
            if abs(off) > 0.01:
                assert pixels[y, x] == (off < 0), (x, y)


@given(places, places, sizes)
def test_that_the_reported_box_holds_everything_that_changed(
    start: tuple[float, float], end: tuple[float, float], diameter_px: int
) -> None:
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    box = dab(pixels, start, end, diameter_px=diameter_px, value=1)
    if box is not None:
        pixels[box.top : box.bottom, box.left : box.right] = 0
    assert not pixels.any()


@given(places, sizes)
def test_that_a_brush_covers_as_many_pixels_everywhere(
    place: tuple[float, float], diameter_px: int
) -> None:
    counts = []
    for x, y in (place, (50.2, 50.9)):
        pixels = np.zeros((100, 100), np.uint8)
        centre = snapped(abs(x) % 40 + 30, abs(y) % 40 + 30, diameter_px)
        dab(pixels, centre, centre, diameter_px=diameter_px, value=1)
        counts.append(int(pixels.sum()))
    assert counts[0] == counts[1] > 0


def test_that_erasing_sets_back_to_zero() -> None:
    pixels = np.ones((HEIGHT, WIDTH), np.uint8)
    box = dab(pixels, (5.5, 5.5), (5.5, 5.5), diameter_px=3, value=0)
    assert box == Box(4, 4, 7, 7)
    assert pixels.sum() == WIDTH * HEIGHT - 9


def test_that_a_dab_outside_the_image_changes_nothing() -> None:
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    assert dab(pixels, (-20.0, 5.0), (-30.0, 9.0), diameter_px=9, value=1) is None
