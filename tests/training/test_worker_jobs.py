"""The worker's jobs: how each ends, and what is told of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inspector_app.protocol.codec import decode_event
from inspector_app.protocol.messages import (
    Cancel,
    EpochEnded,
    JobEnded,
    Progress,
    RequestFailed,
    Segmented,
    StartInspection,
    StartTraining,
)
from tests.training.conversation import (
    Conversation,
    click,
    run_training,
)

# ---------------------------------------------------------------------- jobs


def test_that_a_job_ends_with_its_figures_less_those_that_are_no_numbers(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    ended = run_training(shared_worker, folder_of("complete"))
    assert ended.outcome == "completed"
    assert ended.metrics == {"val_loss": 0.5}


def test_that_a_training_leaves_its_events_in_its_folder(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    folder = folder_of("complete")
    shared_worker.say(StartTraining(job_id="job", run_folder=folder))
    said = [shared_worker.wait_for(EpochEnded), shared_worker.wait_for_end_of("job")]
    lines = (Path(folder) / "events.jsonl").read_bytes().splitlines()
    assert [decode_event(line) for line in lines] == said


def test_that_the_last_progress_is_told_however_fast_the_job_is(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    shared_worker.say(StartTraining(job_id="job", run_folder=folder_of("hurry")))
    assert shared_worker.wait_for(Progress, lambda progress: progress.done == 1000).total == 1000


def test_that_a_cancelled_job_keeps_what_it_reached(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    folder = folder_of("work_until_cancelled")
    shared_worker.say(StartTraining(job_id="job", run_folder=folder))
    shared_worker.wait_for(Progress)
    shared_worker.say(Cancel(job_id="another"))
    shared_worker.say(Cancel(job_id="job"))
    ended = shared_worker.wait_for_end_of("job")
    assert (ended.outcome, ended.metrics) == ("cancelled", {"epochs": 3.0})
    assert (Path(folder) / "last.ckpt").exists()


def test_that_a_job_which_waits_behind_another_can_be_cancelled(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    first, second = folder_of("work_until_cancelled"), folder_of("complete")
    shared_worker.say(StartInspection(job_id="first", inspection_folder=first))
    shared_worker.say(StartInspection(job_id="second", inspection_folder=second))
    shared_worker.say(Cancel(job_id="second"))
    shared_worker.say(Cancel(job_id="first"))
    assert shared_worker.wait_for_end_of("second").outcome == "cancelled"


def test_that_a_job_started_twice_ends_once(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    start = StartInspection(job_id="job", inspection_folder=folder_of("work_until_cancelled"))
    worker.say(start)
    worker.say(start)
    worker.say(Cancel(job_id="job"))
    worker.wait_for_end_of("job")
    worker.hang_up()
    assert not [event for event in worker.remaining() if isinstance(event, JobEnded)]


@pytest.mark.parametrize(
    ("job", "kind", "text"),
    [
        ("run_out_of_memory", "out_of_memory", "memory"),
        ("fill_the_disk", "disk_full", "/data/last.ckpt"),
        ("find_bad_data", "bad_data", "part.png: the file is empty"),
    ],
)
def test_that_a_fault_of_the_environment_comes_with_a_remedy_and_the_worker_lives_on(
    shared_worker: Conversation, folder_of: Callable[[str], str], job: str, kind: str, text: str
) -> None:
    ended = run_training(shared_worker, folder_of(job))
    assert (ended.outcome, ended.error_kind) == ("failed", kind)
    assert text in ended.error
    assert ended.hint
    click(shared_worker, 1, "part.png")
    assert shared_worker.wait_for(Segmented).request_id == 1


@pytest.mark.parametrize(
    ("job", "error"),
    [("have_a_bug", "ZeroDivisionError: division by zero"), ("exit_the_process", "SystemExit: 3")],
)
def test_that_a_bug_is_named_and_told_in_full_in_the_log(
    shared_worker: Conversation, folder_of: Callable[[str], str], job: str, error: str
) -> None:
    ended = run_training(shared_worker, folder_of(job))
    assert (ended.error_kind, ended.error) == ("bug", error)
    assert f"in {job}" in shared_worker.log


def test_that_nothing_a_library_prints_reaches_the_protocol(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    assert run_training(shared_worker, folder_of("print_much")).outcome == "completed"
    for text in ("by Python", "to the first stdout", "to descriptor 1", "by a child"):
        assert text in shared_worker.log


def test_that_a_library_which_reads_input_takes_no_command(
    shared_worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    assert run_training(shared_worker, folder_of("read_input")).metrics == {"bytes": 0.0}


def test_that_a_click_that_runs_out_of_memory_fails_alone(shared_worker: Conversation) -> None:
    click(shared_worker, 1, "memory.png")
    assert shared_worker.wait_for(RequestFailed).error_kind == "out_of_memory"
    click(shared_worker, 2, "part.png")
    assert shared_worker.wait_for(Segmented).request_id == 2
