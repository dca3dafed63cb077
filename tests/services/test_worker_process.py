import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.protocol.messages import Event, Heartbeat, ReleaseModels, Segmented
from inspector_app.services.worker_log import WORKER_LOGGER
from inspector_app.services.worker_process import WorkerEnd, WorkerProcess

SCRIPT = Path(__file__).parent / "workers" / "misbehaving.py"
MakeWorker = Callable[..., WorkerProcess]


@pytest.fixture
def make_worker(qapp: object) -> Iterator[MakeWorker]:
    """Start a worker that behaves as named; none outlives the test."""
    made: list[WorkerProcess] = []

    def make(*arguments: object, **timing: float) -> WorkerProcess:
        command = [sys.executable, str(SCRIPT), *map(str, arguments)]
        worker = WorkerProcess(command, **{"hello_timeout_s": 20.0, **timing})  # type: ignore[arg-type]
        made.append(worker)
        worker.start()
        return worker

    yield make
    for worker in made:
        worker.kill()
        worker.wait_for_end(5)


def end_of(worker: WorkerProcess, qtbot: QtBot) -> WorkerEnd:
    with qtbot.waitSignal(worker.ended, timeout=20_000) as ended:
        pass
    end = ended.args[0]
    assert isinstance(end, WorkerEnd)
    return end


def wait_for_hello(worker: WorkerProcess, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: worker.hello is not None, timeout=20_000)


def test_that_the_hello_tells_what_the_worker_can_do(make_worker: MakeWorker, qtbot: QtBot) -> None:
    worker = make_worker("obedient")
    with qtbot.waitSignal(worker.hello_received, timeout=20_000) as hello:
        pass
    assert hello.args[0] == worker.hello
    assert worker.hello.click_model == "GrabCut"  # type: ignore[union-attr]


def test_that_a_command_before_the_hello_is_sent_after_it(
    make_worker: MakeWorker, qtbot: QtBot
) -> None:
    worker = make_worker("obedient")
    events: list[Event] = []
    worker.event_received.connect(events.append)
    worker.send(ReleaseModels())
    qtbot.waitUntil(lambda: len(events) == 2, timeout=20_000)
    assert events == [worker.hello, Heartbeat(busy=False, memory_mb=1)]


def test_that_an_obedient_worker_ends_when_its_input_does(
    make_worker: MakeWorker, qtbot: QtBot
) -> None:
    worker = make_worker("obedient")
    wait_for_hello(worker, qtbot)
    worker.stop()
    assert end_of(worker, qtbot) == WorkerEnd(True, 0, False, "", "", "")
    assert not worker.is_running


def test_that_its_end_is_told_once(make_worker: MakeWorker, qtbot: QtBot) -> None:
    worker = make_worker("obedient")
    ends: list[WorkerEnd] = []
    worker.ended.connect(ends.append)
    worker.stop()
    worker.stop()
    worker.kill()
    qtbot.waitUntil(lambda: not worker.is_running)
    worker.send(ReleaseModels())
    worker.stop()
    assert worker.wait_for_end(1)
    assert len(ends) == 1


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGSEGV, "crashed (SIGSEGV)"),
        (signal.SIGABRT, "crashed (SIGABRT)"),
        (signal.SIGKILL, "memory ran out"),
        (signal.SIGTERM, "ended by another program (SIGTERM)"),
    ],
)
def test_that_a_death_by_signal_is_explained(
    make_worker: MakeWorker, qtbot: QtBot, number: int, reason: str
) -> None:
    worker = make_worker("dies_of", int(number))
    worker.send(ReleaseModels())
    end = end_of(worker, qtbot)
    assert reason in end.reason
    assert end.hint
    assert (end.was_asked, end.crashed, end.exit_code) == (False, True, number)
    assert end.log_tail == "about to die"


@pytest.mark.parametrize(
    ("code", "reason", "crashed"),
    [
        (0, "ended without being asked", False),
        (3, "exit code 3", True),
        (137, "memory ran out", True),
        (139, "crashed (SIGSEGV)", True),
    ],
)
def test_that_an_exit_without_a_word_is_explained(
    make_worker: MakeWorker, qtbot: QtBot, code: int, reason: str, crashed: bool
) -> None:
    worker = make_worker("exits_with", code)
    worker.send(ReleaseModels())
    end = end_of(worker, qtbot)
    assert reason in end.reason
    assert (end.was_asked, end.crashed) == (False, crashed)


def test_that_a_worker_which_dies_at_its_start_leaves_its_log(
    make_worker: MakeWorker, qtbot: QtBot
) -> None:
    end = end_of(make_worker("exits_before_hello"), qtbot)
    assert end.reason == (
        "The worker ended with exit code 1. ModuleNotFoundError: No module named 'torch'"
    )
    assert "No module named 'torch'" in end.log_tail


def test_that_a_program_that_is_not_there_is_named(qtbot: QtBot) -> None:
    worker = WorkerProcess(["/no/such/inspector-worker"])
    worker.start()
    end = end_of(worker, qtbot)
    assert "/no/such/inspector-worker" in end.reason
    assert "Install" in end.hint


def test_that_a_worker_without_hello_is_ended(make_worker: MakeWorker, qtbot: QtBot) -> None:
    end = end_of(make_worker("never_says_hello", hello_timeout_s=0.3), qtbot)
    assert "did not get ready" in end.reason
    assert not end.was_asked


def test_that_a_silent_worker_is_ended(make_worker: MakeWorker, qtbot: QtBot) -> None:
    end = end_of(make_worker("hangs", heartbeat_timeout_s=0.3), qtbot)
    assert "stopped answering" in end.reason
    assert not end.was_asked


def test_that_a_worker_which_ignores_the_end_of_its_input_is_terminated(
    make_worker: MakeWorker, qtbot: QtBot
) -> None:
    worker = make_worker("hangs", terminate_after_s=0.1, kill_after_s=20)
    wait_for_hello(worker, qtbot)
    worker.stop()
    end = end_of(worker, qtbot)
    assert (end.was_asked, end.exit_code) == (True, signal.SIGTERM)


def test_that_a_worker_which_ignores_everything_is_killed(
    make_worker: MakeWorker, qtbot: QtBot
) -> None:
    worker = make_worker("ignores_everything", terminate_after_s=0.1, kill_after_s=0.1)
    wait_for_hello(worker, qtbot)
    worker.stop()
    end = end_of(worker, qtbot)
    assert (end.was_asked, end.crashed, end.exit_code) == (True, False, signal.SIGKILL)


@pytest.mark.parametrize(
    "behaviour", ["speaks_gibberish", "speaks_gibberish_first", "speaks_before_hello"]
)
def test_that_a_worker_which_is_not_understood_is_ended(
    make_worker: MakeWorker, qtbot: QtBot, behaviour: str
) -> None:
    end = end_of(make_worker(behaviour), qtbot)
    assert "not understood" in end.reason
    assert not end.was_asked


@pytest.mark.parametrize("behaviour", ["speaks_another_version", "speaks_a_later_version"])
def test_that_another_version_is_refused_in_words(
    make_worker: MakeWorker, qtbot: QtBot, behaviour: str
) -> None:
    worker = make_worker(behaviour)
    with qtbot.assertNotEmitted(worker.event_received):
        end = end_of(worker, qtbot)
    assert "version" in end.reason
    assert "Install Inspector again" in end.hint
    assert worker.hello is None


def test_that_a_line_of_megabytes_arrives_whole(make_worker: MakeWorker, qtbot: QtBot) -> None:
    worker = make_worker("speaks_in_long_lines")
    events: list[Event] = []
    worker.event_received.connect(events.append)
    qtbot.waitUntil(lambda: len(events) == 2, timeout=20_000)
    assert isinstance(events[1], Segmented)
    assert len(events[1].candidates[0].mask.counts) == 8 * 2**20


def test_that_a_line_without_end_is_refused(make_worker: MakeWorker, qtbot: QtBot) -> None:
    end = end_of(make_worker("never_ends_a_line", max_line_bytes=2**20), qtbot)
    assert "not understood" in end.reason


def test_that_the_last_lines_of_the_log_are_kept(
    make_worker: MakeWorker, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, WORKER_LOGGER):
        worker = make_worker("writes_much_log")
        qtbot.waitUntil(lambda: worker.log_tail(1) == "100 %", timeout=20_000)
    assert worker.log_tail(3) == "line 4999\n50 %\n100 %"
    lines = [record.message for record in caplog.records if record.name == WORKER_LOGGER]
    assert lines == [*(f"line {number}" for number in range(5000)), "50 %"]


def test_that_the_windows_environment_does_not_reach_the_worker(
    make_worker: MakeWorker, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_SCALE_FACTOR", "2")
    worker = make_worker("shows_its_environment")
    qtbot.waitUntil(lambda: "environment:" in worker.log_tail(), timeout=20_000)
    names = worker.log_tail().split()
    assert "PYTHONUNBUFFERED" in names
    assert not [name for name in names if name.startswith("QT_")]


def test_that_a_worker_started_elsewhere_finds_the_program(
    make_worker: MakeWorker, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    wait_for_hello(make_worker("imports_the_program"), qtbot)
