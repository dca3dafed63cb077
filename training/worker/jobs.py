"""Jobs, one at a time: run, cancelled, ended with exactly one last word."""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.codec import encode
from inspector_app.protocol.files import EVENTS_FILE
from inspector_app.protocol.messages import Event, JobEnded, Progress
from training.context import Cancelled, JobContext
from training.worker.failures import describe_failure, log_failure

JobFunction = Callable[[Path, JobContext], Mapping[str, float]]
"""Works on a run or inspection folder and returns the final figures."""

_SECONDS_BETWEEN_PROGRESS = 0.1

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """One job that was asked for."""

    job_id: str
    folder: Path
    function: JobFunction
    keeps_journal: bool
    """Whether its events are kept in the folder."""
    cancelled: threading.Event = field(default_factory=threading.Event)


class Context:
    """A running job's voice and its ear for cancellation."""

    def __init__(
        self,
        job: Job,
        send: Callable[[Event], None],
        journal: BinaryIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job = job
        self._send = send
        self._journal = journal
        self._clock = clock
        self._lock = threading.Lock()
        self._progress_sent_at = -math.inf
        self._held_progress: Progress | None = None

    @property
    def job_id(self) -> str:
        return self._job.job_id

    @property
    def is_cancelled(self) -> bool:
        return self._job.cancelled.is_set()

    def emit(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Progress) and not self._is_progress_due():
                self._held_progress = event
                return
            self._deliver(event)

    def end(self, event: JobEnded) -> None:
        """Say the last word, after the last progress that was held back."""
        with self._lock:
            try:
                if self._held_progress is not None:
                    self._deliver(self._held_progress)
                self._deliver(event)
            except OSError:
                # The journal's disk is full; the window must hear of the end all the same.
                _log.warning("%s: the journal is incomplete", self.job_id, exc_info=True)
                self._send(event)

    def _is_progress_due(self) -> bool:
        now = self._clock()
        if now - self._progress_sent_at < _SECONDS_BETWEEN_PROGRESS:
            return False
        self._progress_sent_at = now
        self._held_progress = None
        return True

    def _deliver(self, event: Event) -> None:
        if self._journal is not None:
            self._journal.write(encode(event))
            self._journal.flush()
        self._send(event)


class JobRunner:
    """The queue of jobs and the one loop that works it off."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()

    @property
    def is_busy(self) -> bool:
        return bool(self._jobs)

    def start(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        with self._lock:
            if job.job_id in self._jobs:
                _log.error("%s was started twice; the second start is ignored", job.job_id)
                return
            self._jobs[job.job_id] = job
        self._queue.put(job)

    def cancel(self, job_id: str) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            _log.info("no job %s to cancel", job_id)
        else:
            job.cancelled.set()

    def close(self) -> None:
        """Cancel everything; `run` returns once the running job has ended."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancelled.set()
        self._queue.put(None)

    def run(self) -> None:
        """Work off jobs, in the calling thread, until closed."""
        while (job := self._queue.get()) is not None:
            with ExitStack() as opened:
                self._run_one(job, opened)

    def _run_one(self, job: Job, opened: ExitStack) -> None:
        context = Context(job, self._send)
        try:
            if job.keeps_journal:
                context = Context(job, self._send, opened.enter_context(_open_journal(job)))
            ended = _completed(job, context)
        except Cancelled as cancelled:
            metrics = finite(cancelled.metrics)
            ended = JobEnded(job_id=job.job_id, outcome="cancelled", metrics=metrics)
        except BaseException as error:
            # The boundary of the job: whatever it raised, sys.exit() included, is an answer.
            ended = _failed(job, error)
        with self._lock:
            del self._jobs[job.job_id]
        context.end(ended)


def _open_journal(job: Job) -> BinaryIO:
    path = job.folder / EVENTS_FILE
    try:
        return path.open("ab")
    except OSError as error:
        hint = "check that the project's folder is there and may be written to"
        raise BadDataError(f"{path}: {error.strerror}", hint) from error


def _completed(job: Job, context: Context) -> JobEnded:
    if job.cancelled.is_set():
        raise Cancelled
    metrics = job.function(job.folder, context)
    return JobEnded(job_id=job.job_id, outcome="completed", metrics=finite(metrics))


def _failed(job: Job, error: BaseException) -> JobEnded:
    if isinstance(error, SystemExit) and job.cancelled.is_set():
        # Lightning leaves this way when the process is asked to terminate.
        return JobEnded(job_id=job.job_id, outcome="cancelled")
    log_failure(f"job {job.job_id} failed", error)
    failure = describe_failure(error)
    return JobEnded(
        job_id=job.job_id,
        outcome="failed",
        error_kind=failure.kind,
        error=failure.text,
        hint=failure.hint,
    )


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the metrics that are numbers; JSON knows no NaN and no infinity."""
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
