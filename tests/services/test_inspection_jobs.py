import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import InspectionRecord, JobState, ResultRecord
from inspector_app.protocol.messages import Heartbeat, Progress
from inspector_app.services import inspection_files
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.workers import Workers
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project

LONG_MS = 20_000
WriteImage = Callable[..., Path]


def start(inspecting: InspectionJobs, run_id: str, folder: Path | None) -> str:
    record = inspecting.start(run_id, folder)
    assert record is not None
    return record.id


def end_of(
    inspecting: InspectionJobs, run_id: str, folder: Path | None, qtbot: QtBot
) -> InspectionRecord:
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        start(inspecting, run_id, folder)
    record = finished.args[0]
    assert isinstance(record, InspectionRecord)
    return record


def wait_for_results(
    inspecting: InspectionJobs, inspection_id: str, count: int, qtbot: QtBot
) -> None:
    qtbot.waitUntil(
        lambda: len(inspecting.archive.results(inspection_id)) == count, timeout=LONG_MS
    )


def names(results: list[ResultRecord]) -> list[str]:
    return [Path(result.image_path).stem for result in results]


def test_that_an_inspection_is_recorded_from_start_to_end(
    inspecting: InspectionJobs,
    project: Project,
    run_id: str,
    make_folder: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    states: list[JobState] = []
    inspecting.inspections_changed.connect(
        lambda: states.append(inspecting.archive.inspections()[0].state)
    )
    record = end_of(inspecting, run_id, make_folder("a", "b", "c", "d"), qtbot)
    assert record.state is JobState.COMPLETED
    assert record.message == "4 images inspected: 1 NG, 3 OK."
    assert (record.threshold, record.calibrated_threshold) == (0.25, 0.25)
    assert record.metrics == {"images": 4.0}
    assert inspecting.archive.inspections() == [record]
    assert names(inspecting.archive.results(record.id)) == ["d", "c", "b", "a"]
    assert states == [
        JobState.QUEUED,
        JobState.STARTING,
        JobState.RUNNING,
        JobState.COMPLETED,
    ]
    assert inspecting.active_inspection() is None


def test_that_the_test_images_of_the_project_carry_what_is_known(
    inspecting: InspectionJobs, run_id: str, qtbot: QtBot
) -> None:
    record = end_of(inspecting, run_id, None, qtbot)
    assert record.source == "test"
    known = {r.defect_type: r.is_defective for r in inspecting.archive.results(record.id)}
    assert known == {"good": False, "scratch": True}


def test_that_an_image_that_cannot_be_read_does_not_stop_the_batch(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    record = end_of(inspecting, run_id, make_folder("a", "bad", "c", "d"), qtbot)
    results = inspecting.archive.results(record.id)
    assert names(results) == ["bad", "d", "c", "a"]
    assert math.isnan(results[0].score)
    assert results[0].error == "bad.png: the PNG ends too early"
    assert record.message == "4 images inspected: 1 NG, 2 OK. 1 could not be judged."


def test_that_images_of_several_pages_are_told(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    folder = make_folder("a", "b")
    pages = np.zeros((3, 16, 16), np.uint8)
    tifffile.imwrite(folder / "stack.tif", pages, photometric="minisblack")
    with qtbot.waitSignal(inspecting.pages_found, timeout=LONG_MS) as found:
        start(inspecting, run_id, folder)
    assert found.args == [(("stack.tif", 3),)]


def test_that_results_arrive_in_batches(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    batches: list[int] = []
    inspecting.results_added.connect(lambda _id, results: batches.append(len(results)))
    progress: list[Progress] = []
    inspecting.progressed.connect(lambda _id, event: progress.append(event))
    end_of(inspecting, run_id, make_folder(*(f"{n:03}" for n in range(150))), qtbot)
    assert sum(batches) == 150
    assert max(batches) <= 64
    assert progress[-1].done == 150


def test_that_results_do_not_wait_for_a_full_batch(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    inspection_id = start(inspecting, run_id, make_folder("a", "b", "wait"))
    wait_for_results(inspecting, inspection_id, 2, qtbot)
    assert inspecting.active_inspection() is not None


def test_that_a_second_inspection_waits_for_the_first(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    ended: list[str] = []
    inspecting.finished.connect(lambda record: ended.append(record.id))
    folder = make_folder("a")
    first, second = start(inspecting, run_id, folder), start(inspecting, run_id, folder)
    assert inspecting.archive.inspections()[0].state is JobState.QUEUED
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=LONG_MS)
    assert ended == [first, second]


# ---------------------------------------------------------------- what goes wrong


def test_that_a_folder_without_images_fails_in_words(
    inspecting: InspectionJobs, run_id: str, tmp_path: Path, qtbot: QtBot
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    record = end_of(inspecting, run_id, empty, qtbot)
    assert record.state is JobState.FAILED
    assert str(empty) in record.message


@pytest.mark.parametrize("which", ["unknown", "untrained"])
def test_that_a_run_without_a_model_is_refused(
    inspecting: InspectionJobs, project: Project, qtbot: QtBot, which: str
) -> None:
    untrained = jobs.add_run(project, model_kind="autoencoder", config={}).id
    with qtbot.waitSignal(inspecting.refused) as refused:
        assert inspecting.start(untrained if which == "untrained" else which, None) is None
    assert (untrained if which == "untrained" else which) in refused.args[0]
    assert inspecting.archive.inspections() == []


def test_that_a_fault_the_worker_names_fails_the_inspection_with_its_remedy(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    record = end_of(inspecting, run_id, make_folder("a", "full"), qtbot)
    assert record.state is JobState.FAILED
    assert record.message == "The disk is full — free some space"
    assert names(inspecting.archive.results(record.id)) == ["a"]


def test_that_the_worker_s_death_interrupts_and_a_resume_does_the_rest(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    record = end_of(inspecting, run_id, make_folder("a", "b", "crash", "d"), qtbot)
    assert record.state is JobState.INTERRUPTED
    assert "SIGSEGV" in record.message
    assert names(inspecting.archive.results(record.id)) == ["b", "a"]
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        inspecting.resume(record.id)
    assert finished.args[0].state is JobState.COMPLETED
    assert finished.args[0].message == "4 images inspected: 1 NG, 3 OK."
    assert names(inspecting.archive.results(record.id)) == ["d", "crash", "b", "a"]


def test_that_results_the_window_never_heard_of_are_taken_from_the_folder(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    record = end_of(inspecting, run_id, make_folder("a", "b unsaid", "crash"), qtbot)
    assert names(inspecting.archive.results(record.id)) == ["a"]
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS):
        inspecting.resume(record.id)
    assert len(inspecting.archive.results(record.id)) == 3


def test_that_an_inspection_whose_folder_is_gone_cannot_be_resumed(
    inspecting: InspectionJobs, project: Project, run_id: str, qtbot: QtBot
) -> None:
    record = jobs.add_inspection(project, run_id=run_id, source="test", threshold=0.25)
    jobs.update_inspection(project, record.id, state=JobState.INTERRUPTED)
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        inspecting.resume(record.id)
    assert finished.args[0].state is JobState.FAILED
    assert "start a new inspection" in finished.args[0].message


def test_that_a_finished_inspection_is_not_resumed(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    record = end_of(inspecting, run_id, make_folder("a"), qtbot)
    assert inspecting.resume(record.id) is None


def test_that_results_the_database_cannot_store_end_the_inspection_and_are_kept_for_a_resume(
    inspecting: InspectionJobs,
    run_id: str,
    make_folder: Callable[..., Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise BadDataError("the disk is full", "free some space")

    with monkeypatch.context() as patch:
        patch.setattr(inspection_results, "add_results", full)
        with qtbot.waitSignal(inspecting.refused, timeout=LONG_MS):
            record = end_of(inspecting, run_id, make_folder("a", "b", "wait"), qtbot)
    assert record.state is JobState.CANCELLED
    assert inspecting.archive.results(record.id) == []
    with qtbot.waitSignal(inspecting.results_added, timeout=LONG_MS):
        inspecting.resume(record.id)
    assert names(inspecting.archive.results(record.id)) == ["b", "a"]


def test_that_events_of_others_are_ignored(
    inspecting: InspectionJobs, workers: Workers, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(inspecting.progressed):
        workers.event_received.emit(Progress(job_id="another", done=1, total=2))
        workers.event_received.emit(Heartbeat(busy=False, memory_mb=1))


# ---------------------------------------------------------------- cancel


def test_that_a_cancelled_inspection_keeps_its_results(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    inspection_id = start(inspecting, run_id, make_folder("a", "b", "wait"))
    wait_for_results(inspecting, inspection_id, 2, qtbot)
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        inspecting.cancel(inspection_id)
        inspecting.cancel(inspection_id)
    assert finished.args[0].state is JobState.CANCELLED
    assert finished.args[0].message == "Cancelled. 2 images inspected: 0 NG, 2 OK."


def test_that_a_waiting_inspection_is_cancelled_at_once(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    folder = make_folder("a", "wait")
    start(inspecting, run_id, folder)
    waiting = start(inspecting, run_id, folder)
    with qtbot.waitSignal(inspecting.finished) as finished:
        inspecting.cancel(waiting)
    assert finished.args[0].id == waiting


def test_that_an_inspection_cancelled_before_the_worker_knows_of_it_ends(
    inspecting: InspectionJobs,
    workers: Workers,
    run_id: str,
    make_folder: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    inspection_id = start(inspecting, run_id, make_folder("a"))
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        inspecting.cancel(inspection_id)
    assert finished.args[0].state is JobState.CANCELLED
    assert workers.state == "stopped"


def test_that_a_worker_which_does_not_cancel_is_replaced(
    session: ProjectSession,
    workers: Workers,
    training: TrainingJobs,
    run_id: str,
    make_folder: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    inspecting = InspectionJobs(session, workers, training, cancel_grace_s=0.05)
    inspection_id = start(inspecting, run_id, make_folder("a", "stubborn"))
    wait_for_results(inspecting, inspection_id, 1, qtbot)
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        inspecting.cancel(inspection_id)
    assert finished.args[0].state is JobState.CANCELLED
    qtbot.waitUntil(lambda: workers.state == "ready", timeout=LONG_MS)


def test_that_closing_the_project_interrupts_and_stores_what_arrived(
    inspecting: InspectionJobs,
    session: ProjectSession,
    run_id: str,
    make_folder: Callable[..., Path],
    qtbot: QtBot,
) -> None:
    inspection_id = start(inspecting, run_id, make_folder("a", "b", "wait"))
    waiting = start(inspecting, run_id, make_folder("a"))
    with qtbot.waitSignal(inspecting.progressed, timeout=LONG_MS):
        pass
    folder = session.folder
    session.close()
    with Project.open(folder) as again:
        records = {record.id: record.state for record in jobs.inspections(again)}
        assert records == {
            inspection_id: JobState.INTERRUPTED,
            waiting: JobState.INTERRUPTED,
        }
        assert "a" in names(inspection_results.results(again, inspection_id))


def test_that_an_unforeseen_fault_of_the_preparation_fails_the_inspection_and_rises(
    inspecting: InspectionJobs, run_id: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection_files, "write_inspection_folder", None)
    with qtbot.captureExceptions() as exceptions:
        record = end_of(inspecting, run_id, None, qtbot)
    assert record.state is JobState.FAILED
    assert exceptions[0][0] is TypeError


def test_that_a_threshold_moved_during_the_inspection_counts_at_its_end(
    inspecting: InspectionJobs, run_id: str, make_folder: Callable[..., Path], qtbot: QtBot
) -> None:
    inspection_id = start(inspecting, run_id, make_folder("a", "b", "wait"))
    wait_for_results(inspecting, inspection_id, 2, qtbot)
    inspecting.set_threshold(inspection_id, 0.1)
    with qtbot.waitSignal(inspecting.finished, timeout=LONG_MS) as finished:
        inspecting.cancel(inspection_id)
    assert finished.args[0].message == "Cancelled. 2 images inspected: 1 NG, 1 OK."
