"""Training runs of the open project: queued, run one at a time in their own process, recorded."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from inspector_app.domain.jobs import JobState, RunRecord, move
from inspector_app.protocol.files import BundleCard
from inspector_app.protocol.messages import (
    Cancel,
    CheckpointSaved,
    EpochEnded,
    Event,
    JobEnded,
    Progress,
    StartTraining,
)
from inspector_app.services.background import Background
from inspector_app.services.job_files import ANOMALY, write_run_folder
from inspector_app.services.job_wording import (
    epochs_text,
    failed_message,
    lost_message,
    trained_message,
)
from inspector_app.services.run_folders import RunFolders
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers
from inspector_app.store import jobs
from inspector_app.store.project import Project


@dataclass
class _Active:
    """The run that has a worker, or will in a moment, or whose worker is on its way out."""

    record: RunRecord
    worker: WorkerProcess | None = None
    bug: JobEnded | None = None
    """What it said of a fault in the program; the log tells more once the worker has ended."""


class TrainingJobs(QObject):
    """Rows in the database follow what the workers say."""

    runs_changed = Signal()
    """A run was added or changed its state."""
    epoch_ended = Signal(str, object)
    """Run id, EpochEnded."""
    progressed = Signal(str, object)
    """Run id, Progress."""
    finished = Signal(object)
    """RunRecord that has just reached its end; its message says what happened.

    The first line is a sentence; where a worker was lost the end of its log follows.
    """
    refused = Signal(str, str)
    """A run that could not be started: message and hint."""

    def __init__(
        self,
        session: ProjectSession,
        workers: Workers,
        parent: QObject | None = None,
        *,
        cancel_grace_s: float = 60.0,
    ) -> None:
        """Give a cancelled run `cancel_grace_s` to save what it has learned."""
        super().__init__(parent)
        self._session = session
        self._workers = workers
        self._background = Background(max_threads=1, parent=self)
        self._queue: deque[RunRecord] = deque()
        self._active: _Active | None = None
        self._live: dict[str, list[EpochEnded]] = {}
        """Epochs of the runs that were started here, by run id."""
        self._folders = RunFolders(session.project)
        self._is_shut_down = False
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(round(cancel_grace_s * 1000))
        self._grace.timeout.connect(self._stop_worker)
        session.closing.connect(self.shut_down)

    @property
    def folders(self) -> RunFolders:
        """For other services only."""
        return self._folders

    def runs(self) -> list[RunRecord]:
        """Return all runs, newest first."""
        try:
            return jobs.runs(self._session.project)
        except STORE_FAULTS as error:
            self._refuse(error)
            return []

    def start(self, model_kind: str, config: Mapping[str, Any]) -> RunRecord | None:
        """Queue a run; it starts as soon as no other one is running."""
        try:
            record = jobs.add_run(self._session.project, model_kind=model_kind, config=config)
        except STORE_FAULTS as error:
            self._refuse(error)
            return None
        self._queue.append(record)
        self.runs_changed.emit()
        self._start_next()
        is_active = self._active is not None and self._active.record.id == record.id
        return self._active.record if self._active is not None and is_active else record

    def describe(self, run_id: str, note: str, tags: Sequence[str]) -> None:
        """Store the operator's note and tags of a run."""
        try:
            jobs.describe_run(self._session.project, run_id, note=note, tags=tags)
        except STORE_FAULTS as error:
            self._refuse(error)
        self.runs_changed.emit()

    def delete(self, run_id: str) -> None:
        """Delete a run with its folder, unless it is at work or an inspection was made with it."""
        if self._active is not None and self._active.record.id == run_id:
            self.refused.emit(
                self.tr("{run}: its worker has not ended.").format(run=run_id),
                self.tr("Wait for it, or cancel the training."),
            )
            return
        try:
            jobs.delete_run(self._session.project, run_id)
        except STORE_FAULTS as error:
            self._refuse(error)
            return
        self._live.pop(run_id, None)
        self.runs_changed.emit()

    def cancel(self, run_id: str) -> None:
        """End a run early; its checkpoint and, if one was reached, its bundle stay.

        Asked for a second time it is ended without waiting for either.
        """
        for record in self._queue:
            if record.id == run_id:
                self._queue.remove(record)
                text = self.tr("Cancelled before it started.")
                self.finished.emit(self._enter(record, JobState.CANCELLED, text))
                return
        active = self._active
        if active is None or active.record.id != run_id or not active.record.state.is_active:
            return
        if active.record.state is JobState.CANCELLING:
            self._stop_worker()
            return
        active.record = self._enter(active.record, JobState.CANCELLING)
        if active.worker is not None:
            active.worker.send(Cancel(job_id=run_id))
            self._grace.start()

    def active_run(self) -> RunRecord | None:
        if self._active is None or not self._active.record.state.is_active:
            return None
        return self._active.record

    def history(self, run_id: str) -> list[EpochEnded]:
        """Return the epochs so far, from the run folder."""
        if run_id in self._live:
            return list(self._live[run_id])
        try:
            return self._folders.epochs(run_id)
        except STORE_FAULTS:
            return []

    def has_bundle(self, run_id: str) -> bool:
        """Tell whether the run can be used for inspection."""
        try:
            return self._folders.has_bundle(run_id)
        except STORE_FAULTS:
            return False

    def card(self, run_id: str) -> BundleCard | None:
        """Return the card of the run's bundle; None if there is none."""
        try:
            return self._folders.card(run_id)
        except STORE_FAULTS:
            return None

    def shut_down(self) -> None:
        """Mark what is running as interrupted; its worker keeps a checkpoint when stdin closes."""
        if self._is_shut_down:
            return
        self._is_shut_down = True
        self._grace.stop()
        if (record := self.active_run()) is not None:
            text = self.tr("The project was closed. The last checkpoint is kept.")
            self._enter(record, JobState.INTERRUPTED, text)
        for record in self._queue:
            text = self.tr("The project was closed before it started.")
            self._enter(record, JobState.INTERRUPTED, text)
        self._queue.clear()
        self._stop_worker()
        self._active = None
        self._background.shut_down()

    # ---------------------------------------------------------------- start

    def _start_next(self) -> None:
        if self._active is not None or not self._queue:
            return
        record = self._enter(self._queue.popleft(), JobState.STARTING)
        active = self._active = _Active(record)
        self._live[record.id] = []
        self._background.run(
            partial(_write_run_folder, self._session.project, record, self._task_of(record)),
            partial(self._on_folder_written, active),
            partial(self._on_folder_failed, active),
        )

    def _task_of(self, record: RunRecord) -> str:
        tasks = {card.kind: card.task for card in self._workers.model_cards}
        return tasks.get(record.model_kind, ANOMALY)

    def _on_folder_written(self, active: _Active, folder: Path) -> None:
        if active is not self._active:
            return
        if active.record.state is JobState.CANCELLING:
            self._finish(active, JobState.CANCELLED, self.tr("Cancelled before it started."))
            self._leave()
            return
        run_id = active.record.id
        active.worker = self._workers.start_training_worker()
        active.worker.event_received.connect(self._on_event)
        active.worker.ended.connect(self._on_worker_ended)
        active.worker.send(StartTraining(job_id=run_id, run_folder=str(folder)))

    def _on_folder_failed(self, active: _Active, error: Exception) -> None:
        if active is not self._active:
            return
        is_known = isinstance(error, STORE_FAULTS)
        text = " — ".join(explain_fault(error, self._session.folder)) if is_known else str(error)
        if active.record.state is JobState.CANCELLING:
            self._finish(active, JobState.CANCELLED, self.tr("Cancelled before it started."))
        else:
            self._finish(active, JobState.FAILED, text)
        self._leave()
        if not is_known:
            raise error

    # ---------------------------------------------------------------- what the worker says

    def _on_event(self, event: Event) -> None:
        if (active := self._active) is None:
            return
        match event:
            case Progress():
                self._enter_running(active)
                self.progressed.emit(active.record.id, event)
            case EpochEnded():
                self._enter_running(active)
                self._live[active.record.id].append(event)
                self.epoch_ended.emit(active.record.id, event)
            case CheckpointSaved():
                self._enter_running(active)
            case JobEnded():
                self._on_job_ended(active, event)
            case _:
                pass

    def _enter_running(self, active: _Active) -> None:
        if active.record.state is JobState.STARTING:
            active.record = self._enter(active.record, JobState.RUNNING)

    def _on_job_ended(self, active: _Active, event: JobEnded) -> None:
        if not active.record.state.is_active:
            return
        self._grace.stop()
        metrics = dict(event.metrics)
        match event.outcome:
            case "completed":
                text = trained_message(_title(active), metrics)
                self._finish(active, JobState.COMPLETED, text, metrics)
            case "cancelled":
                self._finish(active, JobState.CANCELLED, self._cancelled_message(active), metrics)
            case "failed" if event.error_kind == "bug":
                active.bug = event
            case "failed":
                self._finish(active, JobState.FAILED, failed_message(event), metrics)
        # One training per process: the next one waits until this one's memory is free.
        self._stop_worker()

    def _on_worker_ended(self, end: WorkerEnd) -> None:
        if (active := self._active) is None:
            return
        self._grace.stop()
        if active.bug is not None:
            self._finish(active, JobState.FAILED, failed_message(active.bug, end.log_tail))
        elif active.record.state is JobState.CANCELLING:
            self._finish(active, JobState.CANCELLED, self._cancelled_message(active))
        elif active.record.state.is_active:
            self._finish(active, JobState.INTERRUPTED, lost_message(end))
        self._leave()

    def _leave(self) -> None:
        self._active = None
        self._start_next()

    def _stop_worker(self) -> None:
        if self._active is not None and self._active.worker is not None:
            self._active.worker.stop()

    # ---------------------------------------------------------------- records

    def _finish(
        self,
        active: _Active,
        state: JobState,
        message: str,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        active.record = self._enter(active.record, state, message, metrics)
        self.finished.emit(active.record)

    def _enter(
        self,
        record: RunRecord,
        state: JobState,
        message: str = "",
        metrics: Mapping[str, float] | None = None,
    ) -> RunRecord:
        """Return the record in its new state, after storing it.

        Where it cannot be stored the run goes on; the next start finds it interrupted.
        """
        record = replace(
            record,
            state=move(record.state, state),
            message=message,
            metrics=record.metrics if metrics is None else metrics,
        )
        try:
            jobs.update_run(
                self._session.project, record.id, state=state, message=message, metrics=metrics
            )
        except STORE_FAULTS as error:
            self._refuse(error)
        self.runs_changed.emit()
        return record

    def _cancelled_message(self, active: _Active) -> str:
        epochs = len(self._live[active.record.id])
        if self.has_bundle(active.record.id):
            text = self.tr("Cancelled after {epochs}; what was learned can be used.")
        elif epochs:
            text = self.tr("Cancelled after {epochs}; the last checkpoint is kept.")
        else:
            text = self.tr("Cancelled before anything was learned.")
        return text.format(epochs=epochs_text(epochs))

    def _refuse(self, error: Exception) -> None:
        self.refused.emit(*explain_fault(error, self._session.folder))


def _title(active: _Active) -> str:
    """Return the model's title, as its worker announces it."""
    hello = active.worker.hello if active.worker is not None else None
    cards = hello.model_cards if hello is not None else ()
    titles = (card.title for card in cards if card.kind == active.record.model_kind)
    return next(titles, active.record.model_kind)


def _write_run_folder(project: Project, record: RunRecord, task: str) -> Path:
    with project.second_connection() as other:
        return write_run_folder(other, record, task)
