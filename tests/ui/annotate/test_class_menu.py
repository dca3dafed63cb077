"""Classes renamed, coloured, merged and removed from their menu."""

import pytest
from hand import add_region, mask_of, stored
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QColorDialog, QInputDialog, QMessageBox

from inspector_app.domain.geometry import Box
from inspector_app.services.session import ProjectSession
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.class_menu import ClassMenu

SCRATCH, DENT = 1, 2


@pytest.fixture
def menu(page: AnnotatePage, session: ProjectSession) -> ClassMenu:
    return ClassMenu(session, page)


def actions(menu: ClassMenu, session: ProjectSession, class_id: int) -> dict[str, QAction]:
    shown = menu.menu_of(session.class_by_id(class_id))
    found = {action.text(): action for action in shown.actions()}
    merging = found["Merge into"].menu()
    return found | {action.text(): action for action in merging.actions()}  # type: ignore[attr-defined]


def names(session: ProjectSession) -> list[str]:
    return [one.name for one in session.classes()]


def test_that_a_class_is_renamed(
    menu: ClassMenu, session: ProjectSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("long scratch", True))
    actions(menu, session, SCRATCH)["Rename…"].trigger()
    assert names(session) == ["long scratch", "dent"]


def test_that_a_name_that_is_taken_is_refused_in_a_sentence(
    menu: ClassMenu, session: ProjectSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals: list[str] = []
    menu.refused.connect(lambda message, _hint: refusals.append(message))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("dent", True))
    actions(menu, session, SCRATCH)["Rename…"].trigger()
    assert names(session) == ["scratch", "dent"]
    assert refusals == ["there is a class 'dent' already"]


def test_that_a_colour_is_taken(
    menu: ClassMenu, session: ProjectSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor("#102030"))
    actions(menu, session, DENT)["Colour…"].trigger()
    assert session.class_by_id(DENT).colour == "#102030"


def test_that_merging_asks_and_moves_the_regions(
    menu: ClassMenu, session: ProjectSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_region(session, "r", mask_of(Box(5, 5, 20, 20)))
    asked: list[str] = []

    def answer(_parent: object, _title: str, question: str) -> QMessageBox.StandardButton:
        asked.append(question)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", answer)
    actions(menu, session, SCRATCH)["dent"].trigger()
    assert asked[0].startswith("1 regions of “scratch” become “dent”")
    assert names(session) == ["dent"]
    assert [region.class_id for region in stored(session).regions] == [DENT]
    assert session.document is not None
    assert [region.class_id for region in session.document.regions] == [DENT]
    assert session.undo_label == ""


def test_that_a_class_in_use_stays(menu: ClassMenu, session: ProjectSession) -> None:
    add_region(session, "r", mask_of(Box(5, 5, 20, 20)))
    refusals: list[str] = []
    menu.refused.connect(lambda message, _hint: refusals.append(message))
    actions(menu, session, SCRATCH)["Remove"].trigger()
    actions(menu, session, DENT)["Remove"].trigger()
    assert names(session) == ["scratch"]
    assert refusals == ["1 regions have this class"]
