"""Training runs of the open project: queued, run one at a time in their own process, recorded."""

from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.files import BundleCard
from inspector_app.protocol.messages import EpochEnded, Event, Progress, Remark
from inspector_app.services.background import Background
from inspector_app.services.job_files import ANOMALY, write_run_folder
from inspector_app.services.job_states import JobStates
from inspector_app.services.preflight import Preflight
from inspector_app.services.run_folders import RunFolders, with_epoch
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.training_at_work import TrainingAtWork
from inspector_app.services.variation_samples import VariationSamples
from inspector_app.services.workers import Workers
from inspector_app.store import jobs
from inspector_app.store.project import Project


class TrainingJobs(QObject):
    """Rows in the database follow what the workers say."""

    runs_changed = Signal()
    """A run was added or changed its state."""
    epoch_ended = Signal(str, object)
    """Run id, EpochEnded."""
    progressed = Signal(str, object)
    """Run id, Progress."""
    remarked = Signal(str, str)
    """Run id, and what it has come upon."""
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
        """Give a cancelled run `cancel_grace_s` to save what it has learned.

        Runs that were waiting when the project was closed wait on, until any run is started.
        """
        super().__init__(parent)
        self._session = session
        self._workers = workers
        self._cancel_grace_s = cancel_grace_s
        self._background = Background(max_threads=1, parent=self)
        self._at_work: TrainingAtWork | None = None
        self._live: dict[str, list[EpochEnded]] = {}
        """Epochs of the runs that were at work since the project was opened, by run id."""
        self._folders = RunFolders(session.project)
        self._is_shut_down = False
        self.states = JobStates[RunRecord](
            lambda run_id, **fields: jobs.update_run(session.project, run_id, **fields),
            self._refuse,
            self.runs_changed.emit,
        )
        self.preflight = Preflight(session, workers, self)
        self.samples = VariationSamples(session, workers, self)
        self._queue = deque(run for run in reversed(self.runs()) if _is_waiting(run))
        self._is_held = bool(self._queue)
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
        return self._release(record)

    def resume(self, run_id: str) -> RunRecord | None:
        """Go on with a run that ended early, from its last checkpoint, or have the queue go on.

        Its settings and its data set are those it was started with.
        """
        if any(waiting.id == run_id for waiting in self._queue):
            self._release(None)
            return self._record(run_id)
        record = self._record(run_id)
        if record is None or not record.state.can_be_resumed:
            return None
        record = self.states.enter(record, JobState.QUEUED)
        self._queue.append(record)
        return self._release(record)

    def place_in_queue(self, run_id: str) -> int | None:
        """Return how many runs start before this one, plus one; None if it does not wait."""
        ids = [run.id for run in self._queue]
        return ids.index(run_id) + 1 if run_id in ids else None

    @property
    def is_held(self) -> bool:
        """Whether the queue waits for the operator."""
        return self._is_held and bool(self._queue)

    def describe(self, run_id: str, note: str, tags: Sequence[str]) -> None:
        """Store the operator's note and tags of a run."""
        try:
            jobs.describe_run(self._session.project, run_id, note=note, tags=tags)
        except STORE_FAULTS as error:
            self._refuse(error)
        self.runs_changed.emit()

    def delete(self, run_id: str) -> None:
        """Delete a run with its folder, unless it is at work or an inspection was made with it."""
        if self._at_work is not None and self._at_work.record.id == run_id:
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
                self.finished.emit(self.states.enter(record, JobState.CANCELLED, text))
                return
        if (at_work := self._at_work_on(run_id)) is not None:
            at_work.cancel()

    def pause(self, run_id: str) -> None:
        """End a run with a checkpoint and give its memory back; `resume` goes on with it.

        The next one in the queue starts meanwhile.
        """
        if (at_work := self._at_work_on(run_id)) is not None:
            at_work.pause()

    def active_run(self) -> RunRecord | None:
        if self._at_work is None or not self._at_work.record.state.is_active:
            return None
        return self._at_work.record

    def history(self, run_id: str) -> list[EpochEnded]:
        """Return the epochs so far, from the run folder."""
        if run_id in self._live:
            return list(self._live[run_id])
        try:
            return self._folders.epochs(run_id)
        except STORE_FAULTS:
            return []

    def epoch_count(self, run_id: str) -> int:
        return len(self.history(run_id))

    def remarks(self, run_id: str) -> list[str]:
        """Return what a run has come upon so far."""
        try:
            return self._folders.remarks(run_id)
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

    def explain(self, error: Exception) -> str:
        if isinstance(error, STORE_FAULTS):
            return " — ".join(explain_fault(error, self._session.folder))
        return str(error)

    def shut_down(self) -> None:
        """Mark what is running as interrupted; what waits waits until the project is reopened."""
        if self._is_shut_down:
            return
        self._is_shut_down = True
        if self._at_work is not None:
            self._at_work.abandon(self.tr("The project was closed. The last checkpoint is kept."))
        self._at_work = None
        self._queue.clear()
        self.preflight.shut_down()
        self.samples.shut_down()
        self._background.shut_down()

    # ---------------------------------------------------------------- one after the other

    def _release(self, record: RunRecord | None) -> RunRecord | None:
        """Let the queue go on; return the record as it is then."""
        self._is_held = False
        self._start_next()
        at_work = self._at_work_on(record.id) if record is not None else None
        return at_work.record if at_work is not None else record

    def _start_next(self) -> None:
        if self._at_work is not None or self._is_held or not self._queue:
            return
        # The whole GPU is the training's.
        self.preflight.cancel()
        record = self._queue.popleft()
        self._live[record.id] = self.history(record.id)
        at_work = self._at_work = TrainingAtWork(
            record, self, self._workers, cancel_grace_s=self._cancel_grace_s, parent=self
        )
        at_work.said.connect(partial(self._on_said, record.id))
        at_work.finished.connect(self.finished)
        at_work.left.connect(self._on_left)
        task = self._task_of(record)
        at_work.start(
            self._background, partial(_prepare_run_folder, self._session.project, record, task)
        )

    def _on_left(self) -> None:
        if self._at_work is not None:
            self._at_work.deleteLater()
        self._at_work = None
        # Its state was told before, when it still was the one at work.
        self.runs_changed.emit()
        self._start_next()

    def _on_said(self, run_id: str, event: Event) -> None:
        match event:
            case Progress():
                self.progressed.emit(run_id, event)
            case EpochEnded():
                self._live[run_id] = with_epoch(self._live[run_id], event)
                self.epoch_ended.emit(run_id, event)
            case Remark():
                self.remarked.emit(run_id, event.text)
            case _:
                pass

    def _at_work_on(self, run_id: str) -> TrainingAtWork | None:
        is_it = self._at_work is not None and self._at_work.record.id == run_id
        return self._at_work if is_it else None

    def _record(self, run_id: str) -> RunRecord | None:
        return next((run for run in self.runs() if run.id == run_id), None)

    def _task_of(self, record: RunRecord) -> str:
        tasks = {card.kind: card.task for card in self._workers.model_cards}
        return tasks.get(record.model_kind, ANOMALY)

    def _refuse(self, error: Exception) -> None:
        self.refused.emit(*explain_fault(error, self._session.folder))


def _is_waiting(run: RunRecord) -> bool:
    return run.state is JobState.QUEUED


def _prepare_run_folder(project: Project, record: RunRecord, task: str) -> Path:
    with project.second_connection() as other:
        return write_run_folder(other, record, task)
