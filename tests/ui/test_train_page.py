"""The train page: a form from the model's card, the runs, and how the chosen one goes."""

import json
from pathlib import Path

import pytest
from predicted import prediction, write_predictions
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.files import PREDICTIONS_FILE, REDRAWN_FILE
from inspector_app.protocol.messages import EpochEnded, Progress, Remark
from inspector_app.services.preflight import Looked
from inspector_app.store import jobs
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.models.runs_table import Column
from inspector_app.ui.pages.train import TrainPage
from inspector_app.ui.training_data import TrainingData


@pytest.fixture
def page(
    program_services: ProgramServices, project_services: ProjectServices, qtbot: QtBot
) -> TrainPage:
    page = TrainPage(program_services, project_services)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    qtbot.waitUntil(lambda: page.detail.curve is not None)
    return page


def epoch(number: int, run_id: str = "run") -> EpochEnded:
    losses = {"train_loss": 1.0 / number, "val_loss": 2.0 / number, "seconds": 3.0}
    return EpochEnded(job_id=run_id, epoch=number, epochs=9, metrics=losses, seconds=1.0)


def cell(page: TrainPage, row: int, column: Column) -> str:
    return str(page.model.index(row, column).data())


def add_run(project: Project, state: JobState, message: str = "") -> RunRecord:
    record = jobs.add_run(project, model_kind="autoencoder", config={"epochs": 3})
    jobs.update_run(project, record.id, state=state, message=message)
    return jobs.run(project, record.id)


def test_that_only_changed_settings_are_sent(page: TrainPage, qtbot: QtBot) -> None:
    assert page.setup.form is not None
    page.setup.form.field("epochs").set_value(2)
    with qtbot.waitSignal(page.setup.start_requested) as asked:
        page.setup.start_button.click()
    assert asked.args == ["autoencoder", {"epochs": 2}]


def test_that_a_check_is_asked_for_with_the_settings(page: TrainPage, qtbot: QtBot) -> None:
    assert page.setup.form is not None
    page.setup.form.field("epochs").set_value(2)
    with qtbot.waitSignal(page.setup.look_requested) as asked:
        page.setup.checks.check_button.click()
    assert asked.args == ["autoencoder", {"epochs": 2}, "anomaly", "check"]


def test_that_what_a_check_found_is_shown_with_its_warnings(page: TrainPage) -> None:
    remarks = (
        Remark(job_id="a", text="train: 8 good", is_warning=False),
        Remark(job_id="a", text="only 2 images of <dent>"),
    )
    figures = {"run_seconds": 600.0, "epoch_seconds": 12.0, "memory_mb": 2048.0}
    page.setup.checks.set_looked(Looked("check", remarks, figures))
    lines = page.setup.checks.text.split("<br>")
    assert lines[:2] == ["Train: 8 good.", "<b>Only 2 images of &lt;dent&gt;.</b>"]
    assert "About 10 min for all epochs" in lines[2]


def test_that_a_rate_that_was_found_is_entered(
    page: TrainPage, project_services: ProjectServices
) -> None:
    schema = {"type": "number", "default": 1e-3, "minimum": 1e-6, "maximum": 0.1, "title": "Rate"}
    card = page.setup._cards[0].model_copy(
        update={"config_schema": {"properties": {"learning_rate": schema}}}
    )
    page.setup.set_cards([card], is_starting=False)
    looked = Looked("find_rate", (), {"learning_rate": 0.01})
    project_services.training_jobs.preflight.looked.emit(looked)
    assert page.setup.form is not None
    assert page.setup.form.values() == {"learning_rate": 0.01}
    assert "0.01" in page.setup.checks.text


def test_that_looks_wait_until_no_training_is_at_work(page: TrainPage) -> None:
    page.setup.set_free(is_free=False)
    assert not page.setup.checks.check_button.isEnabled()
    assert page.setup.start_button.isEnabled()


def test_that_starting_is_refused_without_good_images(page: TrainPage) -> None:
    page.setup.set_data({"anomaly": TrainingData("", "There is no good image.")})
    assert not page.setup.start_button.isEnabled()


def test_that_the_page_says_what_there_is_to_learn_from(page: TrainPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.setup.data_text.startswith("5 images of good parts"))


# ---------------------------------------------------------------- runs


def test_that_a_run_is_compared_by_its_figures(page: TrainPage, trained_run: RunRecord) -> None:
    page.refresh()
    texts = [cell(page, 0, column) for column in (Column.STATE, Column.EPOCHS, Column.AUROC)]
    assert texts == ["Done", "2", "0.875"]


def test_that_figures_are_shown_where_a_run_was_measured_by_them(
    page: TrainPage, trained_run: RunRecord, project: Project
) -> None:
    page.refresh()
    assert all(page.table.isColumnHidden(column) for column in (Column.DICE, Column.MAP50))
    jobs.update_run(project, trained_run.id, state=JobState.COMPLETED, metrics={"dice": 0.8125})
    page.refresh()
    assert not page.table.isColumnHidden(Column.DICE)
    assert page.table.isColumnHidden(Column.MAP50)
    assert cell(page, 0, Column.DICE) == "0.812"


def test_that_what_differs_from_the_defaults_is_named(
    page: TrainPage, trained_run: RunRecord
) -> None:
    page.refresh()
    assert cell(page, 0, Column.SETTINGS) == "Epochs: 2"


def test_that_a_failure_says_why(page: TrainPage, project: Project) -> None:
    add_run(project, JobState.FAILED, "The disk is full — free some space")
    page.refresh()
    assert page.detail.message == "The disk is full — free some space"


def test_that_only_a_run_with_a_bundle_can_be_inspected_with(
    page: TrainPage, project: Project, trained_run: RunRecord
) -> None:
    add_run(project, JobState.FAILED)
    page.refresh()
    page.select_run(trained_run.id)
    assert page.detail.inspect_button.isVisible()
    page.select_run(page.model.run(0).id)
    assert not page.detail.inspect_button.isVisible()


def test_that_each_error_has_a_curve(page: TrainPage, trained_run: RunRecord) -> None:
    page.refresh()
    page.detail.set_epochs([epoch(1), epoch(2)])
    assert page.detail.curve is not None
    assert page.detail.curve.curve_names == ["train_loss", "val_loss"]


def test_that_a_new_epoch_lengthens_the_curve(page: TrainPage, trained_run: RunRecord) -> None:
    page.refresh()
    page.detail.set_epochs([epoch(1)])
    page.detail.add_epoch(epoch(2))
    assert page.detail.curve is not None
    assert page.detail.curve.points("val_loss") == [(1.0, 2.0), (2.0, 1.0)]


def test_that_progress_of_another_run_is_not_shown(
    page: TrainPage, trained_run: RunRecord, project_services: ProjectServices
) -> None:
    page.refresh()
    progress = Progress(job_id="other", done=1, total=2, note="of another run")
    project_services.training_jobs.progressed.emit("other", progress)
    assert "of another run" not in page.detail.progress_text


def test_that_a_running_one_can_be_cancelled(
    page: TrainPage, project: Project, qtbot: QtBot
) -> None:
    run = add_run(project, JobState.RUNNING)
    page.refresh()
    page.select_run(run.id)
    with qtbot.waitSignal(page.detail.cancel_requested) as asked:
        page.detail.cancel_button.click()
    assert asked.args == [run.id]


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (JobState.RUNNING, ["pause", "cancel"]),
        (JobState.CANCELLING, ["cancel"]),
        (JobState.INTERRUPTED, ["resume"]),
        (JobState.FAILED, ["resume"]),
        (JobState.COMPLETED, []),
    ],
)
def test_that_a_run_offers_what_can_be_done_with_it(
    page: TrainPage, project: Project, state: JobState, shown: list[str]
) -> None:
    run = add_run(project, state)
    page.refresh()
    page.select_run(run.id)
    buttons = {
        "pause": page.detail.pause_button,
        "resume": page.detail.resume_button,
        "cancel": page.detail.cancel_button,
    }
    assert [name for name, button in buttons.items() if button.isVisible()] == shown


def test_that_resuming_and_pausing_are_asked_for_by_the_run(
    page: TrainPage, project: Project, qtbot: QtBot
) -> None:
    run = add_run(project, JobState.INTERRUPTED)
    page.refresh()
    page.select_run(run.id)
    for signal, button in (
        (page.detail.resume_requested, page.detail.resume_button),
        (page.detail.pause_requested, page.detail.pause_button),
    ):
        with qtbot.waitSignal(signal) as asked:
            button.clicked.emit()
        assert asked.args == [run.id]


@pytest.mark.parametrize(("place", "words"), [(0, "Resume lets"), (1, "next one"), (3, "Number 3")])
def test_that_a_waiting_run_tells_its_place(
    page: TrainPage, project: Project, place: int, words: str
) -> None:
    run = add_run(project, JobState.QUEUED)
    page.detail.set_run(run, "Autoencoder", is_usable=False, place=place)
    assert words in page.detail.progress_text
    assert page.detail.resume_button.isVisible() == (place == 0)


def test_that_what_a_run_came_upon_is_shown(
    page: TrainPage, project: Project, project_services: ProjectServices
) -> None:
    run = add_run(project, JobState.RUNNING)
    folder = project.folder / run.folder
    folder.mkdir(parents=True)
    page.refresh()
    page.select_run(run.id)
    line = {"type": "remark", "job_id": run.id, "text": "memory ran out"}
    (folder / "events.jsonl").write_text(json.dumps(line))
    project_services.training_jobs.remarked.emit(run.id, "memory ran out")
    assert page.detail.remarks_text == "Memory ran out."


def test_that_a_repeated_epoch_replaces_the_one_that_was_lost(page: TrainPage) -> None:
    for number in (1, 2, 3, 2):
        page.detail.add_epoch(epoch(number))
    assert page.detail.epoch_numbers == [1, 2]


# ---------------------------------------------------------------- what a classifier recognised


def test_that_only_a_run_with_predictions_has_results(
    page: TrainPage, project: Project, trained_run: RunRecord, qtbot: QtBot
) -> None:
    classified = add_run(project, JobState.COMPLETED)
    write_predictions(jobs.run_folder(project, classified), [prediction("1", "dent", "dent")])
    page.refresh()
    page.select_run(classified.id)
    qtbot.waitUntil(lambda: page.detail.has_results)
    page.select_run(trained_run.id)
    qtbot.waitUntil(lambda: not page.detail.has_results)


def test_that_a_run_shows_what_its_model_redrew(
    page: TrainPage, project: Project, trained_run: RunRecord, qtbot: QtBot
) -> None:
    redrawing = add_run(project, JobState.COMPLETED)
    (jobs.run_folder(project, redrawing)).mkdir(parents=True, exist_ok=True)
    (jobs.run_folder(project, redrawing) / REDRAWN_FILE).write_text("")
    page.refresh()
    page.select_run(redrawing.id)
    qtbot.waitUntil(lambda: page.detail.has_redrawn)
    page.select_run(trained_run.id)
    qtbot.waitUntil(lambda: not page.detail.has_redrawn)


def test_that_an_image_behind_the_results_is_asked_for_by_its_id(
    page: TrainPage, project_services: ProjectServices, qtbot: QtBot
) -> None:
    session = project_services.session
    image_id = session.images()[2].id
    with qtbot.waitSignal(page.image_activated) as asked:
        page.detail.image_activated.emit(str(session.image_path(image_id)))
    assert asked.args == [image_id]


def test_that_an_image_that_has_left_the_project_is_named(page: TrainPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.message_posted) as told:
        page.detail.image_activated.emit("/gone/1.png")
    assert told.args[0].startswith("/gone/1.png: no longer an image")


def test_that_damaged_predictions_are_told_and_no_other_run_is_shown(
    page: TrainPage, project: Project, qtbot: QtBot
) -> None:
    run = add_run(project, JobState.COMPLETED)
    write_predictions(jobs.run_folder(project, run), [])
    (jobs.run_folder(project, run) / PREDICTIONS_FILE).write_text("nonsense\n")
    with qtbot.waitSignal(page.message_posted) as told:
        page.refresh()
    assert "line 1" in told.args[0]
    assert not page.detail.has_results


# ---------------------------------------------------------------- comparing


def test_that_choosing_two_runs_compares_them(
    page: TrainPage, project: Project, qtbot: QtBot
) -> None:
    for _ in range(2):
        add_run(project, JobState.COMPLETED)
    page.refresh()
    page.table.selectAll()
    qtbot.waitUntil(lambda: page.is_comparing)
    page.select_run(page.model.run(0).id)
    assert not page.is_comparing


def test_that_a_comparison_stays_when_a_run_only_changes_its_state(
    page: TrainPage, project: Project, qtbot: QtBot
) -> None:
    runs = [add_run(project, JobState.RUNNING) for _ in range(2)]
    page.refresh()
    page.table.selectAll()
    qtbot.waitUntil(lambda: page.is_comparing)
    jobs.update_run(project, runs[0].id, state=JobState.COMPLETED)
    page.refresh()
    assert page.is_comparing


# ---------------------------------------------------------------- notes, deleting, exporting


def test_that_a_note_is_stored_when_its_line_is_left(
    page: TrainPage, project: Project, trained_run: RunRecord
) -> None:
    page.refresh()
    page.detail.notes.note.setText(" larger images ")
    page.detail.notes.note.editingFinished.emit()
    assert jobs.run(project, trained_run.id).note == "larger images"


def test_that_tags_are_stored_and_listed(page: TrainPage, trained_run: RunRecord) -> None:
    page.refresh()
    page.detail.notes.tags.setText("best,line 2")
    page.detail.notes.tags.editingFinished.emit()
    assert cell(page, 0, Column.TAGS) == "best, line 2"


def test_that_a_note_that_is_being_written_stays_when_the_run_goes_on(
    page: TrainPage, trained_run: RunRecord, qtbot: QtBot
) -> None:
    page.refresh()
    page.activateWindow()
    page.detail.notes.note.setFocus()
    qtbot.waitUntil(page.detail.notes.note.hasFocus)
    page.detail.notes.note.setText("half a sen")
    page.refresh()
    assert page.detail.notes.note.text() == "half a sen"


def test_that_a_run_has_the_note_of_its_own(page: TrainPage, project: Project) -> None:
    first, second = add_run(project, JobState.FAILED), add_run(project, JobState.FAILED)
    jobs.describe_run(project, first.id, note="the first", tags=())
    page.refresh()
    page.select_run(first.id)
    page.select_run(second.id)
    assert page.detail.notes.note.text() == ""


@pytest.mark.parametrize(
    ("button", "is_left"),
    [(QMessageBox.StandardButton.Yes, False), (QMessageBox.StandardButton.No, True)],
)
def test_that_a_run_is_deleted_only_when_that_is_confirmed(
    page: TrainPage,
    project: Project,
    trained_run: RunRecord,
    monkeypatch: pytest.MonkeyPatch,
    button: QMessageBox.StandardButton,
    is_left: bool,
) -> None:
    page.refresh()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: button)
    page.detail.delete_button.click()
    assert bool(jobs.runs(project)) == is_left
    assert page.model.rowCount() == int(is_left)


def test_that_a_run_at_work_cannot_be_deleted(page: TrainPage, project: Project) -> None:
    add_run(project, JobState.RUNNING)
    page.refresh()
    assert not page.detail.delete_button.isVisible()


def test_that_the_table_is_exported_and_its_place_told(
    page: TrainPage, trained_run: RunRecord, tmp_path: Path, qtbot: QtBot
) -> None:
    page.refresh()
    target = tmp_path / "runs.html"
    with qtbot.waitSignal(page.note_posted) as told:
        page.export(target)
    assert trained_run.id in target.read_text(encoding="utf-8")
    assert str(target) in told.args[0]


def test_that_a_table_that_cannot_be_written_is_told(
    page: TrainPage, trained_run: RunRecord, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.message_posted) as told:
        page.export(tmp_path / "runs.xlsx")
    assert "runs.xlsx" in told.args[0]


def test_that_a_project_that_cannot_be_written_keeps_its_runs_as_they_are(
    page: TrainPage, trained_run: RunRecord
) -> None:
    page.detail.set_read_only(is_read_only=True)
    page.refresh()
    assert not page.detail.delete_button.isVisible()
    assert page.detail.notes.note.isReadOnly()
