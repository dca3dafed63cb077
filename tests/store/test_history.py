"""Undo and redo as the database keeps them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from inspector_app.domain.annotation import Author, ImageVerdict, Region, ReviewState
from inspector_app.domain.document import Document
from inspector_app.domain.edits import AddRegion, Edit, SetNote, SetVerdict, UndoStep
from inspector_app.domain.geometry import Box
from inspector_app.store import history
from inspector_app.store.annotations import load_document, perform
from inspector_app.store.history import Turn, clear_history, load_history
from inspector_app.store.project import Project
from tests.store.conftest import ENTRIES
from tests.strategies import edit_sequences


@pytest.fixture(scope="module")
def shared_project() -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Project.create(folder / "project", image_folder=folder) as project:
            project.add_images(ENTRIES)
            with project.transaction():
                project.add_class("dent")
                project.add_class("scratch")
            yield project


def step(label: str, before: str = "", after: str = "x") -> UndoStep:
    return UndoStep(1, label, (SetNote(before, after),))


def labels(project: Project) -> tuple[list[str], list[str]]:
    done, undone = load_history(project.connection)
    return [s.label for s in done], [s.label for s in undone]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=edit_sequences())
def test_that_every_edit_comes_back_from_the_database_as_it_was(
    shared_project: Project, sequence: tuple[Document, list[Edit]]
) -> None:
    _, edits = sequence
    project = shared_project
    with project.transaction() as connection:
        clear_history(connection)
        history.note(connection, UndoStep(1, "all", tuple(edits)), Turn.NEW)
    done, undone = load_history(project.connection)
    assert done == [UndoStep(1, "all", tuple(edits))]
    assert undone == []


def test_that_undone_steps_wait_to_be_done_again_in_order(project: Project) -> None:
    first, second = step("first"), step("second", "x", "y")
    perform(project, first)
    perform(project, second)
    perform(project, second.inverse(), Turn.UNDO)
    perform(project, first.inverse(), Turn.UNDO)
    assert labels(project) == ([], ["second", "first"])
    perform(project, first, Turn.REDO)
    assert labels(project) == (["first"], ["second"])


def test_that_a_new_step_forgets_the_undone_ones(project: Project) -> None:
    perform(project, step("first"))
    perform(project, step("first").inverse(), Turn.UNDO)
    perform(project, step("other", "", "z"))
    assert labels(project) == (["other"], [])


def test_that_the_oldest_steps_go(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "UNDO_DEPTH", 2)
    for number in range(4):
        perform(project, step(str(number), "x" * number, "x" * (number + 1)))
    assert labels(project) == (["2", "3"], [])


def test_that_the_history_is_there_after_a_restart(project: Project) -> None:
    region = Region("r", 1, Box(1, 1, 4, 4), None, Author.HAND, is_ignored=True)
    added = UndoStep(2, "Add region", (AddRegion(region, 0), SetVerdict(None, ImageVerdict.NG)))
    perform(project, added)
    project.close()
    with Project.open(project.folder) as again:
        assert load_history(again.connection) == ([added], [])


def test_that_a_step_that_fails_leaves_no_trace_in_the_history(project: Project) -> None:
    region = Region("r", 99, Box(1, 1, 4, 4), None, Author.HAND)
    with pytest.raises(Exception, match="does not fit"):
        perform(project, UndoStep(1, "unknown class", (AddRegion(region, 0),)))
    assert labels(project) == ([], [])


def test_that_an_image_that_is_not_there_has_no_document(project: Project) -> None:
    with pytest.raises(KeyError):
        load_document(project, 99)


def test_that_ignored_regions_do_not_count(project: Project) -> None:
    ignored = Region("i", 1, Box(1, 1, 4, 4), None, Author.HAND, is_ignored=True)
    perform(project, UndoStep(1, "Add", (AddRegion(ignored, 0),)))
    assert project.image(1).region_count == 0
    assert project.images()[0].region_count == 0
    assert project.images()[0].review is ReviewState.TODO
