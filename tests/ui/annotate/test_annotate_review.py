"""Review states, notes, and a history that is there after a restart."""

import pytest
from hand import Hand, add_region, mask_of, open_page, stored
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.geometry import Box
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage


@pytest.fixture
def hand(page: AnnotatePage, qtbot: QtBot) -> Hand:
    return Hand(page, qtbot)


def choose(page: AnnotatePage, review: ReviewState) -> None:
    state = page.side.review.state
    state.setCurrentIndex(state.findData(review.value))
    state.activated.emit(state.currentIndex())


def test_that_a_state_and_a_note_are_stored(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    choose(page, ReviewState.REJECTED)
    page.side.review.note.setText("  edge is cut off ")
    hand.key(Qt.Key.Key_Return, on=page.side.review.note)
    document = stored(session)
    assert (document.review, document.note) == (ReviewState.REJECTED, "edge is cut off")
    session.undo()
    session.undo()
    document = stored(session)
    assert (document.review, document.note) == (ReviewState.TODO, "")
    assert page.side.review.note.text() == ""


def test_that_a_note_is_kept_when_the_next_image_comes(
    page: AnnotatePage, session: ProjectSession
) -> None:
    first = session.document
    assert first is not None
    page.side.review.note.setText("look again")
    page.actions_.next.trigger()
    assert page.side.review.note.text() == ""
    session.set_current_image(first.image_id)
    assert page.side.review.note.text() == "look again"


def test_that_ok_and_ng_finish_the_work_and_unsure_does_not(
    page: AnnotatePage, session: ProjectSession
) -> None:
    session.set_verdict(ImageVerdict.UNSURE)
    assert stored(session).review is ReviewState.TODO
    session.set_verdict(ImageVerdict.NG)
    assert stored(session).review is ReviewState.DONE
    session.undo()
    assert (stored(session).verdict, stored(session).review) == (
        ImageVerdict.UNSURE,
        ReviewState.TODO,
    )


def test_that_undo_and_redo_go_on_after_a_restart(
    project: Project, session: ProjectSession, program: ProgramServices, qtbot: QtBot
) -> None:
    open_page(program, session, qtbot)
    add_region(session, "first", mask_of(Box(5, 5, 20, 20)))
    add_region(session, "second", mask_of(Box(30, 30, 40, 40)))
    session.undo()
    folder = project.folder
    session.close()
    with Project.open(folder) as again:
        reopened = ProjectSession(again)
        assert (reopened.undo_label, reopened.redo_label) == ("Add", "Add")
        reopened.redo()
        assert [r.id for r in stored(reopened).regions] == ["first", "second"]
        reopened.undo()
        reopened.undo()
        assert stored(reopened).regions == ()


def test_that_a_history_that_does_not_fit_any_more_is_forgotten_and_said_so(
    project: Project, page: AnnotatePage, session: ProjectSession
) -> None:
    add_region(session, "r", mask_of(Box(5, 5, 20, 20)))
    with project.transaction() as connection:
        connection.execute("DELETE FROM regions")
    refusals: list[str] = []
    session.refused.connect(lambda sentence, _hint: refusals.append(sentence))
    session.undo()
    assert len(refusals) == 1
    assert session.undo_label == ""
