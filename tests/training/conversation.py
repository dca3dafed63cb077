"""The other end of a worker's pipes, for tests."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import inspector_app
from inspector_app.protocol.base import Frozen
from inspector_app.protocol.codec import decode_event, encode
from inspector_app.protocol.messages import (
    ClickPoint,
    Event,
    Hello,
    JobEnded,
    Segment,
    StartTraining,
)

ROOT = Path(inspector_app.__file__).resolve().parent.parent
WORKERS = Path(__file__).resolve().parent / "workers"
SCRIPTED_WORKER = [sys.executable, str(WORKERS / "scripted_worker.py")]
PRODUCT_WORKER = [sys.executable, "-m", "training.worker"]

EventType = TypeVar("EventType")

_PATIENCE_S = 60.0
"""How long a test waits for what must come; only a failing test waits as long."""
_LONG_PATIENCE_S = 240.0
"""The same, of a worker that goes on saying other things."""


def worker_environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **extra}


class Conversation:
    """A worker process, what is said to it and what it says."""

    def __init__(self, command: list[str], log: Path, **environment: str) -> None:
        self._log = log
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=worker_environment(**environment),
                cwd=log.parent,
            )
        threading.Thread(target=self._listen, daemon=True).start()
        self.hello = self.wait_for(Hello)

    def say(self, command: Frozen) -> None:
        self.write(encode(command))

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def next_event(self) -> Event | None:
        """Return what the worker says next, None after its last word."""
        return self._events.get(timeout=_PATIENCE_S)

    def wait_for(
        self, kind: type[EventType], condition: Callable[[EventType], bool] = lambda _: True
    ) -> EventType:
        """Pass over events until one is of that kind and meets the condition."""
        deadline = time.monotonic() + _LONG_PATIENCE_S
        while (event := self.next_event()) is not None:
            if isinstance(event, kind) and condition(event):
                return event
            # A worker that beats on is not one that goes on.
            assert time.monotonic() < deadline, f"no {kind.__name__} in time; its log:\n{self.log}"
        raise AssertionError(f"the worker ended without {kind.__name__}; its log:\n{self.log}")

    def wait_for_end_of(self, job_id: str) -> JobEnded:
        return self.wait_for(JobEnded, lambda ended: ended.job_id == job_id)

    def remaining(self) -> list[Event]:
        """Return everything up to the worker's last word."""
        return list(iter(self.next_event, None))

    def hang_up(self) -> None:
        """Close its standard input, as the end of the window does."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait_for_exit(self) -> int:
        return self.process.wait(_PATIENCE_S)

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._events.put(decode_event(line))
        self._events.put(None)


def run_training(worker: Conversation, folder: str) -> JobEnded:
    worker.say(StartTraining(job_id="job", run_folder=folder))
    return worker.wait_for_end_of("job")


def click(worker: Conversation, request_id: int, image_path: Path | str) -> None:
    point = ClickPoint(x=3.0, y=2.0, label=1)
    worker.say(Segment(request_id=request_id, image_path=str(image_path), points=(point,)))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does to a file."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
