"""Brush, eraser, box and select: strokes to pixels, each one undo step."""

from itertools import pairwise

import numpy as np
import pytest
from hand import HEIGHT, WIDTH, Hand, add_region, mask_of, stored
from PySide6.QtCore import Qt

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.tools.painting import PaintingTool
from inspector_app.ui.pages.annotate import AnnotatePage

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SIZE_PX = 9
STROKE = [(30.5, 20.5), (50.5, 35.5), (60.5, 20.5)]


def covered(points: list[tuple[float, float]], radius_px: float) -> BoolArray:
    """Return every pixel whose centre is within the radius of the way through the points."""
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    result = np.zeros((HEIGHT, WIDTH), bool)
    for start, end in pairwise(points):
        for along in np.linspace(0, 1, 2001):
            x = start[0] + along * (end[0] - start[0])
            y = start[1] + along * (end[1] - start[1])
            result |= (columns - x) ** 2 + (rows - y) ** 2 <= radius_px**2 + 1e-3
    return result


def take(hand: Hand, name: str) -> None:
    hand.take(name)
    tool = hand.page.tool(name)
    assert isinstance(tool, PaintingTool)
    tool.size.set_value(SIZE_PX)


def regions(session: ProjectSession) -> tuple[Region, ...]:
    assert session.document is not None
    return session.document.regions


def pixels(session: ProjectSession) -> BoolArray:
    (region,) = regions(session)
    assert region.mask is not None
    return region.mask.to_array()


def test_that_a_stroke_covers_exactly_the_pixels_under_the_brush(
    hand: Hand, session: ProjectSession
) -> None:
    take(hand, "brush")
    hand.drag(STROKE)
    assert np.array_equal(pixels(session), covered(STROKE, SIZE_PX / 2))
    assert regions(session)[0].author is Author.HAND
    assert stored(session) == session.document


def test_that_a_brush_of_one_pixel_paints_the_pixel_under_the_cursor(
    hand: Hand, session: ProjectSession
) -> None:
    take(hand, "brush")
    hand.page.tool("brush").options[0].set_value(1)
    hand.click(33.9, 44.1)
    assert [tuple(place) for place in np.argwhere(pixels(session))] == [(44, 33)]


def test_that_a_stroke_is_one_undo_step(hand: Hand, session: ProjectSession) -> None:
    take(hand, "brush")
    hand.drag(STROKE)
    before = pixels(session)
    hand.drag([(80.5, 60.5), (90.5, 60.5), (95.5, 70.5)])
    hand.key(Qt.Key.Key_Z, CTRL)
    assert np.array_equal(pixels(session), before)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert regions(session) == ()
    assert session.undo_label == ""


@pytest.mark.parametrize("redo", [(Qt.Key.Key_Z, CTRL | SHIFT), (Qt.Key.Key_Y, CTRL)])
def test_that_undo_and_redo_answer_to_their_keys(
    hand: Hand, session: ProjectSession, redo: tuple[Qt.Key, Qt.KeyboardModifier]
) -> None:
    take(hand, "brush")
    hand.drag(STROKE)
    after = regions(session)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert regions(session) == ()
    hand.key(*redo)
    assert regions(session) == after
    assert stored(session) == session.document


def test_that_painting_adds_to_the_selected_region_and_shift_starts_another(
    hand: Hand, session: ProjectSession
) -> None:
    first = add_region(session, "a", mask_of(Box(28, 18, 35, 25)))
    hand.page.editing.select("a")
    take(hand, "brush")
    hand.drag(STROKE)
    assert first.mask is not None
    expected = first.mask.to_array() | covered(STROKE, SIZE_PX / 2)
    assert np.array_equal(pixels(session), expected)
    hand.drag([(80.5, 60.5), (90.5, 60.5)], modifier=SHIFT)
    assert len(regions(session)) == 2


def test_that_a_stroke_beside_the_image_makes_no_region(
    hand: Hand, session: ProjectSession
) -> None:
    take(hand, "brush")
    hand.drag([(-20, 10), (-25, 20), (-20, 30)])
    assert regions(session) == ()


def test_that_escape_drops_a_stroke_in_the_making(hand: Hand, session: ProjectSession) -> None:
    take(hand, "brush")
    hand.press(30.5, 20.5)
    hand.move(50.5, 30.5)
    hand.key(Qt.Key.Key_Escape)
    hand.release(50.5, 30.5)
    assert regions(session) == ()


def test_that_another_image_drops_a_stroke_in_the_making(
    hand: Hand, session: ProjectSession
) -> None:
    take(hand, "brush")
    hand.press(30.5, 20.5)
    hand.key(Qt.Key.Key_D)
    hand.wait_for_image()
    hand.move(50.5, 30.5)
    hand.release(50.5, 30.5)
    assert regions(session) == ()
    assert session.images()[0].region_count == 0


def test_that_undo_during_a_stroke_does_no_harm(hand: Hand, session: ProjectSession) -> None:
    add_region(session, "a", mask_of(Box(28, 18, 35, 25)))
    hand.page.editing.select("a")
    take(hand, "brush")
    hand.press(30.5, 20.5)
    hand.move(50.5, 30.5)
    hand.key(Qt.Key.Key_Z, CTRL)
    hand.release(50.5, 30.5)
    assert regions(session) == ()


def test_that_the_brackets_change_the_size(hand: Hand) -> None:
    take(hand, "brush")
    hand.key(Qt.Key.Key_BracketRight)
    assert hand.page.tool("brush").options[0].value > SIZE_PX
    hand.key(Qt.Key.Key_BracketLeft)
    hand.key(Qt.Key.Key_BracketLeft)
    assert hand.page.tool("brush").options[0].value < SIZE_PX


def test_that_the_eraser_takes_exactly_the_pixels_under_it(
    hand: Hand, session: ProjectSession
) -> None:
    region = add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    take(hand, "eraser")
    hand.drag(STROKE)
    assert region.mask is not None
    expected = region.mask.to_array() & ~covered(STROKE, SIZE_PX / 2)
    assert np.array_equal(pixels(session), expected)


def test_that_an_erased_hole_survives_and_is_not_the_region(
    hand: Hand, session: ProjectSession
) -> None:
    add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    take(hand, "eraser")
    hand.click(40.5, 30.5)
    mask = regions(session)[0].mask
    assert mask is not None
    assert mask.has_holes()
    hand.take("select")
    hand.click(40.5, 30.5)
    assert hand.page.editing.selected is None
    hand.click(25.5, 15.5)
    assert hand.page.editing.selected == regions(session)[0]


def test_that_erasing_the_last_pixel_removes_the_region_and_undo_brings_it_back(
    hand: Hand, session: ProjectSession
) -> None:
    region = add_region(session, "a", mask_of(Box(40, 30, 43, 33)))
    take(hand, "eraser")
    hand.click(41.5, 31.5)
    assert regions(session) == ()
    assert stored(session).regions == ()
    hand.key(Qt.Key.Key_Z, CTRL)
    assert regions(session) == (region,)


def test_that_erasing_from_a_box_is_explained(hand: Hand, session: ProjectSession) -> None:
    hand.take("box")
    hand.drag([(20, 10), (40, 20), (60, 50)])
    hand.take("eraser")
    hand.click(30.5, 30.5)
    assert "only a box" in hand.page.tool_options.text
    assert len(regions(session)) == 1


def test_that_a_region_of_another_image_size_is_not_painted_into(
    hand: Hand, session: ProjectSession
) -> None:
    region = add_region(session, "a", Mask.from_box(Box(5, 5, 50, 50), height=300, width=300))
    take(hand, "eraser")
    hand.click(30.5, 30.5)
    assert "300 × 300 px" in hand.page.tool_options.text
    assert regions(session) == (region,)


def test_that_a_dragged_box_becomes_a_region_without_a_mask(
    hand: Hand, session: ProjectSession
) -> None:
    hand.take("box")
    hand.drag([(20.5, 10.5), (40, 20), (59.5, 49.5)])
    (region,) = regions(session)
    assert (region.box, region.mask) == (Box(20, 10, 60, 50), None)
    assert stored(session) == session.document


def test_that_a_box_is_cut_at_the_image_edge(hand: Hand, session: ProjectSession) -> None:
    hand.take("box")
    hand.drag([(100.5, 60.5), (110, 70), (WIDTH + 20, HEIGHT + 10)])
    assert regions(session)[0].box == Box(100, 60, WIDTH, HEIGHT)


def test_that_a_click_with_the_box_tool_makes_no_box(hand: Hand, session: ProjectSession) -> None:
    hand.take("box")
    hand.click(30.5, 30.5)
    assert regions(session) == ()


def test_that_delete_removes_the_selected_region_with_any_tool(
    hand: Hand, session: ProjectSession
) -> None:
    add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    hand.click(30.5, 30.5)
    hand.take("brush")
    hand.key(Qt.Key.Key_Delete)
    assert regions(session) == ()


def test_that_of_two_regions_the_upper_one_is_selected(hand: Hand, session: ProjectSession) -> None:
    add_region(session, "below", mask_of(Box(20, 10, 70, 50)))
    add_region(session, "above", mask_of(Box(30, 20, 60, 40)))
    hand.click(40.5, 30.5)
    assert hand.page.editing.selected == regions(session)[1]
    hand.click(22.5, 12.5)
    assert hand.page.editing.selected == regions(session)[0]


def test_that_an_arrow_key_moves_the_selected_region_by_one_pixel(
    hand: Hand, session: ProjectSession
) -> None:
    add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    hand.click(30.5, 30.5)
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Up)
    assert regions(session)[0].mask == mask_of(Box(21, 9, 71, 49))


def test_that_a_region_is_not_moved_out_of_the_image(hand: Hand, session: ProjectSession) -> None:
    add_region(session, "a", mask_of(Box(0, 10, 20, 30)))
    hand.click(10.5, 20.5)
    hand.key(Qt.Key.Key_Left)
    assert regions(session)[0].mask == mask_of(Box(0, 10, 20, 30))
    hand.drag([(10.5, 20.5), (40, 20), (300, 20.5)])
    assert regions(session)[0].mask == mask_of(Box(WIDTH - 20, 10, WIDTH, 30))


def test_that_dragging_a_region_moves_it_in_one_undo_step(
    hand: Hand, session: ProjectSession
) -> None:
    mask = Mask.from_array(covered(STROKE, SIZE_PX / 2))
    add_region(session, "a", mask)
    hand.drag([(30.5, 20.5), (40.5, 30.5), (45.5, 28.5)])
    assert regions(session)[0].mask == mask.moved(15, 8)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert regions(session)[0].mask == mask


def test_that_ctrl_d_duplicates_in_the_list_and_moves_on_elsewhere(
    hand: Hand, session: ProjectSession
) -> None:
    region = add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    hand.click(30.5, 30.5)
    hand.key(Qt.Key.Key_D, CTRL, on=hand.page.side.regions)
    original, copy = regions(session)
    assert original == region
    assert (copy.id != region.id, copy.mask) == (True, mask_of(Box(28, 18, 78, 58)))
    hand.key(Qt.Key.Key_D, CTRL)
    assert session.current_image is not None
    assert session.current_image.name == "1.png"


@pytest.mark.parametrize("tool", ["select", "click-segment", "box", "brush", "eraser"])
@pytest.mark.parametrize("how", ["space", "middle"])
def test_that_panning_moves_the_view_and_draws_nothing(
    page: AnnotatePage, hand: Hand, session: ProjectSession, tool: str, how: str
) -> None:
    add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    hand.take(tool)
    before, viewport = session.document, page.canvas.viewport
    if how == "space":
        hand.hold_space()
    button = Qt.MouseButton.MiddleButton if how == "middle" else Qt.MouseButton.LeftButton
    start, end = hand.at(40, 30), hand.at(55, 42)
    hand.drag([(40, 30), (48, 33), (55, 42)], button)
    moved = end - start
    if how == "space":
        hand.let_go_of_space()
    after = page.canvas.viewport
    assert (after.left - viewport.left, after.top - viewport.top) == (moved.x(), moved.y())
    assert session.document == before
    assert page.tool_options.text == page.tool(tool).hint()


def test_that_the_tool_goes_on_after_panning_in_the_middle_of_a_stroke(
    hand: Hand, session: ProjectSession
) -> None:
    take(hand, "brush")
    hand.press(30.5, 20.5)
    middle = Qt.MouseButton.MiddleButton
    hand.press(30.5, 20.5, middle)
    hand.release(30.5, 20.5, middle)
    hand.move(40.5, 20.5)
    hand.release(40.5, 20.5)
    assert np.array_equal(pixels(session), covered([(30.5, 20.5), (40.5, 20.5)], SIZE_PX / 2))
