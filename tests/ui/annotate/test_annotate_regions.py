"""Several regions at once, and what can be done to finished ones."""

from collections.abc import Callable

import numpy as np
import pytest
from hand import HEIGHT, WIDTH, Hand, add_region, stored
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.session import ProjectSession
from inspector_app.ui.pages.annotate import AnnotatePage

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT_BOX, RIGHT_BOX, FAR_BOX = Box(10, 10, 30, 30), Box(25, 20, 50, 40), Box(90, 60, 100, 70)


def put(session: ProjectSession, name: str, box: Box, *, hole: Box | None = None) -> Region:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[box.top : box.bottom, box.left : box.right] = True
    if hole is not None:
        pixels[hole.top : hole.bottom, hole.left : hole.right] = False
    return add_region(session, name, Mask.from_array(pixels))


@pytest.fixture
def three(session: ProjectSession, page: AnnotatePage) -> tuple[Region, Region, Region]:
    return (
        put(session, "left", LEFT_BOX),
        put(session, "right", RIGHT_BOX),
        put(session, "far", FAR_BOX),
    )


@pytest.fixture
def hand(page: AnnotatePage, qtbot: QtBot) -> Hand:
    return Hand(page, qtbot)


def action(page: AnnotatePage, text: str) -> QAction:
    return next(a for a in page.actions_.regions.menu.actions() if a.text() == text)


def areas(session: ProjectSession) -> dict[str, int]:
    assert session.document is not None
    return {r.id: r.mask.area for r in session.document.regions if r.mask is not None}


def test_that_ctrl_click_selects_more_and_again_takes_out(
    page: AnnotatePage, hand: Hand, three: tuple[Region, ...]
) -> None:
    hand.click(15, 15)
    hand.click(95, 65, modifier=CTRL)
    assert [r.id for r in page.editing.all_selected] == ["left", "far"]
    hand.click(15, 15, modifier=CTRL)
    assert [r.id for r in page.editing.all_selected] == ["far"]


def test_that_the_list_shows_and_chooses_several(
    page: AnnotatePage, three: tuple[Region, ...]
) -> None:
    page.editing.select_all(["left", "far"])
    rows = {index.row() for index in page.side.regions.selectionModel().selectedRows()}
    assert rows == {0, 2}
    page.side.regions.selectAll()
    assert len(page.editing.all_selected) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Merge", {"left": 400 + 500 - 50, "far": 100}),
        ("Intersect", {"left": 50, "far": 100}),
        ("Subtract the others", {"left": 350, "right": 500, "far": 100}),
    ],
)
def test_that_two_regions_are_combined_in_one_step(
    page: AnnotatePage,
    session: ProjectSession,
    three: tuple[Region, ...],
    text: str,
    expected: dict[str, int],
) -> None:
    before = areas(session)
    page.editing.select_all(["left", "right"])
    action(page, text).trigger()
    assert areas(session) == expected
    session.undo()
    assert areas(session) == before


def test_that_combining_needs_two_regions(page: AnnotatePage, three: tuple[Region, ...]) -> None:
    page.editing.select("left")
    assert not action(page, "Merge").isEnabled()
    page.editing.toggle("far")
    assert action(page, "Merge").isEnabled()


def test_that_regions_without_a_common_pixel_stay_when_intersected(
    page: AnnotatePage, session: ProjectSession, three: tuple[Region, ...]
) -> None:
    page.editing.select_all(["left", "far"])
    action(page, "Intersect").trigger()
    assert len(areas(session)) == 3


def test_that_growing_and_filling_change_every_selected_region(
    page: AnnotatePage, session: ProjectSession
) -> None:
    put(session, "ring", Box(10, 10, 20, 20), hole=Box(14, 14, 16, 16))
    put(session, "full", Box(40, 10, 50, 20))
    page.editing.select_all(["ring", "full"])
    action(page, "Fill holes").trigger()
    assert areas(session) == {"ring": 100, "full": 100}
    action(page, "Grow by 1 px").trigger()
    assert all(area > 100 for area in areas(session).values())


def test_that_parts_become_regions_of_their_own(
    page: AnnotatePage, session: ProjectSession, three: tuple[Region, ...]
) -> None:
    page.editing.select_all(["left", "far"])
    action(page, "Merge").trigger()
    action(page, "Separate parts").trigger()
    assert sorted(areas(session).values()) == [100, 400, 500]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Raise", ["right", "left", "far"]),
        ("Bring to front", ["right", "far", "left"]),
        ("Lower", ["left", "right", "far"]),
    ],
)
def test_that_regions_change_their_order(
    page: AnnotatePage,
    session: ProjectSession,
    three: tuple[Region, ...],
    text: str,
    order: list[str],
) -> None:
    page.editing.select("left")
    action(page, text).trigger()
    assert session.document is not None
    assert [r.id for r in session.document.regions] == order
    assert stored(session) == session.document


def test_that_deleting_takes_all_that_are_selected(
    page: AnnotatePage, session: ProjectSession, hand: Hand, three: tuple[Region, ...]
) -> None:
    page.editing.select_all(["left", "far"])
    hand.key(Qt.Key.Key_Delete)
    assert list(areas(session)) == ["right"]
    session.undo()
    assert list(areas(session)) == ["left", "right", "far"]


def test_that_regions_are_copied_to_the_next_image_and_said_so(
    page: AnnotatePage,
    session: ProjectSession,
    hand: Hand,
    three: tuple[Region, ...],
    qtbot: QtBot,
) -> None:
    notes: list[str] = []
    page.note_posted.connect(lambda sentence, _hint: notes.append(sentence))
    hand.key(Qt.Key.Key_C)
    arrived: Callable[[], bool] = lambda: len(areas(session)) == 3 and bool(notes)  # noqa: E731
    qtbot.waitUntil(arrived)
    assert set(areas(session)).isdisjoint({"left", "right", "far"})
    assert notes == ["3 regions were copied from 0.png."]


def test_that_a_region_is_ignored_and_used_again(
    page: AnnotatePage, session: ProjectSession, hand: Hand, three: tuple[Region, ...]
) -> None:
    page.editing.select("left")
    hand.key(Qt.Key.Key_I)
    assert [r.id for r in stored(session).regions if r.is_ignored] == ["left"]
    record = session.current_image
    assert record is not None
    assert session.image(record.id).region_count == 2
    assert page.side.regions.model().index(2, 0).data() == "scratch (ignored)"
    hand.key(Qt.Key.Key_I)
    assert not any(r.is_ignored for r in stored(session).regions)
