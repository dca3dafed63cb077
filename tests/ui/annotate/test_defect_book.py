"""Number keys, descriptions and example pictures of classes."""

import pytest
from hand import Hand, add_region, mask_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.services.class_edits import ClassEdits
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.cutouts import CUTOUT_PX, cut_out
from inspector_app.ui.dialogs.defect_book import DefectBook
from inspector_app.ui.pages.annotate import AnnotatePage

SCRATCH, DENT = 1, 2


@pytest.fixture
def example(page: AnnotatePage, session: ProjectSession, hand: Hand) -> ClassEdits:
    """A region of the class dent, in the book."""
    region = add_region(session, "r", mask_of(Box(10, 10, 30, 20)), class_id=DENT)
    page.editing.select(region.id)
    hand.key(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    return ClassEdits(session)


def book_of(session: ProjectSession, qtbot: QtBot, class_id: int = 0) -> DefectBook:
    book = DefectBook(session, class_id)
    qtbot.addWidget(book)
    return book


def test_that_a_class_can_have_a_key_of_its_own(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    ClassEdits(session).set_number_key(DENT, 7)
    hand.key(Qt.Key.Key_7)
    assert page.editing.current_class == session.class_by_id(DENT)
    hand.key(Qt.Key.Key_1)
    assert page.editing.current_class == session.class_by_id(SCRATCH)


def test_that_the_key_is_given_in_the_class_menu(
    page: AnnotatePage, session: ProjectSession
) -> None:
    from inspector_app.ui.panels.class_menu import ClassMenu  # noqa: PLC0415

    menu = ClassMenu(session, page).menu_of(session.class_by_id(DENT))
    keys = next(action.menu() for action in menu.actions() if action.text() == "Key")
    next(action for action in keys.actions() if action.text() == "5").trigger()  # type: ignore[attr-defined]
    assert session.class_by_id(DENT).number_key == 5


def test_that_a_selected_region_comes_into_the_book(
    example: ClassEdits, session: ProjectSession
) -> None:
    (found,) = example.examples()
    assert found.class_id == DENT
    assert session.current_image is not None
    assert found.image_path == session.current_image.relative_path
    assert not QImage.fromData(found.picture).isNull()


def test_that_a_cut_out_shows_the_surroundings_and_stays_small(page: AnnotatePage) -> None:
    corner = QImage.fromData(cut_out(page.canvas, Box(0, 0, 4, 4)) or b"")
    assert (corner.width(), corner.height()) == (34, 34)
    large = QImage.fromData(cut_out(page.canvas, Box(0, 0, 120, 80)) or b"")
    assert max(large.width(), large.height()) <= CUTOUT_PX
    assert large.pixelColor(100, 10).blue() == pytest.approx(100, abs=2)


def test_that_the_book_opens_at_a_class_with_its_pictures(
    example: ClassEdits, session: ProjectSession, qtbot: QtBot
) -> None:
    book = book_of(session, qtbot, DENT)
    assert book.title.text() == "dent"
    assert book.pictures.count() == 1
    book.classes.setCurrentRow(0)
    assert book.pictures.count() == 0


def test_that_words_are_kept_when_the_page_is_left(session: ProjectSession, qtbot: QtBot) -> None:
    book = book_of(session, qtbot)
    book.words.setPlainText("Longer than wide.")
    book.classes.setCurrentRow(1)
    book.words.setPlainText("Rounder.")
    book.accept()
    assert [one.description for one in session.classes()] == ["Longer than wide.", "Rounder."]


def test_that_a_picture_gets_a_caption_and_can_be_removed(
    example: ClassEdits, session: ProjectSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = book_of(session, qtbot, DENT)
    book.pictures.setCurrentRow(0)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("typical", True))
    book.caption_button.click()
    assert book.pictures.item(0).text() == "typical"
    book.pictures.setCurrentRow(0)
    book.remove_button.click()
    assert example.examples() == []
    assert not book.remove_button.isEnabled()


def test_that_what_cannot_be_stored_is_said(
    example: ClassEdits, session: ProjectSession, qtbot: QtBot
) -> None:
    book = book_of(session, qtbot, DENT)
    book.pictures.setCurrentRow(0)
    session.project.connection.execute(
        "CREATE TRIGGER refuse BEFORE DELETE ON examples BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    book.remove_button.click()
    assert "could not be" in book.problem.text()
    assert len(example.examples()) == 1
