"""Starting and cancelling again and again leaves nothing behind."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers

LONG_MS = 20_000
CYCLES = int(os.environ.get("INSPECTOR_CYCLES", "4"))
"""Fifty are run by hand: `INSPECTOR_CYCLES=50`."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file handles are counted on POSIX")


def test_that_cycles_leave_no_process_no_handle_and_no_worker_object(
    training: TrainingJobs, workers: Workers, session: ProjectSession, qtbot: QtBot
) -> None:
    def cycle() -> None:
        record = training.start("autoencoder", {"then": "until_cancelled"})
        assert record is not None
        qtbot.waitUntil(lambda: len(training.history(record.id)) == 2, timeout=LONG_MS)
        with qtbot.waitSignal(training.finished, timeout=LONG_MS) as finished:
            training.cancel(record.id)
        assert finished.args[0].state is JobState.CANCELLED
        qtbot.waitUntil(lambda: not workers.findChildren(WorkerProcess), timeout=LONG_MS)

    me = psutil.Process()
    # The first one opens what stays open: pools, and the database's second connection.
    cycle()
    processes, handles = len(me.children(recursive=True)), me.num_fds()
    for _ in range(CYCLES):
        cycle()
    # What a cycle leaves there would be of each; other tests' remains may go or come meanwhile.
    assert len(me.children(recursive=True)) - processes < CYCLES
    assert me.num_fds() - handles < CYCLES
    assert not list(Path(session.folder).rglob("*.tmp"))
