"""The start page asks what to open."""

import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot

from inspector_app.services.recent import RecentProject, describe_projects
from inspector_app.store.project import Project
from inspector_app.ui.pages.start import RecentRow, StartPage


@pytest.fixture
def page(qtbot: QtBot) -> StartPage:
    page = StartPage()
    qtbot.addWidget(page)
    page.show()
    return page


def recent(folder: Path) -> RecentProject:
    moment = datetime.datetime.now().astimezone()
    return RecentProject(folder, "bottle", "/images/bottle", 143, moment)


def test_that_a_click_on_a_recent_project_asks_for_it(page: StartPage, qtbot: QtBot) -> None:
    page.set_recent([recent(Path("/projects/bottle"))])
    (row,) = page.findChildren(RecentRow)
    with qtbot.waitSignal(page.path_requested) as asked:
        row.click()
    assert asked.args == [Path("/projects/bottle")]


def test_that_a_new_list_replaces_the_old_one(page: StartPage, qtbot: QtBot) -> None:
    page.set_recent([recent(Path("/a")), recent(Path("/b"))])
    page.set_recent([recent(Path("/c"))])
    qtbot.waitUntil(lambda: len(page.findChildren(RecentRow)) == 1)


def test_that_the_sample_can_be_asked_for(page: StartPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.sample_requested):
        page.sample_button.click()


def test_that_nothing_else_can_be_opened_while_something_is(page: StartPage) -> None:
    page.set_busy("Opening bottle…")
    assert not page.open_button.isEnabled()
    page.set_busy("")
    assert page.open_button.isEnabled()


def drop_event(*paths: Path) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.kept_alive = data  # type: ignore[attr-defined]  # Qt does not own it
    return event


def test_that_a_dropped_folder_is_asked_for(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.path_requested) as asked:
        page.dropEvent(drop_event(tmp_path))
    assert asked.args == [tmp_path]


def test_that_a_dropped_file_is_no_folder(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("")
    with qtbot.assertNotEmitted(page.path_requested):
        page.dropEvent(drop_event(file))


def test_that_two_folders_at_once_are_not_dragged_in(page: StartPage, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl.fromLocalFile(str(tmp_path.parent))])
    event = QDragEnterEvent(
        page.rect().center(),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    page.dragEnterEvent(event)
    assert not event.isAccepted()


def test_that_a_project_is_described_without_opening_it(project: Project) -> None:
    (described,) = describe_projects([project.folder])
    assert (described.name, described.image_count) == ("parts", len(project.images()))


def test_that_what_is_no_project_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "project.db").write_text("not a database")
    assert describe_projects([tmp_path, tmp_path / "gone"]) == []
