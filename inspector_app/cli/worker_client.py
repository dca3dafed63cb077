"""A worker process driven through its pipes by a program without Qt."""

import collections
import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Self

import inspector_app
from inspector_app import paths
from inspector_app.cli.interrupts import noted_interrupts
from inspector_app.cli.log import log_file
from inspector_app.domain.errors import BugError, KnownError
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.codec import ProtocolError, decode_event, encode
from inspector_app.protocol.messages import (
    Cancel,
    ChooseClickModel,
    Command,
    Event,
    Heartbeat,
    Hello,
    ImagePrepared,
    JobEnded,
    PrepareImage,
    ReleaseModels,
    RequestFailed,
    Segment,
    Segmented,
    StartInspection,
    StartTraining,
)

OnPrepared = Callable[[Path, ImagePrepared | RequestFailed], bool]
"""Takes what became of an image; False ends the work."""

_POLL_S = 0.2
_LOG_LINES_KEPT = 40

log = logging.getLogger(__name__)
worker_log = logging.getLogger("inspector.worker")


class WorkerLostError(KnownError):
    """The worker ended, went silent or speaks another protocol."""


class WorkerClient:
    """A running worker that has said hello; a context manager that ends it.

    Not for use from several threads.
    """

    def __init__(
        self,
        command: list[str] | None = None,
        *,
        hello_timeout_s: float = 120.0,
        silence_timeout_s: float = 60.0,
        terminate_after_s: float = 10.0,
        kill_after_s: float = 5.0,
    ) -> None:
        """Start the worker and wait for its hello.

        Raises:
            WorkerLostError: if it cannot be started, dies, or speaks another protocol.
        """
        self._silence_timeout_s = silence_timeout_s
        self._terminate_after_s = terminate_after_s
        self._kill_after_s = kill_after_s
        self._log_tail: collections.deque[str] = collections.deque(maxlen=_LOG_LINES_KEPT)
        self._events: queue.Queue[Event | WorkerLostError | None] = queue.Queue()
        self._last_heard = time.monotonic()
        self._process = _start(command or paths.worker_command())
        self._threads = [
            threading.Thread(target=self._read_events, name="worker events", daemon=True),
            threading.Thread(target=self._read_log, name="worker log", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        try:
            self.hello = self._wait_for_hello(hello_timeout_s)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run_job(
        self,
        start: StartTraining | StartInspection,
        on_event: Callable[[Event], None],
        *,
        is_enough: Callable[[], bool] = lambda: False,
    ) -> JobEnded:
        """Run one job to its end; Ctrl-C cancels it and waits, a second Ctrl-C does not wait.

        Args:
            is_enough: asked after every event; True cancels the job as Ctrl-C does.

        Raises:
            WorkerLostError: if the worker dies or goes silent.
        """
        with noted_interrupts() as interrupts:
            self._send(start)
            is_cancelled = False
            while True:
                if (interrupts.is_requested or is_enough()) and not is_cancelled:
                    is_cancelled = True
                    self._send(Cancel(job_id=start.job_id))
                event = self._next_event(self._silence_timeout_s)
                if isinstance(event, JobEnded) and event.job_id == start.job_id:
                    return event
                if event is not None:
                    on_event(event)

    def segment(self, request: Segment) -> Segmented:
        """Return the click model's answer.

        Raises:
            KnownError: if the image cannot be read or does not fit into memory.
            BugError: if the click model broke.
        """
        self._send(request)
        while True:
            match self._next_event(self._silence_timeout_s):
                case Segmented(request_id=request.request_id) as answer:
                    return answer
                case RequestFailed(request_id=request.request_id) as failure:
                    if failure.error_kind == "bug":
                        raise BugError(failure.error)
                    raise KnownError(failure.error, failure.hint)
                case _:
                    pass

    def prepare_images(
        self,
        paths: Sequence[Path],
        on_answer: OnPrepared,
    ) -> bool:
        """Have images encoded for clicks, one after the other, as long as `on_answer` says so.

        Returns:
            False if Ctrl-C, after which the image under way is finished, or `on_answer` ended it.

        Raises:
            WorkerLostError: if the worker dies or goes silent.
        """
        with noted_interrupts() as interrupts:
            for number, path in enumerate(paths, start=1):
                if interrupts.is_requested:
                    return False
                self._send(PrepareImage(request_id=number, image_path=str(path)))
                if not on_answer(path, self._answer_to(number)):
                    return False
        return True

    def _answer_to(self, request_id: int) -> ImagePrepared | RequestFailed:
        while True:
            match self._next_event(self._silence_timeout_s):
                case (ImagePrepared() | RequestFailed()) as answer:
                    if answer.request_id == request_id:
                        return answer
                case _:
                    pass

    def choose_click_model(self, name: str) -> None:
        """Have clicks answered, and images prepared, by this model."""
        self._send(ChooseClickModel(name=name))

    def release_models(self) -> None:
        """Have every loaded model dropped, so that a training job has the whole GPU."""
        self._send(ReleaseModels())

    def close(self) -> None:
        """Climb the stop ladder: close stdin, terminate, kill."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        if not self._has_ended_within(self._terminate_after_s):
            self._process.terminate()
            if not self._has_ended_within(self._kill_after_s):
                self._process.kill()
                self._process.wait()
        for thread in self._threads:
            thread.join(timeout=1.0)
        for pipe in (self._process.stdout, self._process.stderr):
            _pipe(pipe).close()

    def _send(self, command: Command) -> None:
        try:
            stdin = _pipe(self._process.stdin)
            stdin.write(encode(command))
            stdin.flush()
        except OSError as error:
            raise self._lost() from error

    def _next_event(self, silence_timeout_s: float) -> Event | None:
        """Return the next event, or None if none came for a moment."""
        try:
            event = self._events.get(timeout=_POLL_S)
        except queue.Empty:
            if time.monotonic() - self._last_heard > silence_timeout_s:
                raise WorkerLostError(
                    f"the worker has said nothing for {silence_timeout_s:.0f} s",
                    f"try again; its log is in {log_file()}",
                ) from None
            return None
        if event is None:
            raise self._lost()
        if isinstance(event, WorkerLostError):
            raise event
        return event

    def _wait_for_hello(self, timeout_s: float) -> Hello:
        while (event := self._next_event(timeout_s)) is None:
            pass
        if not isinstance(event, Hello):
            raise _not_understood()
        hello = event
        if hello.protocol != PROTOCOL_VERSION:
            raise WorkerLostError(
                f"the worker speaks protocol {hello.protocol}, this program {PROTOCOL_VERSION}",
                "install both from the same release",
            )
        log.info("worker %d on %s, clicks by %s", hello.pid, hello.device, hello.click_model)
        return hello

    def _read_events(self) -> None:
        for line in _pipe(self._process.stdout):
            self._last_heard = time.monotonic()
            try:
                event = decode_event(line)
            except ProtocolError as error:
                log.error("the worker is not understood: %s", error)
                self._events.put(_not_understood())
                return
            if not isinstance(event, Heartbeat):
                self._events.put(event)
        self._events.put(None)

    def _read_log(self) -> None:
        for raw in _pipe(self._process.stderr):
            line = raw.decode("utf-8", "replace").rstrip()
            self._log_tail.append(line)
            worker_log.info("%s", line)

    def _has_ended_within(self, timeout_s: float) -> bool:
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _lost(self) -> WorkerLostError:
        """Say how the worker ended; its pipe is closed already."""
        if not self._has_ended_within(self._terminate_after_s):
            return WorkerLostError("the worker closed its pipe", f"its log is in {log_file()}")
        self._threads[1].join(timeout=1.0)
        code = self._process.returncode
        if sys.platform != "win32" and code == -signal.SIGKILL:
            return WorkerLostError(
                "the worker was killed, most likely for want of memory",
                "close other programs, or choose a smaller image or batch size",
            )
        last_words = next((line for line in reversed(self._log_tail) if line.strip()), "no log")
        return WorkerLostError(
            f"the worker ended with code {code} ({last_words.strip()})",
            f"try again; its log is in {log_file()}",
        )


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # Ctrl-C reaches the whole foreground process group. The worker must hear of
    # it from us only, or it would die in the middle of a checkpoint.
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
    except OSError as error:
        raise WorkerLostError(
            f"{command[0]}: the worker cannot be started ({error.strerror})",
            "install the program again",
        ) from error


def _environment() -> dict[str, str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    if not paths.is_frozen():
        # The program may have been started from another folder than the source tree.
        root = str(Path(inspector_app.__file__).resolve().parent.parent)
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, inherited)))
    return environment


def _not_understood() -> WorkerLostError:
    return WorkerLostError(
        "the worker said something that is not understood",
        f"install the program again, so that all its parts are of one version; log: {log_file()}",
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BugError("the worker was started without pipes")
    return pipe
