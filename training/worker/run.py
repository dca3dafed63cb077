"""The worker's threads, and how it ends.

The main thread runs jobs (Lightning wants it), one thread answers clicks, one shows what
training images are made of, one reads commands and one tells that the process is alive. The
worker ends when its commands do: jobs are cancelled, which makes them save their checkpoint,
and a worker that has not ended within the grace period is ended.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn, assert_never

import psutil

from inspector_app.protocol.codec import LineBuffer, ProtocolError, decode_command
from inspector_app.protocol.messages import (
    Cancel,
    ChooseClickModel,
    Command,
    Heartbeat,
    Hello,
    Hover,
    PrepareAhead,
    PrepareImage,
    ReclaimDevice,
    ReleaseModels,
    Segment,
    ShowVariations,
    StartInspection,
    StartTraining,
    TrainingPurpose,
)
from training.worker.channel import EventChannel
from training.worker.clicks import ClickDesk, ClickModel
from training.worker.jobs import Job, JobFunction, JobRunner
from training.worker.showing import Show, ShowingDesk
from training.worker.stdio import Pipes

_GRACE_S = 20.0
_CHUNK_BYTES = 1 << 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What a worker can do."""

    hello: Hello
    clicks: ClickModel
    train: Mapping[TrainingPurpose, JobFunction]
    inspect: JobFunction
    show: Show


def run_worker(pipes: Pipes, services: Services, *, heartbeat_s: float = 2.0) -> NoReturn:
    """Say hello, do what is asked, and end the process."""
    Worker(pipes, services, heartbeat_s).run()


class Worker:
    """One worker process."""

    def __init__(self, pipes: Pipes, services: Services, heartbeat_s: float) -> None:
        self._commands = pipes.commands
        self._heartbeat_s = heartbeat_s
        self._services = services
        self._closing = threading.Event()
        self._channel = EventChannel(pipes.events, on_lost=self.close)
        self._jobs = JobRunner(self._channel.send)
        self._clicks = ClickDesk(
            services.clicks, self._channel.send, lambda: not self._jobs.is_busy
        )

        self._showing = ShowingDesk(services.show, self._channel.send)

    def run(self) -> NoReturn:
        threading.excepthook = _end_at_once
        self._heed_signals()
        self._channel.send(self._services.hello)
        for loop in (self._read_commands, self._clicks.run, self._showing.run, self._beat):
            _start_thread(loop)
        self._jobs.run()
        _end_process()

    def close(self) -> None:
        """Cancel all jobs and end the process when they have ended, or after the grace period."""
        if self._closing.is_set():
            return
        self._closing.set()
        _log.info("closing")
        grace_s = float(os.environ.get("INSPECTOR_WORKER_GRACE_S", _GRACE_S))
        timer = threading.Timer(grace_s, _end_process)
        timer.daemon = True
        timer.start()
        self._jobs.close()

    def _heed_signals(self) -> None:
        worker_pid = os.getpid()

        def on_terminate(_signal: int, _frame: FrameType | None) -> None:
            if os.getpid() != worker_pid:
                # A data loader's process that was forked from this one.
                os._exit(1)
            # Not here: the main thread may hold the very lock that closing needs.
            _start_thread(self.close)

        signal.signal(signal.SIGTERM, on_terminate)
        # Ctrl+C in a terminal reaches the worker too; the command line decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _read_commands(self) -> None:
        buffer = LineBuffer()
        while chunk := os.read(self._commands, _CHUNK_BYTES):
            try:
                lines = buffer.feed(chunk)
            except ProtocolError as error:
                _log.error("%s", error)
                buffer = LineBuffer()
                continue
            for line in lines:
                self._obey_line(line)
        _log.info("no more commands: the other side is gone")
        self.close()

    def _obey_line(self, line: bytes) -> None:
        try:
            self._obey(decode_command(line))
        except ProtocolError as error:
            _log.error("ignored: %s", error)

    def _obey(self, command: Command) -> None:
        match command:
            case (
                Segment()
                | Hover()
                | PrepareImage()
                | PrepareAhead()
                | ReleaseModels()
                | ReclaimDevice()
                | ChooseClickModel()
            ):
                self._clicks.ask(command)
            case StartTraining(job_id=job_id, run_folder=folder, purpose=purpose):
                function = self._services.train[purpose]
                self._jobs.start(Job(job_id, Path(folder), function, purpose == "train"))
            case StartInspection(job_id=job_id, inspection_folder=folder):
                self._jobs.start(Job(job_id, Path(folder), self._services.inspect, False))
            case ShowVariations():
                self._showing.ask(command)
            case Cancel(job_id=job_id):
                self._jobs.cancel(job_id)
            case _:
                assert_never(command)

    def _beat(self) -> None:
        process = psutil.Process()
        while not self._closing.wait(self._heartbeat_s):
            memory_mb = process.memory_info().rss // 2**20
            is_busy = self._jobs.is_busy or self._clicks.is_busy
            self._channel.send(Heartbeat(busy=is_busy, memory_mb=memory_mb))


def _start_thread(function: Callable[[], object]) -> None:
    threading.Thread(target=function, daemon=True).start()


def _end_at_once(arguments: threading.ExceptHookArgs) -> None:
    """End a worker that has lost a thread: without it, it would only seem to be alive."""
    _log.critical("a thread of the worker died", exc_info=arguments.exc_value or True)
    sys.stderr.flush()
    os._exit(1)


def _end_process() -> NoReturn:
    # Not sys.exit(): it would wait for threads of libraries, and tear down CUDA, which can hang.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0)
