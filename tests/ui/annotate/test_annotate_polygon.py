"""Outlines drawn corner by corner, and finished ones whose corners are dragged."""

import numpy as np
import pytest
from hand import HEIGHT, WIDTH, Hand, add_region, mask_of
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.tools.outline_handles import OutlineHandles
from inspector_app.ui.pages.annotate import AnnotatePage

SQUARE = [(20, 20), (60, 20), (60, 50), (20, 50)]
RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def hand(page: AnnotatePage, qtbot: QtBot) -> Hand:
    hand = Hand(page, qtbot)
    hand.take("polygon")
    return hand


def masks(session: ProjectSession) -> list[Mask]:
    assert session.document is not None
    return [region.mask for region in session.document.regions if region.mask is not None]


def test_that_enter_closes_an_outline(session: ProjectSession, hand: Hand) -> None:
    for corner in SQUARE:
        hand.click(*corner)
    hand.key(Qt.Key.Key_Return)
    (mask,) = masks(session)
    assert mask.area == pytest.approx(40 * 30, abs=80)


def test_that_a_click_on_the_first_corner_closes_too(session: ProjectSession, hand: Hand) -> None:
    for corner in [*SQUARE, SQUARE[0]]:
        hand.click(*corner)
    assert len(masks(session)) == 1


def test_that_backspace_takes_a_corner_back_and_escape_all(
    session: ProjectSession, hand: Hand
) -> None:
    for corner in SQUARE:
        hand.click(*corner)
    hand.key(Qt.Key.Key_Backspace)
    hand.key(Qt.Key.Key_Return)
    (triangle,) = masks(session)
    assert triangle.area == pytest.approx(40 * 30 / 2, abs=60)
    hand.click(100, 70)
    hand.key(Qt.Key.Key_Escape)
    hand.key(Qt.Key.Key_Return)
    assert masks(session) == [triangle]


def test_that_two_corners_are_no_outline(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    said: list[str] = []
    page.editing.noticed.connect(said.append)
    hand.click(20, 20)
    hand.click(60, 20)
    hand.key(Qt.Key.Key_Return)
    assert masks(session) == []
    assert said == ["An outline needs three corners."]


def test_that_panning_in_the_middle_keeps_the_corners(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    for corner in SQUARE[:2]:
        hand.click(*corner)
    hand.drag([(60, 40), (70, 45)], button=Qt.MouseButton.MiddleButton)
    for corner in SQUARE[2:]:
        hand.click(*corner)
    hand.key(Qt.Key.Key_Return)
    (mask,) = masks(session)
    assert mask.area == pytest.approx(40 * 30, abs=80)


def test_that_a_corner_is_dragged(page: AnnotatePage, session: ProjectSession, hand: Hand) -> None:
    before = add_region(session, "square", mask_of(Box(20, 20, 60, 50)))
    page.editing.select("square")
    hand.drag([(60, 50), (70, 55), (80, 60)])
    (mask,) = masks(session)
    assert before.mask is not None
    assert mask.area > before.mask.area
    assert mask.to_array()[53, 65]
    session.undo()
    assert masks(session) == [before.mask]


def test_that_an_edge_gives_a_new_corner_and_a_right_click_removes_it(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    square = mask_of(Box(20, 20, 60, 50))
    add_region(session, "square", square)
    page.editing.select("square")
    hand.drag([(40, 20), (40, 15), (40, 8)])
    (roof,) = masks(session)
    assert roof.area > square.area
    hand.click(40, 8, button=RIGHT)
    (again,) = masks(session)
    assert again.area == pytest.approx(square.area, abs=60)


def test_that_a_click_beside_the_region_starts_another(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    add_region(session, "square", mask_of(Box(20, 20, 40, 40)))
    page.editing.select("square")
    for corner in [(80, 20), (100, 20), (100, 40)]:
        hand.click(*corner)
    hand.key(Qt.Key.Key_Return)
    assert len(masks(session)) == 2


def test_that_dragging_keeps_a_hole_and_the_parts_elsewhere() -> None:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[10:40, 10:50] = True
    pixels[20:28, 20:30] = False
    pixels[60:70:2, 80:100] = True
    mask = Mask.from_array(pixels)
    handles = OutlineHandles(mask)
    corner = handles.corner_at(50, 10, reach_px=2)
    assert corner is not None
    handles.move(corner, 60, 5)
    changed = handles.mask().to_array()
    assert changed[8, 55]
    assert np.array_equal(changed[18:, :], pixels[18:, :] | changed[18:, :] & ~pixels[18:, :])
    assert not changed[20:28, 20:30].any()
    assert np.array_equal(changed[50:], pixels[50:])


def test_that_an_outline_with_three_corners_goes_as_a_whole() -> None:
    handles = OutlineHandles(mask_of(Box(20, 20, 60, 50)))
    for _ in range(2):
        corner = handles.corner_at(20, 20, reach_px=100)
        assert corner is not None
        handles.remove(corner)
    assert handles.mask().area < 200


def test_that_untouched_corners_change_nothing() -> None:
    mask = mask_of(Box(3, 4, 9, 10))
    assert OutlineHandles(mask).mask() == mask


def test_that_corners_may_lie_close_together(
    page: AnnotatePage, session: ProjectSession, hand: Hand, qtbot: QtBot
) -> None:
    hand.take("polygon")
    step = 5 / page.canvas.viewport.scale
    for x, y in ((20, 20), (60, 20), (60 + step, 20 + step), (60, 50)):
        hand.click(x, y)
    assert session.document is not None
    assert session.document.regions == ()
    hand.key(Qt.Key.Key_Return)
    assert len(session.document.regions) == 1


def test_that_a_double_click_closes(
    page: AnnotatePage, session: ProjectSession, hand: Hand, qtbot: QtBot
) -> None:
    hand.take("polygon")
    for x, y in ((20, 20), (60, 20), (60, 50)):
        hand.click(x, y)
    qtbot.mouseDClick(page.canvas, Qt.MouseButton.LeftButton, pos=hand.at(60, 50))
    assert session.document is not None
    assert len(session.document.regions) == 1
