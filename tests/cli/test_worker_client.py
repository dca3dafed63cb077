import os
import signal
from collections.abc import Callable

import pytest

from inspector_app.cli.worker_client import WorkerClient, WorkerLostError
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.messages import Event, StartTraining

START = StartTraining(job_id="a", run_folder="/nowhere")
Command = Callable[..., list[str]]


def ignore(_event: Event) -> None:
    pass


def test_that_a_worker_introduces_itself(misbehaving: Command) -> None:
    with WorkerClient(misbehaving("obedient")) as worker:
        assert worker.hello.device == "CPU (test)"


def test_that_a_worker_that_dies_before_its_hello_is_quoted(misbehaving: Command) -> None:
    with pytest.raises(WorkerLostError, match="No module named 'torch'"):
        WorkerClient(misbehaving("exits_before_hello"))


def test_that_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(WorkerLostError, match="/no/such/worker"):
        WorkerClient(["/no/such/worker"])


def test_that_a_worker_of_another_version_is_refused(misbehaving: Command) -> None:
    with pytest.raises(WorkerLostError, match=f"protocol {PROTOCOL_VERSION + 1}"):
        WorkerClient(misbehaving("speaks_another_version"), terminate_after_s=0.1)


@pytest.mark.parametrize("how", ["speaks_gibberish_first", "speaks_a_later_version"])
def test_that_gibberish_is_refused(misbehaving: Command, how: str) -> None:
    with pytest.raises(WorkerLostError, match="not understood"):
        WorkerClient(misbehaving(how), terminate_after_s=0.1)


def test_that_a_worker_without_a_hello_is_given_up(misbehaving: Command) -> None:
    with pytest.raises(WorkerLostError, match="said nothing"):
        WorkerClient(misbehaving("never_says_hello"), hello_timeout_s=0.5, terminate_after_s=0.1)


def test_that_a_worker_killed_for_memory_is_explained(misbehaving: Command) -> None:
    with (
        WorkerClient(misbehaving("dies_of", str(signal.SIGKILL.value))) as worker,
        pytest.raises(WorkerLostError, match="want of memory"),
    ):
        worker.run_job(START, ignore)


def test_that_a_worker_that_dies_during_a_job_names_its_code(misbehaving: Command) -> None:
    with (
        WorkerClient(misbehaving("exits_with", "7")) as worker,
        pytest.raises(WorkerLostError, match="code 7"),
    ):
        worker.run_job(START, ignore)


def test_that_a_hanging_worker_is_given_up(misbehaving: Command) -> None:
    with (
        WorkerClient(misbehaving("hangs"), silence_timeout_s=0.5, terminate_after_s=0.1) as worker,
        pytest.raises(WorkerLostError, match="said nothing"),
    ):
        worker.run_job(START, ignore)


def test_that_a_worker_that_ignores_everything_is_killed(misbehaving: Command) -> None:
    worker = WorkerClient(
        misbehaving("ignores_everything"), terminate_after_s=0.1, kill_after_s=0.1
    )
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker.hello.pid, 0)
