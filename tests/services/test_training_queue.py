"""Trainings that wait, that are paused, and that go on."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.codec import encode
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.workers import Workers
from inspector_app.store import jobs
from inspector_app.store.project import Project

LONG_MS = 20_000


def start(training: TrainingJobs, **config: Any) -> str:
    record = training.start("autoencoder", config)
    assert record is not None
    return record.id


def state_of(training: TrainingJobs, run_id: str) -> JobState:
    return next(run for run in training.runs() if run.id == run_id).state


def wait_for(training: TrainingJobs, run_id: str, state: JobState, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: state_of(training, run_id) is state, timeout=LONG_MS)


def pause(training: TrainingJobs, run_id: str, qtbot: QtBot) -> RunRecord:
    qtbot.waitUntil(lambda: len(training.history(run_id)) == 2, timeout=LONG_MS)
    with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
        training.pause(run_id)
    record = finished.args[0]
    assert isinstance(record, RunRecord)
    return record


def test_that_a_paused_training_says_that_it_can_be_gone_on_with(
    training: TrainingJobs, qtbot: QtBot
) -> None:
    record = pause(training, start(training, then="until_cancelled"), qtbot)
    assert record.state is JobState.INTERRUPTED
    assert record.message == "Paused after 2 epochs. Resume goes on exactly where it was."


def test_that_the_next_one_starts_while_one_is_paused(training: TrainingJobs, qtbot: QtBot) -> None:
    first, second = start(training, then="until_cancelled"), start(training)
    pause(training, first, qtbot)
    wait_for(training, second, JobState.COMPLETED, qtbot)


def test_that_a_resumed_training_keeps_the_data_set_it_began_with(
    training: TrainingJobs, session: ProjectSession, qtbot: QtBot
) -> None:
    record = pause(training, start(training, then="until_cancelled"), qtbot)
    dataset = session.folder / record.folder / "dataset.jsonl"
    dataset.write_text("")
    resumed = training.resume(record.id)
    assert resumed is not None
    wait_for(training, record.id, JobState.RUNNING, qtbot)
    assert dataset.read_text() == ""


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED, JobState.INTERRUPTED])
def test_that_every_training_that_ended_early_can_be_resumed(
    training: TrainingJobs, project: Project, qtbot: QtBot, state: JobState
) -> None:
    record = jobs.add_run(project, model_kind="autoencoder", config={})
    jobs.update_run(project, record.id, state=state)
    assert training.resume(record.id) is not None
    wait_for(training, record.id, JobState.COMPLETED, qtbot)


def test_that_a_finished_training_cannot_be_resumed(training: TrainingJobs, run_id: str) -> None:
    assert training.resume(run_id) is None
    assert training.resume("no such run") is None
    assert state_of(training, run_id) is JobState.COMPLETED


def test_that_a_waiting_training_knows_its_place(training: TrainingJobs) -> None:
    ids = [start(training, then="until_cancelled"), start(training), start(training)]
    assert [training.place_in_queue(run_id) for run_id in ids] == [None, 1, 2]
    training.cancel(ids[1])
    assert [training.place_in_queue(run_id) for run_id in ids] == [None, None, 1]


def reopen(training: TrainingJobs, session: ProjectSession, workers: Workers) -> TrainingJobs:
    training.shut_down()
    return TrainingJobs(session, workers)


def test_that_waiting_trainings_wait_for_the_operator_when_the_project_is_reopened(
    training: TrainingJobs, session: ProjectSession, workers: Workers
) -> None:
    ids = [start(training, then="until_cancelled"), start(training), start(training)]
    again = reopen(training, session, workers)
    assert again.is_held
    assert [again.place_in_queue(run_id) for run_id in ids] == [None, 1, 2]
    assert again.active_run() is None


def test_that_resuming_one_that_waits_lets_the_queue_go_on(
    training: TrainingJobs, session: ProjectSession, workers: Workers, qtbot: QtBot
) -> None:
    ids = [start(training, then="until_cancelled"), start(training), start(training)]
    again = reopen(training, session, workers)
    again.resume(ids[2])
    wait_for(again, ids[2], JobState.COMPLETED, qtbot)
    assert state_of(again, ids[1]) is JobState.COMPLETED
    again.shut_down()


def test_that_a_new_training_lets_the_queue_go_on_before_it(
    training: TrainingJobs, session: ProjectSession, workers: Workers, qtbot: QtBot
) -> None:
    waiting = [start(training, then="until_cancelled"), start(training)][1]
    again = reopen(training, session, workers)
    new = start(again)
    assert again.place_in_queue(new) == 1
    wait_for(again, new, JobState.COMPLETED, qtbot)
    assert state_of(again, waiting) is JobState.COMPLETED
    again.shut_down()


def test_that_a_repeated_epoch_takes_the_place_of_what_was_lost(
    training: TrainingJobs, session: ProjectSession, project: Project
) -> None:
    record = jobs.add_run(project, model_kind="autoencoder", config={})
    folder = session.folder / record.folder
    folder.mkdir(parents=True)
    epochs = [
        EpochEnded(job_id="a", epoch=n, epochs=3, metrics={"val_loss": loss}, seconds=1.0)
        for n, loss in ((1, 0.5), (2, 0.4), (3, 0.3), (2, 0.45))
    ]
    (folder / "events.jsonl").write_bytes(b"".join(map(encode, epochs)))
    assert [e.metrics["val_loss"] for e in training.history(record.id)] == [0.5, 0.45]


def test_that_what_a_training_came_upon_is_kept(
    training: TrainingJobs, session: ProjectSession, project: Project
) -> None:
    record = jobs.add_run(project, model_kind="autoencoder", config={})
    folder: Path = session.folder / record.folder
    folder.mkdir(parents=True)
    line = {"type": "remark", "job_id": "a", "text": "memory ran out"}
    (folder / "events.jsonl").write_text(f"{json.dumps(line)}\nhalf a rem")
    assert training.remarks(record.id) == ["memory ran out"]
    assert training.remarks("none") == []


def test_that_a_remark_is_passed_on(training: TrainingJobs, qtbot: QtBot) -> None:
    with qtbot.waitSignal(training.remarked, timeout=LONG_MS) as remarked:
        run_id = start(training, remark="memory ran out")
    assert remarked.args == [run_id, "memory ran out"]
