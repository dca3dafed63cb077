"""How a worker ends, and what it takes along."""

import signal
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from inspector_app.protocol.messages import (
    Heartbeat,
    Progress,
    Segmented,
    StartTraining,
)
from tests.training.conftest import Start
from tests.training.conversation import (
    SCRIPTED_WORKER,
    WORKERS,
    Conversation,
    click,
    worker_environment,
)

# ------------------------------------------------------------------- its end


def test_that_a_native_crash_of_a_job_ends_the_process_with_a_trace(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    worker.say(StartTraining(job_id="job", run_folder=folder_of("segfault")))
    assert worker.wait_for_exit() == -signal.SIGSEGV
    assert "in crash" in worker.log


def test_that_a_native_crash_of_a_click_ends_the_process(worker: Conversation) -> None:
    click(worker, 1, "segfault.png")
    assert worker.wait_for_exit() == -signal.SIGSEGV


@pytest.mark.parametrize("job", ["work_until_cancelled", "leave_when_cancelled"])
def test_that_the_end_of_input_cancels_the_job_and_then_ends_the_worker(
    worker: Conversation, folder_of: Callable[[str], str], job: str
) -> None:
    worker.say(StartTraining(job_id="job", run_folder=folder_of(job)))
    worker.wait_for(Heartbeat, lambda beat: beat.busy)
    worker.hang_up()
    assert worker.wait_for_end_of("job").outcome == "cancelled"
    assert worker.wait_for_exit() == 0


def test_that_sigterm_ends_a_worker_as_the_end_of_input_does(
    worker: Conversation, folder_of: Callable[[str], str]
) -> None:
    worker.say(StartTraining(job_id="job", run_folder=folder_of("work_until_cancelled")))
    worker.wait_for(Progress)
    worker.process.terminate()
    assert worker.wait_for_end_of("job").outcome == "cancelled"
    assert worker.wait_for_exit() == 0


def test_that_ctrl_c_in_the_terminal_is_left_to_the_command_line(worker: Conversation) -> None:
    worker.process.send_signal(signal.SIGINT)
    click(worker, 1, "part.png")
    assert worker.wait_for(Segmented).request_id == 1


def test_that_a_worker_whose_job_heeds_nothing_is_gone_after_the_grace_period(
    start: Start, folder_of: Callable[[str], str]
) -> None:
    worker = start(INSPECTOR_WORKER_GRACE_S="0.2")
    worker.say(StartTraining(job_id="job", run_folder=folder_of("heed_nothing")))
    worker.wait_for(Progress)
    worker.hang_up()
    assert worker.wait_for_exit() == 0


def test_that_a_worker_nobody_listens_to_ends() -> None:
    pipe = subprocess.PIPE
    worker = subprocess.Popen(SCRIPTED_WORKER, stdin=pipe, stdout=pipe, env=worker_environment())
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdout.close()
    assert worker.wait(60) == 0
    worker.stdin.close()


def test_that_no_worker_survives_a_killed_parent() -> None:
    command = [sys.executable, str(WORKERS / "parent.py"), *SCRIPTED_WORKER]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, env=worker_environment())
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    worker.wait(60)
