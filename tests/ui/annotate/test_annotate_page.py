"""Going from image to image, verdicts, classes, lists, and what cannot be worked on."""

from pathlib import Path

import pytest
from hand import Hand, add_region, mask_of, open_page, stored
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.geometry import Box
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project
from inspector_app.ui.canvas.shapes import RegionDisplay
from inspector_app.ui.canvas.tools import TOOLS
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def name_of_current(session: ProjectSession) -> str:
    assert session.current_image is not None
    return session.current_image.name


def test_that_d_and_a_go_on_and_back(hand: Hand, session: ProjectSession) -> None:
    hand.key(Qt.Key.Key_D)
    hand.key(Qt.Key.Key_D)
    assert name_of_current(session) == "2.png"
    hand.key(Qt.Key.Key_A)
    assert name_of_current(session) == "1.png"


def test_that_before_the_first_image_there_is_none(hand: Hand, session: ProjectSession) -> None:
    hand.key(Qt.Key.Key_A)
    assert name_of_current(session) == "0.png"
    assert "first" in hand.page.tool_options.text


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (Qt.Key.Key_O, ImageVerdict.OK),
        (Qt.Key.Key_N, ImageVerdict.NG),
        (Qt.Key.Key_U, ImageVerdict.UNSURE),
    ],
)
def test_that_a_verdict_key_stores_it_and_moves_on(
    hand: Hand, session: ProjectSession, key: Qt.Key, verdict: ImageVerdict
) -> None:
    hand.key(key)
    assert name_of_current(session) == "1.png"
    assert session.images()[0].verdict is verdict
    session.set_current_image(session.images()[0].id)
    assert stored(session).verdict is verdict


def test_that_the_verdict_of_the_last_image_stays_on_it(
    hand: Hand, session: ProjectSession
) -> None:
    session.set_current_image(session.images()[-1].id)
    hand.key(Qt.Key.Key_N)
    assert session.images()[-1].verdict is ImageVerdict.NG
    assert "last image" in hand.page.tool_options.text


def test_that_undoing_a_verdict_goes_back_to_its_image(hand: Hand, session: ProjectSession) -> None:
    hand.key(Qt.Key.Key_O)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert name_of_current(session) == "0.png"
    assert session.images()[0].verdict is None
    assert hand.page.filmstrip.position == 1


def test_that_ctrl_d_skips_images_with_a_verdict(hand: Hand, session: ProjectSession) -> None:
    session.set_current_image(session.images()[1].id)
    hand.key(Qt.Key.Key_O)
    session.set_current_image(session.images()[0].id)
    hand.key(Qt.Key.Key_D, CTRL)
    assert name_of_current(session) == "2.png"


def test_that_typing_a_class_name_is_typing_and_nothing_else(
    hand: Hand, session: ProjectSession, qtbot: QtBot
) -> None:
    field = hand.page.side.classes.findChild(QLineEdit)
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "dona 12v")
    assert field.text() == "dona 12v"
    assert name_of_current(session) == "0.png"
    assert session.images()[0].verdict is None


def test_that_a_typed_class_is_added_and_in_use(
    hand: Hand, session: ProjectSession, qtbot: QtBot
) -> None:
    field = hand.page.side.classes.findChild(QLineEdit)
    qtbot.keyClicks(field, "crack")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert [defect_class.name for defect_class in session.classes()] == ["scratch", "dent", "crack"]
    assert hand.page.editing.current_class == session.classes()[2]


def test_that_a_number_key_changes_the_class_of_the_selected_region(
    hand: Hand, session: ProjectSession
) -> None:
    add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    hand.click(30.5, 30.5)
    hand.key(Qt.Key.Key_2)
    assert session.document is not None
    assert session.document.regions[0].class_id == session.classes()[1].id
    assert stored(session) == session.document


def test_that_with_a_drawing_tool_a_number_key_is_for_the_next_region(
    hand: Hand, session: ProjectSession
) -> None:
    add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    hand.click(30.5, 30.5)
    hand.take("box")
    hand.key(Qt.Key.Key_2)
    hand.drag([(80, 20), (90, 30), (100, 40)])
    assert session.document is not None
    ids = [region.class_id for region in session.document.regions]
    assert ids == [session.classes()[0].id, session.classes()[1].id]


def test_that_the_list_and_the_canvas_select_the_same_region(
    hand: Hand, session: ProjectSession
) -> None:
    add_region(session, "below", mask_of(Box(20, 10, 70, 50)))
    add_region(session, "above", mask_of(Box(80, 20, 90, 40)))
    hand.click(30.5, 30.5)
    assert hand.page.side.regions.currentIndex().row() == 1
    hand.page.side.regions.selectRow(0)
    assert hand.page.editing.selected == session.document.regions[1]  # type: ignore[union-attr]


def test_that_h_hides_regions_and_shift_h_shows_outlines_only(hand: Hand) -> None:
    hand.key(Qt.Key.Key_H, SHIFT)
    assert hand.page.canvas.display is RegionDisplay.OUTLINE
    hand.key(Qt.Key.Key_H)
    assert hand.page.canvas.display is RegionDisplay.HIDDEN
    hand.key(Qt.Key.Key_H)
    assert hand.page.canvas.display is RegionDisplay.OUTLINE


def test_that_hidden_regions_show_again_when_one_is_drawn(hand: Hand) -> None:
    hand.key(Qt.Key.Key_H)
    hand.take("box")
    hand.drag([(80, 20), (90, 30), (100, 40)])
    assert hand.page.canvas.display is RegionDisplay.FULL


def test_that_every_tool_answers_to_its_key_and_says_what_to_do(hand: Hand) -> None:
    hints = set()
    for tool in TOOLS:
        hand.take(tool.name)
        hints.add(hand.page.tool_options.text)
    assert len(hints) == len(TOOLS)


def test_that_an_image_that_cannot_be_read_is_explained_and_left_again(
    hand: Hand, session: ProjectSession, qtbot: QtBot
) -> None:
    session.set_current_image(session.images()[-1].id)
    qtbot.waitUntil(lambda: "damaged.png" in hand.page.canvas.placeholder)
    assert not any(action.isEnabled() for action in hand.page.actions_.tools.values())
    hand.go_to("1.png")
    assert hand.page.canvas.has_image
    assert all(action.isEnabled() for action in hand.page.actions_.tools.values())


def test_that_a_drag_on_an_unreadable_image_draws_nothing(
    hand: Hand, session: ProjectSession, qtbot: QtBot
) -> None:
    hand.take("box")
    session.set_current_image(session.images()[-1].id)
    hand.drag([(20, 20), (30, 30), (40, 40)])
    qtbot.waitUntil(lambda: bool(hand.page.canvas.placeholder))
    hand.drag([(20, 20), (30, 30), (40, 40)])
    assert session.document is not None
    assert session.document.regions == ()


def test_that_a_read_only_project_can_be_looked_at_and_says_why_not_more(
    project: Project, session: ProjectSession, program: ProgramServices, qtbot: QtBot
) -> None:
    session.set_current_image(session.images()[0].id)
    region = add_region(session, "a", mask_of(Box(20, 10, 70, 50)))
    with Project.open(project.folder) as second:
        assert second.is_read_only
        page = open_page(program, ProjectSession(second), qtbot)
        hand = Hand(page, qtbot)
        hand.key(Qt.Key.Key_B)
        hand.drag([(80, 20), (90, 30), (100, 40)])
        hand.click(30.5, 30.5)
        hand.key(Qt.Key.Key_Delete)
        hand.key(Qt.Key.Key_O)
        assert page.editing.selected == region
        assert page.tool_options.text.startswith("Read-only")
        enabled = [name for name, action in page.actions_.tools.items() if action.isEnabled()]
        assert enabled == ["select"]
    assert stored(session) == session.document


def test_that_the_window_is_told_of_image_cursor_and_zoom(
    program: ProgramServices, session: ProjectSession, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(hand.page.selection_changed) as selection:
        hand.key(Qt.Key.Key_D)
    assert [selection.args[0].name, *selection.args[1:]] == ["1.png", 2, 5]
    hand.wait_for_image()
    with qtbot.waitSignal(hand.page.cursor_text_changed) as cursor:
        hand.move(30.5, 20.5)
    assert cursor.args == ["30, 20: 80  80  30"]
    with qtbot.waitSignal(hand.page.zoom_changed) as zoom:
        hand.key(Qt.Key.Key_0, CTRL)
    assert zoom.args == [100]


def test_that_the_neighbours_are_decoded_ahead(
    page: AnnotatePage, program: ProgramServices, image_folder: Path, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: program.images.cached(image_folder / "1.png") is not None)


def test_that_a_long_list_of_images_is_shown_around_the_current_one(
    program: ProgramServices, tmp_path: Path, image_folder: Path, qtbot: QtBot
) -> None:
    with Project.create(tmp_path / "long", image_folder=image_folder) as project:
        names = ["0.png", *(f"missing/{number}.png" for number in range(3000)), "1.png"]
        project.add_images([ImageEntry(name, Split.NONE, "") for name in names])
        session = ProjectSession(project)
        session.set_current_image(session.images()[-1].id)
        page = open_page(program, session, qtbot)
        assert page.filmstrip.position == 3002
        strip = page.filmstrip
        assert strip.viewport().rect().intersects(strip.visualRect(strip.currentIndex()))


def test_that_the_arrows_go_on_and_back_in_the_strip(hand: Hand, session: ProjectSession) -> None:
    hand.key(Qt.Key.Key_Down, on=hand.page.filmstrip)
    hand.key(Qt.Key.Key_Right, on=hand.page.filmstrip)
    hand.key(Qt.Key.Key_Up, on=hand.page.filmstrip)
    assert name_of_current(session) == "1.png"
