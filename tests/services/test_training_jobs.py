from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services import training_jobs as training_jobs_module
from inspector_app.services.background import Background
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers
from inspector_app.store import jobs
from inspector_app.store.project import Project

LONG_MS = 20_000


def train(training: TrainingJobs, **config: Any) -> str:
    record = training.start("autoencoder", config)
    assert record is not None
    return record.id


def end_of(training: TrainingJobs, qtbot: QtBot, **config: Any) -> RunRecord:
    """Train with this configuration to the end, and wait until its worker is gone."""
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        train(training, **config)
    record = finished.args[0]
    assert isinstance(record, RunRecord)
    return record


def wait_for_epochs(training: TrainingJobs, run_id: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(training.history(run_id)) == 2, timeout=LONG_MS)


def wait_for_state(training: TrainingJobs, run_id: str, state: JobState, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: next(r for r in training.runs() if r.id == run_id).state is state, timeout=LONG_MS
    )


def test_that_a_training_is_recorded_from_start_to_end(
    training: TrainingJobs, project: Project, qtbot: QtBot
) -> None:
    states: list[JobState] = []
    training.runs_changed.connect(lambda: states.append(training.runs()[0].state))
    epochs: list[EpochEnded] = []
    training.epoch_ended.connect(lambda _id, event: epochs.append(event))
    with qtbot.waitSignal(training.progressed, timeout=LONG_MS):
        record = end_of(training, qtbot)
    assert record.state is JobState.COMPLETED
    assert record.message == (
        "Autoencoder is trained: 2 epochs, the best one was 2, image AUROC 0.937."
    )
    assert record.metrics["best_epoch"] == 2.0
    assert jobs.run(project, record.id) == record
    assert states == [
        JobState.QUEUED,
        JobState.STARTING,
        JobState.RUNNING,
        JobState.COMPLETED,
    ]
    assert [epoch.epoch for epoch in epochs] == [1, 2]
    assert training.has_bundle(record.id)
    assert training.active_run() is None


def test_that_the_gui_never_writes_the_data_set_itself(
    training: TrainingJobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = training_jobs_module.write_run_folder
    threads: list[bool] = []

    def write(project: Project, record: RunRecord, task: str) -> Path:
        threads.append(training.thread().isCurrentThread())
        return real(project, record, task)

    monkeypatch.setattr(training_jobs_module, "write_run_folder", write)
    end_of(training, qtbot)
    assert threads == [False]


def test_that_one_training_runs_at_a_time(
    training: TrainingJobs, workers: Workers, qtbot: QtBot
) -> None:
    ended: list[str] = []
    training.finished.connect(lambda record: ended.append(record.id))
    first, second = train(training), train(training)
    assert training.runs()[0].state is JobState.QUEUED
    most = 0
    while len(ended) < 2:
        with qtbot.waitSignal(training.runs_changed, timeout=LONG_MS):
            pass
        running = [w for w in workers.findChildren(WorkerProcess) if w.is_running]
        most = max(most, len(running))
    assert ended == [first, second]
    assert most == 1


def test_that_the_end_of_the_active_training_is_told(training: TrainingJobs, qtbot: QtBot) -> None:
    active: list[RunRecord | None] = []
    training.runs_changed.connect(lambda: active.append(training.active_run()))
    end_of(training, qtbot)
    qtbot.waitUntil(lambda: active[-1] is None, timeout=LONG_MS)


def test_that_the_epochs_of_an_earlier_program_start_are_read(
    training: TrainingJobs, session: ProjectSession, workers: Workers, qtbot: QtBot
) -> None:
    record = end_of(training, qtbot)
    again = TrainingJobs(session, workers)
    assert again.history(record.id) == training.history(record.id)
    assert [epoch.metrics["val_loss"] for epoch in again.history(record.id)] == [2.0, 1.0]


def test_that_a_half_written_line_does_not_hide_the_epochs_before_it(
    training: TrainingJobs, session: ProjectSession, workers: Workers, qtbot: QtBot
) -> None:
    record = end_of(training, qtbot)
    with (session.folder / record.folder / "events.jsonl").open("a") as file:
        file.write('{"type": "epoch_ended", "job_id": ')
    assert len(TrainingJobs(session, workers).history(record.id)) == 2


def test_that_an_unknown_run_has_no_history_and_no_bundle(training: TrainingJobs) -> None:
    assert training.history("none") == []
    assert not training.has_bundle("none")
    assert training.card("none") is None


@pytest.mark.parametrize(
    ("then", "state", "words"),
    [
        ("memory", JobState.FAILED, "The GPU's memory was not enough — use fewer images"),
        ("bug", JobState.FAILED, "A fault in the program ended it: division by zero"),
        ("crash", JobState.INTERRUPTED, "The worker crashed (SIGSEGV)"),
        ("leave", JobState.INTERRUPTED, "The worker ended without being asked"),
    ],
)
def test_that_a_training_that_goes_wrong_says_how(
    training: TrainingJobs, qtbot: QtBot, then: str, state: JobState, words: str
) -> None:
    record = end_of(training, qtbot, then=then)
    assert record.state is state
    assert words in record.message


@pytest.mark.parametrize(("then", "line"), [("crash", "loss is nan"), ("bug", "ZeroDivisionError")])
def test_that_the_end_of_the_log_is_kept_with_a_crash_or_a_bug(
    training: TrainingJobs, qtbot: QtBot, then: str, line: str
) -> None:
    record = end_of(training, qtbot, then=then)
    sentence, *rest = record.message.splitlines()
    assert line not in sentence
    assert line in "\n".join(rest)


def test_that_the_next_training_starts_after_a_crash(training: TrainingJobs, qtbot: QtBot) -> None:
    train(training, then="crash")
    second = train(training)
    wait_for_state(training, second, JobState.COMPLETED, qtbot)


def test_that_a_project_without_good_images_is_refused_in_words(
    training: TrainingJobs, project: Project, qtbot: QtBot
) -> None:
    project.connection.execute("DELETE FROM images")
    record = end_of(training, qtbot)
    assert record.state is JobState.FAILED
    assert "good" in record.message


def test_that_an_unforeseen_fault_of_the_preparation_fails_the_run_and_rises(
    training: TrainingJobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(training_jobs_module, "write_run_folder", fail)
    with qtbot.captureExceptions() as exceptions:
        record = end_of(training, qtbot)
    assert record.state is JobState.FAILED
    assert exceptions[0][0] is ZeroDivisionError


# ---------------------------------------------------------------- cancel


def test_that_a_cancelled_training_keeps_what_it_learned(
    training: TrainingJobs, qtbot: QtBot
) -> None:
    run_id = train(training, then="until_cancelled")
    wait_for_epochs(training, run_id, qtbot)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        training.cancel(run_id)
        assert training.runs()[0].state is JobState.CANCELLING
    assert finished.args[0].state is JobState.CANCELLED
    assert finished.args[0].message == "Cancelled after 2 epochs; what was learned can be used."


def test_that_a_cancelled_training_without_a_bundle_says_so(
    training: TrainingJobs, qtbot: QtBot
) -> None:
    run_id = train(training, then="until_cancelled", bundle=False)
    wait_for_epochs(training, run_id, qtbot)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        training.cancel(run_id)
    assert finished.args[0].message == "Cancelled after 2 epochs; the last checkpoint is kept."


def test_that_a_waiting_training_is_cancelled_at_once(training: TrainingJobs, qtbot: QtBot) -> None:
    train(training, then="until_cancelled")
    waiting = train(training)
    with qtbot.waitSignal(training.finished) as finished:
        training.cancel(waiting)
    assert finished.args[0].id == waiting
    assert finished.args[0].state is JobState.CANCELLED


def test_that_a_training_cancelled_before_its_worker_is_there_starts_none(
    training: TrainingJobs, workers: Workers, qtbot: QtBot
) -> None:
    run_id = train(training)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        training.cancel(run_id)
    assert finished.args[0].state is JobState.CANCELLED
    assert workers.findChildren(WorkerProcess) == []


def test_that_a_worker_which_ignores_the_cancellation_is_ended(
    session: ProjectSession, qtbot: QtBot, stubborn_workers: Workers
) -> None:
    training = TrainingJobs(session, stubborn_workers, cancel_grace_s=0.05)
    run_id = train(training, then="stubborn")
    wait_for_epochs(training, run_id, qtbot)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        training.cancel(run_id)
    assert finished.args[0].state is JobState.CANCELLED


def test_that_cancelling_twice_does_not_wait(
    session: ProjectSession, qtbot: QtBot, stubborn_workers: Workers
) -> None:
    training = TrainingJobs(session, stubborn_workers)
    run_id = train(training, then="stubborn")
    wait_for_epochs(training, run_id, qtbot)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS):
        training.cancel(run_id)
        training.cancel(run_id)


@pytest.fixture
def stubborn_workers(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> Workers:
    """Workers whose stop ladder is climbed in a moment."""

    class Impatient(WorkerProcess):
        def __init__(self, command: list[str], parent: QObject) -> None:
            super().__init__(command, terminate_after_s=0.05, kill_after_s=0.05, parent=parent)

    monkeypatch.setattr("inspector_app.services.workers.WorkerProcess", Impatient)
    return workers


# ---------------------------------------------------------------- refusal and end


def test_that_a_read_only_project_trains_nothing(
    project: Project, workers: Workers, qtbot: QtBot
) -> None:
    with Project.open(project.folder) as second:
        training = TrainingJobs(ProjectSession(second), workers)
        with qtbot.waitSignal(training.refused) as refused:
            assert training.start("autoencoder", {}) is None
    assert "read-only" in refused.args[0]


def test_that_a_state_which_cannot_be_stored_does_not_stop_the_training(
    training: TrainingJobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise BadDataError("the disk is full", "free some space")

    monkeypatch.setattr(jobs, "update_run", full)
    with qtbot.waitSignal(training.refused):
        record = end_of(training, qtbot)
    assert record.state is JobState.COMPLETED


def test_that_closing_the_project_interrupts_what_runs_and_lets_wait_what_waits(
    training: TrainingJobs, workers: Workers, project: Project, qtbot: QtBot
) -> None:
    running, waiting = train(training, then="until_cancelled"), train(training)
    wait_for_epochs(training, running, qtbot)
    (worker,) = workers.findChildren(WorkerProcess)
    training.shut_down()
    states = [jobs.run(project, run_id).state for run_id in (running, waiting)]
    assert states == [JobState.INTERRUPTED, JobState.QUEUED]
    assert training.active_run() is None
    with qtbot.waitSignal(worker.ended, timeout=LONG_MS) as ended:
        pass
    assert ended.args[0].was_asked


def test_that_closing_the_project_while_a_training_is_prepared_starts_no_worker(
    training: TrainingJobs, workers: Workers, project: Project, qtbot: QtBot
) -> None:
    run_id = train(training)
    training.shut_down()
    other = Background(max_threads=1)
    delivered: list[None] = []
    other.run(lambda: None, delivered.append)
    qtbot.waitUntil(lambda: bool(delivered))
    other.shut_down()
    assert workers.findChildren(WorkerProcess) == []
    assert jobs.run(project, run_id).state is JobState.INTERRUPTED


def test_that_closing_the_session_shuts_the_training_down(
    training: TrainingJobs, session: ProjectSession, project: Project, qtbot: QtBot
) -> None:
    run_id = train(training, then="until_cancelled")
    wait_for_epochs(training, run_id, qtbot)
    folder = session.folder
    session.close()
    with Project.open(folder) as again:
        assert jobs.run(again, run_id).state is JobState.INTERRUPTED


# ---------------------------------------------------------------- notes and deleting


def test_that_a_run_is_described_and_the_list_told(training: TrainingJobs, qtbot: QtBot) -> None:
    run_id = train(training, then="until_cancelled")
    with qtbot.waitSignal(training.runs_changed):
        training.describe(run_id, "larger images", ("best",))
    described = training.runs()[0]
    assert (described.note, described.tags) == ("larger images", ("best",))


def test_that_a_run_with_a_worker_is_not_deleted(training: TrainingJobs, qtbot: QtBot) -> None:
    run_id = train(training, then="until_cancelled")
    with qtbot.waitSignal(training.refused) as refused:
        training.delete(run_id)
    assert run_id in refused.args[0]
    assert [run.id for run in training.runs()] == [run_id]


def test_that_a_cancelled_run_can_be_deleted(training: TrainingJobs, qtbot: QtBot) -> None:
    train(training, then="until_cancelled")
    waiting = train(training)
    training.cancel(waiting)
    training.delete(waiting)
    assert waiting not in [run.id for run in training.runs()]


def test_that_deleting_a_run_that_an_inspection_was_made_with_is_refused(
    training: TrainingJobs, project: Project, qtbot: QtBot
) -> None:
    record = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, record.id, state=JobState.COMPLETED)
    inspection = jobs.add_inspection(project, run_id=record.id, source="test", threshold=0.5)
    with qtbot.waitSignal(training.refused) as refused:
        training.delete(record.id)
    assert inspection.id in refused.args[0]
