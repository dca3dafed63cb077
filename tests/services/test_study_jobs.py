"""Studies started from the window: what is queued next, and what ends them."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState
from inspector_app.domain.study import StudyPlan
from inspector_app.domain.study_templates import sweep
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.session import ProjectSession
from inspector_app.services.studies import Study, studies
from inspector_app.services.study_jobs import StudyJobs
from inspector_app.services.training_jobs import TrainingJobs

LONG_MS = 30_000


@pytest.fixture
def study_jobs(session: ProjectSession, training: TrainingJobs) -> StudyJobs:
    return StudyJobs(session, training)


def plan_of(*settings: dict[str, Any]) -> StudyPlan:
    return sweep("autoencoder", list(settings), is_pruned=False)


def finish(study_jobs: StudyJobs, plan: StudyPlan, qtbot: QtBot) -> Study:
    """Carry a study out, and return it as it was written down."""
    study_jobs.start(plan)
    qtbot.waitUntil(lambda: study_jobs.active is None, timeout=LONG_MS)
    return study_jobs.studies()[0]


def states(training: TrainingJobs, study: Study) -> list[JobState | None]:
    by_id = {record.id: record.state for record in training.runs()}
    return [by_id.get(run_id or "") for run_id in study.runs]


def test_that_every_training_of_a_study_is_made(
    study_jobs: StudyJobs, training: TrainingJobs, qtbot: QtBot
) -> None:
    study = finish(study_jobs, plan_of({"epochs": 1}, {"epochs": 2}), qtbot)
    assert states(training, study) == [JobState.COMPLETED] * 2
    assert {record.tags for record in training.runs()} == {("Sweep",)}


def test_that_a_failed_training_does_not_end_the_study(
    study_jobs: StudyJobs, training: TrainingJobs, qtbot: QtBot
) -> None:
    study = finish(study_jobs, plan_of({"then": "memory"}, {"epochs": 2}), qtbot)
    assert states(training, study) == [JobState.FAILED, JobState.COMPLETED]


def test_that_a_stopped_study_waits_where_it_was(
    study_jobs: StudyJobs, training: TrainingJobs, qtbot: QtBot
) -> None:
    study_jobs.start(plan_of({"then": "until_cancelled"}, {"epochs": 2}))
    with qtbot.waitSignal(training.epoch_ended, timeout=LONG_MS):
        pass
    with qtbot.waitSignal(training.finished, timeout=LONG_MS):
        study_jobs.stop()
    qtbot.waitUntil(lambda: study_jobs.active is None, timeout=LONG_MS)
    study = study_jobs.studies()[0]
    assert study.runs[1] is None
    study_jobs.go_on(study)
    qtbot.waitUntil(lambda: study_jobs.active is None, timeout=LONG_MS)
    assert states(training, study_jobs.studies()[0])[1] is JobState.COMPLETED


def test_that_only_one_study_is_under_way(
    study_jobs: StudyJobs, training: TrainingJobs, qtbot: QtBot
) -> None:
    study_jobs.start(plan_of({"then": "until_cancelled"}))
    with qtbot.waitSignal(study_jobs.refused) as refused:
        study_jobs.start(plan_of({"epochs": 2}))
    assert "is under way" in refused.args[0]
    assert len(study_jobs.studies()) == 2
    with qtbot.waitSignal(training.epoch_ended, timeout=LONG_MS):
        pass
    study_jobs.stop()
    qtbot.waitUntil(lambda: study_jobs.active is None, timeout=LONG_MS)


def test_that_a_study_under_way_is_not_deleted(
    study_jobs: StudyJobs, training: TrainingJobs, qtbot: QtBot
) -> None:
    study = study_jobs.start(plan_of({"then": "until_cancelled"}))
    assert study is not None
    study_jobs.delete(study)
    assert len(study_jobs.studies()) == 1
    with qtbot.waitSignal(training.epoch_ended, timeout=LONG_MS):
        pass
    study_jobs.stop()
    qtbot.waitUntil(lambda: study_jobs.active is None, timeout=LONG_MS)
    study_jobs.delete(study)
    assert study_jobs.studies() == []


def test_that_a_study_that_cannot_be_written_is_refused(
    study_jobs: StudyJobs, session: ProjectSession, qtbot: QtBot
) -> None:
    (session.folder / "studies").write_text("in the way")
    with qtbot.waitSignal(study_jobs.refused):
        assert study_jobs.start(plan_of({"epochs": 2})) is None
    assert study_jobs.active is None


def test_that_what_lags_behind_is_cancelled(
    study_jobs: StudyJobs,
    training: TrainingJobs,
    session: ProjectSession,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    settings = [{"epochs": number} for number in range(1, 4)]
    plan = sweep("autoencoder", [*settings, {"then": "until_cancelled"}])

    def history(run_id: str) -> list[EpochEnded]:
        """Give the last training high losses, and the others low ones."""
        runs = studies(session.folder)[0][0].runs
        loss = 9.0 if runs[3] == run_id else 1.0
        return [
            EpochEnded(job_id=run_id, epoch=n, epochs=9, metrics={"val_loss": loss}, seconds=1.0)
            for n in range(1, 8)
        ]

    monkeypatch.setattr(training, "history", history)
    study = finish(study_jobs, plan, qtbot)
    assert states(training, study) == [*[JobState.COMPLETED] * 3, JobState.CANCELLED]
