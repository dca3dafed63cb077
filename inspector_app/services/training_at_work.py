"""One training run at work: its folder, its worker, and what the worker says."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.messages import (
    Cancel,
    CheckpointSaved,
    EpochEnded,
    Event,
    JobEnded,
    Progress,
    Remark,
    StartTraining,
)
from inspector_app.services.background import Background
from inspector_app.services.job_states import JobStates
from inspector_app.services.job_wording import (
    ended_early_message,
    failed_message,
    lost_message,
    trained_message,
)
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers


class Surroundings(Protocol):
    """What a run needs of the service it belongs to."""

    @property
    def states(self) -> JobStates[RunRecord]: ...
    def epoch_count(self, run_id: str) -> int: ...
    def has_bundle(self, run_id: str) -> bool: ...
    def explain(self, error: Exception) -> str: ...


class TrainingAtWork(QObject):
    """From the moment its turn has come until its worker is gone."""

    said = Signal(object)
    """Progress, EpochEnded or Remark."""
    finished = Signal(object)
    """RunRecord in its last state; the worker may still be on its way out."""
    left = Signal()
    """The worker is gone and its memory is free."""

    def __init__(
        self,
        record: RunRecord,
        surroundings: Surroundings,
        workers: Workers,
        *,
        cancel_grace_s: float,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.record = surroundings.states.enter(record, JobState.STARTING)
        self._surroundings = surroundings
        self._workers = workers
        self._worker: WorkerProcess | None = None
        self._is_left = False
        self._is_pausing = False
        self._bug: JobEnded | None = None
        """What it said of a fault in the program; the log tells more once the worker has ended."""
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(round(cancel_grace_s * 1000))
        self._grace.timeout.connect(self._stop_worker)

    def start(self, background: Background, write_folder: Callable[[], Path]) -> None:
        """Have the folder written, then the worker work in it."""
        background.run(write_folder, self._on_folder_written, self._on_folder_failed)

    def cancel(self) -> None:
        """End it early; asked for a second time without waiting for what it saves."""
        if not self.record.state.is_active:
            return
        if self.record.state is JobState.CANCELLING:
            self._stop_worker()
            return
        self._enter(JobState.CANCELLING)
        if self._worker is not None:
            self._worker.send(Cancel(job_id=self.record.id))
            self._grace.start()

    def pause(self) -> None:
        """End it early, to be gone on with later."""
        self._is_pausing = True
        self.cancel()

    def abandon(self, message: str) -> None:
        """Leave it as interrupted; its worker keeps a checkpoint when stdin closes."""
        self._is_left = True
        self._grace.stop()
        if self.record.state.is_active:
            self._enter(JobState.INTERRUPTED, message)
        self._stop_worker()

    # ---------------------------------------------------------------- start

    def _on_folder_written(self, folder: Path) -> None:
        if self._is_left:
            return
        if self.record.state is JobState.CANCELLING:
            self._end_early()
            self._leave()
            return
        self._worker = self._workers.start_training_worker()
        self._worker.event_received.connect(self._on_event)
        self._worker.ended.connect(self._on_worker_ended)
        self._worker.send(StartTraining(job_id=self.record.id, run_folder=str(folder)))

    def _on_folder_failed(self, error: Exception) -> None:
        if self._is_left:
            return
        if self.record.state is JobState.CANCELLING:
            self._end_early()
        else:
            self._finish(JobState.FAILED, self._surroundings.explain(error))
        self._leave()
        if not isinstance(error, STORE_FAULTS):
            raise error

    # ---------------------------------------------------------------- what the worker says

    def _on_event(self, event: Event) -> None:
        if self._is_left:
            return
        match event:
            case Progress() | EpochEnded() | CheckpointSaved() | Remark():
                if self.record.state is JobState.STARTING:
                    self._enter(JobState.RUNNING)
                self.said.emit(event)
            case JobEnded():
                self._on_job_ended(event)
            case _:
                pass

    def _on_job_ended(self, event: JobEnded) -> None:
        if not self.record.state.is_active:
            return
        self._grace.stop()
        metrics = dict(event.metrics)
        match event.outcome:
            case "completed":
                self._finish(JobState.COMPLETED, trained_message(self._title(), metrics), metrics)
            case "cancelled":
                self._end_early(metrics)
            case "failed" if event.error_kind == "bug":
                self._bug = event
            case "failed":
                self._finish(JobState.FAILED, failed_message(event), metrics)
        # One training per process: the next one waits until this one's memory is free.
        self._stop_worker()

    def _on_worker_ended(self, end: WorkerEnd) -> None:
        if self._is_left:
            return
        self._grace.stop()
        if self._bug is not None:
            self._finish(JobState.FAILED, failed_message(self._bug, end.log_tail))
        elif self.record.state is JobState.CANCELLING:
            self._end_early()
        elif self.record.state.is_active:
            self._finish(JobState.INTERRUPTED, lost_message(end))
        self._leave()

    def _end_early(self, metrics: Mapping[str, float] | None = None) -> None:
        run_id = self.record.id
        text = ended_early_message(
            self._surroundings.epoch_count(run_id),
            is_usable=self._surroundings.has_bundle(run_id),
            is_paused=self._is_pausing,
        )
        state = JobState.INTERRUPTED if self._is_pausing else JobState.CANCELLED
        self._finish(state, text, metrics or None)

    def _finish(
        self, state: JobState, message: str, metrics: Mapping[str, float] | None = None
    ) -> None:
        self._enter(state, message, metrics)
        self.finished.emit(self.record)

    def _leave(self) -> None:
        self._is_left = True
        self.left.emit()

    def _enter(
        self, state: JobState, message: str = "", metrics: Mapping[str, float] | None = None
    ) -> None:
        self.record = self._surroundings.states.enter(self.record, state, message, metrics)

    def _stop_worker(self) -> None:
        if self._worker is not None:
            self._worker.stop()

    def _title(self) -> str:
        """Return the model's title, as its worker announces it."""
        hello = self._worker.hello if self._worker is not None else None
        cards = hello.model_cards if hello is not None else ()
        titles = (card.title for card in cards if card.kind == self.record.model_kind)
        return next(titles, self.record.model_kind)
