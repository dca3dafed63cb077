"""Lists read again in a thread, also while the operator edits."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.services.background import Background
from inspector_app.services.reloading import Reloading
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project


@pytest.fixture
def session(tmp_path: Path, qapp: object) -> ProjectSession:
    (tmp_path / "photos").mkdir()
    project = Project.create(tmp_path / "project", image_folder=tmp_path / "photos")
    project.add_images([ImageEntry("a.png", Split.NONE, "")])
    return ProjectSession(project)


def test_that_what_others_have_stored_is_shown(session: ProjectSession, qtbot: QtBot) -> None:
    background = Background()
    session.project.add_images([ImageEntry("b.png", Split.NONE, "")])
    reloading = Reloading(session, background)
    with qtbot.waitSignal(session.images_changed):
        reloading.start()
    assert [record.name for record in session.images()] == ["a.png", "b.png"]
    background.shut_down()


def test_that_an_edit_made_meanwhile_is_not_lost(session: ProjectSession, qtbot: QtBot) -> None:
    background = Background()
    session.set_current_image(session.images()[0].id)
    ended: list[bool] = []
    Reloading(session, background).start(lambda: ended.append(True))
    # Before the lists arrive, and perhaps after they were read.
    session.set_verdict(ImageVerdict.NG)
    qtbot.waitUntil(lambda: bool(ended))
    assert session.images()[0].verdict is ImageVerdict.NG
    assert session.undo_label
    background.shut_down()


def test_that_a_database_that_cannot_be_read_is_told(session: ProjectSession, qtbot: QtBot) -> None:
    background = Background()
    session.project.connection.execute("ALTER TABLE images RENAME TO gone")
    with qtbot.waitSignal(session.refused):
        Reloading(session, background).start()
    assert [record.name for record in session.images()] == ["a.png"]
    background.shut_down()
