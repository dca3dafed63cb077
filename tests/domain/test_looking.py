"""Which part of an image a click model looks at."""

from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.geometry import Box
from inspector_app.domain.looking import hull, surroundings, view_to_encode

SIDES = st.integers(1, 40_000)


@st.composite
def seen_parts(draw: st.DrawFn) -> tuple[Box, int, int]:
    """Draw a part inside an image, and the image's size."""
    width, height = draw(SIDES), draw(SIDES)
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
    return Box(left, top, right, bottom), width, height


@given(seen_parts())
def test_that_all_that_is_seen_is_in_the_part(seen: tuple[Box, int, int]) -> None:
    part, width, height = seen
    view = view_to_encode(part, width, height)
    if view is not None:
        assert hull(view, part) == view
        assert view.clipped(width, height) == view


@given(seen_parts())
def test_that_a_part_shows_things_at_least_twice_as_large(seen: tuple[Box, int, int]) -> None:
    part, width, height = seen
    view = view_to_encode(part, width, height)
    if view is not None:
        assert 2 * max(view.width, view.height) <= max(width, height)


def test_that_a_usual_photo_is_looked_at_as_a_whole() -> None:
    assert view_to_encode(Box(300, 300, 400, 400), 1000, 900) is None


def test_that_a_scratch_on_a_large_photo_is_looked_at_closely() -> None:
    view = view_to_encode(Box(2000, 2000, 2200, 2150), 4096, 4096)
    assert view is not None
    assert (view.width, view.height) == (512, 512)


def test_that_the_whole_photo_is_looked_at_when_all_of_it_is_seen() -> None:
    assert view_to_encode(Box(0, 0, 4096, 4096), 4096, 4096) is None


def test_that_a_little_panning_needs_no_other_part() -> None:
    views = {
        view_to_encode(Box(2000 + step, 2000, 2300 + step, 2300), 4096, 4096)
        for step in range(0, 30, 3)
    }
    assert len(views) <= 2


def test_that_a_line_scan_gives_parts_as_high_as_it_is() -> None:
    assert view_to_encode(Box(9000, 100, 9300, 200), 32_768, 400) == Box(8896, 0, 9408, 400)


def test_that_nothing_seen_means_the_whole() -> None:
    assert view_to_encode(Box(-50, -50, -10, -10), 4096, 4096) is None


def test_that_surroundings_are_as_large_again_and_end_with_the_image() -> None:
    assert surroundings(Box(100, 100, 120, 110), 1000, 1000) == Box(89, 94, 131, 116)
    assert surroundings(Box(0, 0, 20, 10), 25, 1000) == Box(0, 0, 25, 16)


def test_that_surroundings_of_a_box_beside_the_image_are_the_box() -> None:
    assert surroundings(Box(200, 0, 210, 10), 100, 100) == Box(200, 0, 210, 10)


def test_that_a_hull_spans_all_boxes() -> None:
    assert hull(Box(5, 6, 7, 8), Box(1, 7, 2, 9), Box(6, 0, 10, 1)) == Box(1, 0, 10, 9)
