from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.edits import AddRegion, RemoveRegion, ReplaceRegion
from inspector_app.domain.errors import BugError, KnownError
from inspector_app.domain.jobs import JobState
from inspector_app.domain.mask import Mask
from inspector_app.services.session import ProjectSession
from inspector_app.store import jobs
from inspector_app.store.annotations import add_regions, load_document
from inspector_app.store.project import Project


def make_region(number: int, *, class_id: int = 1) -> Region:
    pixels = np.zeros((32, 48), np.uint8)
    left = 1 + number % 40
    pixels[3:9, left : left + 5] = 1
    mask = Mask.from_array(pixels)
    assert mask.box is not None
    return Region(f"region-{number}", class_id, mask.box, mask, Author.HAND)


@pytest.fixture
def image_ids(session: ProjectSession) -> list[int]:
    return [record.id for record in session.images()]


@pytest.fixture
def read_only_session(
    qapp: object, project: Project, image_ids: list[int]
) -> Iterator[ProjectSession]:
    with Project.open(project.folder) as second:
        session = ProjectSession(second)
        session.set_current_image(image_ids[0])
        yield session


def assert_equals_database(session: ProjectSession) -> None:
    assert session.document is not None
    image_id = session.document.image_id
    assert session.document == load_document(session.project, image_id)
    assert session.images() == session.project.images()


# ---------------------------------------------------------------- images


def test_that_images_are_narrowed_by_split_type_and_text(session: ProjectSession) -> None:
    assert len(session.images()) == 10
    assert len(session.images(split=Split.TEST)) == 4
    assert len(session.images(defect_type="scratch")) == 2
    assert [r.relative_path for r in session.images(split=Split.TEST, text="GOOD/001")] == [
        "test/good/001.png"
    ]


def test_that_an_image_has_an_absolute_path(
    session: ProjectSession, image_folder: Path, image_ids: list[int]
) -> None:
    path = session.image_path(image_ids[0])
    assert path == image_folder / session.images()[0].relative_path
    assert path.is_file()


def test_that_defect_types_are_sorted(session: ProjectSession) -> None:
    assert session.defect_types() == ["good", "scratch"]


def test_that_reloading_shows_what_a_background_import_added(
    session: ProjectSession, image_ids: list[int], qtbot: QtBot
) -> None:
    with session.project.second_connection() as other:
        other.add_images([ImageEntry("new.png", Split.NONE, "")])
        add_regions(other, [(image_ids[0], make_region(1))])
    with qtbot.waitSignals([session.images_changed, session.document_changed]):
        session.reload()
    assert len(session.images()) == 11
    assert_equals_database(session)


def test_that_an_import_leaves_the_undo_history_usable(
    session: ProjectSession, image_ids: list[int]
) -> None:
    session.perform("Add region", AddRegion(make_region(1), 0))
    session.perform("Delete region", RemoveRegion(make_region(1), 0))
    with session.project.second_connection() as other:
        add_regions(other, [(image_ids[0], make_region(2))])
    session.reload()
    for _ in range(2):
        session.undo()
        assert_equals_database(session)
    for _ in range(2):
        session.redo()
        assert_equals_database(session)
    assert [region.id for region in session.document.regions] == ["region-2"]  # type: ignore[union-attr]


# ---------------------------------------------------------------- classes


def test_that_a_class_is_added_once(session: ProjectSession, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.classes_changed):
        added = session.add_class(" stain ")
    with qtbot.assertNotEmitted(session.classes_changed):
        again = session.add_class("stain")
    assert added == again == session.class_by_id(added.id)
    assert [c.name for c in session.classes()] == ["scratch", "dent", "stain"]


def test_that_a_class_without_a_name_is_refused(session: ProjectSession) -> None:
    with pytest.raises(KnownError, match="needs a name"):
        session.add_class("  ")


# ---------------------------------------------------------------- current image


def test_that_switching_shows_the_stored_document(
    session: ProjectSession, image_ids: list[int], qtbot: QtBot
) -> None:
    add_regions(session.project, [(image_ids[3], make_region(7))])
    with qtbot.waitSignals([session.current_image_changed, session.document_changed]):
        session.set_current_image(image_ids[3])
    assert session.current_image is not None
    assert session.current_image.id == image_ids[3]
    assert session.document is not None
    assert session.document.regions == (make_region(7),)


def test_that_any_document_can_be_read(session: ProjectSession, image_ids: list[int]) -> None:
    add_regions(session.project, [(image_ids[5], make_region(7))])
    assert session.load_document_of(image_ids[5]).regions == (make_region(7),)
    assert session.load_document_of(image_ids[0]) is session.document


# ---------------------------------------------------------------- edits


def test_that_an_edit_is_stored_and_announced(
    session: ProjectSession, image_ids: list[int], qtbot: QtBot
) -> None:
    signals = [session.document_changed, session.image_changed, session.undo_changed]
    with qtbot.waitSignals(signals):
        assert session.perform("Add region", AddRegion(make_region(1), 0))
    assert session.image(image_ids[0]).region_count == 1
    assert session.undo_label == "Add region"
    assert_equals_database(session)


def test_that_a_step_of_several_edits_is_undone_at_once(session: ProjectSession) -> None:
    session.perform("Add", AddRegion(make_region(1), 0), AddRegion(make_region(2), 1))
    session.undo()
    assert session.document is not None
    assert session.document.regions == ()
    session.redo()
    assert len(session.document.regions) == 2
    assert_equals_database(session)


def test_that_a_new_edit_ends_redoing(session: ProjectSession) -> None:
    session.perform("Add one", AddRegion(make_region(1), 0))
    session.undo()
    assert session.redo_label == "Add one"
    session.perform("Add two", AddRegion(make_region(2), 0))
    assert session.redo_label == ""


def test_that_undo_goes_to_the_image_of_the_step(
    session: ProjectSession, image_ids: list[int], qtbot: QtBot
) -> None:
    session.perform("Add region", AddRegion(make_region(1), 0))
    session.set_current_image(image_ids[4])
    with qtbot.waitSignal(session.current_image_changed) as changed:
        session.undo()
    assert changed.args[0].id == image_ids[0]
    assert session.image(image_ids[0]).region_count == 0
    assert_equals_database(session)


def test_that_two_hundred_steps_can_be_undone(session: ProjectSession) -> None:
    for number in range(200):
        session.perform("Add", AddRegion(make_region(number), 0))
    for _ in range(200):
        session.undo()
    assert session.document is not None
    assert session.document.regions == ()
    assert session.undo_label == ""


def test_that_a_verdict_is_one_undo_step(session: ProjectSession, image_ids: list[int]) -> None:
    assert session.set_verdict(ImageVerdict.NG)
    assert session.set_verdict(ImageVerdict.NG)
    assert session.image(image_ids[0]).verdict is ImageVerdict.NG
    session.undo()
    assert session.image(image_ids[0]).verdict is None
    assert session.undo_label == ""
    assert_equals_database(session)


def test_that_a_wrong_position_cannot_part_document_and_database(session: ProjectSession) -> None:
    for number in range(3):
        session.perform("Add", AddRegion(make_region(number), 99))
    session.perform("Delete", RemoveRegion(make_region(1), 2))
    session.perform("Add", AddRegion(make_region(7), 2))
    assert_equals_database(session)
    for _ in range(5):
        session.undo()
        assert_equals_database(session)


def test_that_an_edit_of_a_read_only_project_is_refused(
    read_only_session: ProjectSession, qtbot: QtBot
) -> None:
    before = read_only_session.document
    with qtbot.waitSignal(read_only_session.refused) as refused:
        assert not read_only_session.perform("Add region", AddRegion(make_region(1), 0))
    assert "read-only" in refused.args[0]
    assert read_only_session.document == before
    assert read_only_session.undo_label == ""


def test_that_an_edit_for_which_the_disk_is_too_full_changes_nothing(
    session: ProjectSession, qtbot: QtBot
) -> None:
    session.perform("Add region", AddRegion(make_region(1), 0))
    session.project.connection.execute("PRAGMA max_page_count = 1")
    large = replace(make_region(2), author_detail="x" * 200_000)
    with qtbot.waitSignal(session.refused) as refused:
        assert not session.perform("Paste", AddRegion(make_region(3), 0), AddRegion(large, 0))
    assert "disk is full" in refused.args[0]
    assert session.undo_label == "Add region"
    assert_equals_database(session)


def test_that_an_edit_with_an_unknown_class_is_a_bug_and_changes_nothing(
    session: ProjectSession,
) -> None:
    with pytest.raises(BugError):
        session.perform("Paste", AddRegion(make_region(2, class_id=99), 0))
    assert session.undo_label == ""
    assert_equals_database(session)


def test_that_an_undo_the_database_cannot_store_can_be_repeated(
    session: ProjectSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.perform("Add region", AddRegion(make_region(1), 0))
    with monkeypatch.context() as patch:
        patch.setattr(session.project, "is_read_only", True)
        with qtbot.waitSignal(session.refused):
            session.undo()
    assert_equals_database(session)
    assert session.undo_label == "Add region"
    session.undo()
    assert_equals_database(session)
    assert session.undo_label == ""


def test_that_an_image_which_cannot_be_read_from_the_database_is_not_shown(
    session: ProjectSession, image_ids: list[int], qtbot: QtBot
) -> None:
    session.project.connection.execute("ALTER TABLE regions RENAME TO gone")
    before = session.document
    with qtbot.waitSignal(session.refused) as refused:
        session.set_current_image(image_ids[2])
    assert str(session.folder) in refused.args[0]
    assert session.document is before


def test_that_an_edit_which_does_not_start_from_the_document_is_a_bug(
    session: ProjectSession,
) -> None:
    with pytest.raises(BugError):
        session.perform("Delete", RemoveRegion(make_region(1), 0))
    assert_equals_database(session)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["undo", "redo"]), st.none()),
        st.tuples(st.sampled_from(["add", "remove", "class", "mask", "switch"]), st.integers(0, 5)),
        st.tuples(st.just("verdict"), st.sampled_from([None, *ImageVerdict])),
    ),
    max_size=25,
)


def take_step(session: ProjectSession, kind: str, value: object, number: int) -> None:
    """Do what a pair of `STEPS` says, as the window would."""
    document = session.document
    assert document is not None
    match kind, value:
        case "undo", _:
            session.undo()
        case "redo", _:
            session.redo()
        case "switch", int(row):
            session.set_current_image(session.images()[row].id)
        case "verdict", ImageVerdict() | None:
            session.set_verdict(value)
        case "add", int(position):
            session.perform("Add", AddRegion(make_region(number), position))
        case _, int(at) if at < len(document.regions):
            region = document.regions[at]
            if kind == "remove":
                session.perform("Delete", RemoveRegion(region, at))
            else:
                other = make_region(number + 1, class_id=2)
                after = region.with_class(2) if kind == "class" else replace(other, id=region.id)
                session.perform("Change", ReplaceRegion(region, after))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_that_the_database_equals_the_document_after_every_step(
    project: Project, qapp: object, steps: list[tuple[str, object]]
) -> None:
    project.connection.execute("DELETE FROM regions")
    project.connection.execute("UPDATE images SET verdict = NULL, review = 'todo'")
    # Else what an earlier example undid could be done again here, with ids used once more.
    project.connection.execute("DELETE FROM history")
    session = ProjectSession(project)
    untouched = session.images()
    session.set_current_image(untouched[0].id)
    for number, (kind, value) in enumerate(steps):
        take_step(session, kind, value, number)
        assert_equals_database(session)
    while session.undo_label:
        session.undo()
        assert_equals_database(session)
    assert session.images() == untouched


# ---------------------------------------------------------------- opening


def test_that_jobs_of_a_program_that_died_become_interrupted(
    qapp: object, project: Project
) -> None:
    run = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, run.id, state=JobState.RUNNING)
    ProjectSession(project)
    assert jobs.run(project, run.id).state is JobState.INTERRUPTED


def test_that_a_read_only_session_leaves_running_jobs_alone(
    project: Project, read_only_session: ProjectSession
) -> None:
    run = jobs.add_run(project, model_kind="autoencoder", config={})
    ProjectSession(read_only_session.project)
    assert jobs.run(project, run.id).state is JobState.QUEUED
    assert any("read-only" in remark for remark in read_only_session.remarks)
