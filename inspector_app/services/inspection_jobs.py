"""Batch inspections of the open project: run in the inference worker, results in the database."""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector_app.domain.dataset import Split
from inspector_app.domain.decision import Verdict, decide
from inspector_app.domain.jobs import InspectionRecord, JobState, ResultRecord
from inspector_app.protocol.messages import (
    Cancel,
    Event,
    ImageScored,
    JobEnded,
    Progress,
    StartInspection,
)
from inspector_app.services.background import Background
from inspector_app.services.inspection_archive import InspectionArchive
from inspector_app.services.inspection_files import (
    PreparedInspection,
    Source,
    Truth,
    prepare,
    prepare_again,
    result_record,
)
from inspector_app.services.job_states import JobStates
from inspector_app.services.job_wording import failed_message, images_text, lost_message
from inspector_app.services.result_batches import ResultBatches
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.workers import Workers
from inspector_app.store import inspection_results, jobs


@dataclass
class _Active:
    """The inspection that is being prepared or is with the worker."""

    record: InspectionRecord
    truths: dict[str, Truth] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    is_with_worker: bool = False


class InspectionJobs(QObject):
    """Results arrive in batches, one transaction each."""

    inspections_changed = Signal()
    results_added = Signal(str, object)
    """Inspection id, list[ResultRecord]."""
    progressed = Signal(str, object)
    """Inspection id, Progress."""
    pages_found = Signal(object)
    """PagesFound: images of which only the first page is judged."""
    finished = Signal(object)
    """InspectionRecord that has just reached its end."""
    threshold_set = Signal()
    refused = Signal(str, str)

    def __init__(
        self,
        session: ProjectSession,
        workers: Workers,
        training_jobs: TrainingJobs,
        parent: QObject | None = None,
        *,
        cancel_grace_s: float = 30.0,
    ) -> None:
        """Restart the worker where a cancelled inspection has not ended after `cancel_grace_s`."""
        super().__init__(parent)
        self._session = session
        self._workers = workers
        self._background = Background(max_threads=1, parent=self)
        self._queue: deque[tuple[InspectionRecord, Callable[[], PreparedInspection]]] = deque()
        self._active: _Active | None = None
        self._folders = training_jobs.folders
        self.archive = InspectionArchive(session, self._folders, self._refuse)
        self._is_shut_down = False
        self._batches = ResultBatches(self._store_results, self)
        self._states = JobStates[InspectionRecord](
            lambda job_id, **fields: jobs.update_inspection(session.project, job_id, **fields),
            self._refuse,
            self.inspections_changed.emit,
        )
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(round(cancel_grace_s * 1000))
        self._grace.timeout.connect(workers.restart_inference)
        workers.event_received.connect(self._on_event)
        workers.inference_lost.connect(self._on_worker_lost)
        session.closing.connect(self.shut_down)

    # ---------------------------------------------------------------- what can be done

    def active_inspection(self) -> InspectionRecord | None:
        return self._active.record if self._active is not None else None

    def start(self, run_id: str, folder: Path | None) -> InspectionRecord | None:
        """Inspect a folder, or the project's test images if it is None.

        It is queued while another one is running.
        """
        name = str(folder) if folder else self._name_of_test_images()
        return self._start(run_id, name, Source(folder))

    def start_on_all_images(self, run_id: str, first: Path) -> InspectionRecord | None:
        """Inspect every image of the project, whatever its split, beginning with one of them."""
        return self._start(run_id, Split.NONE.value, Source(first=first))

    def start_on_images(
        self, run_id: str, image_ids: Sequence[int], name: str
    ) -> InspectionRecord | None:
        """Inspect some images of the project, in this order."""
        return self._start(run_id, name, Source(image_ids=tuple(image_ids)))

    def _start(self, run_id: str, name: str, source: Source) -> InspectionRecord | None:
        try:
            card = self._folders.card(run_id)
            bundle_folder = self._folders.bundle_folder(run_id)
            record = jobs.add_inspection(
                self._session.project,
                run_id=run_id,
                source=name,
                threshold=card.threshold.value,
            )
        except STORE_FAULTS as error:
            self._refuse(error)
            return None
        work = partial(prepare, self._session.project, record, source, bundle_folder)
        return self._enqueue(record, work)

    def resume(self, inspection_id: str) -> InspectionRecord | None:
        """Score the images that an inspection which did not reach its end has left."""
        try:
            record = self.archive.record(inspection_id)
        except STORE_FAULTS as error:
            self._refuse(error)
            return None
        if record.state.is_active or record.state is JobState.COMPLETED:
            return None
        return self._enqueue(record, partial(prepare_again, self._session.project, record))

    def cancel(self, inspection_id: str) -> None:
        """End an inspection early; what was scored stays."""
        for queued in self._queue:
            if queued[0].id == inspection_id:
                self._queue.remove(queued)
                if queued[0].state is JobState.QUEUED:
                    text = self.tr("Cancelled before it started.")
                    self.finished.emit(self._states.enter(queued[0], JobState.CANCELLED, text))
                return
        active = self._active
        if active is None or active.record.id != inspection_id:
            return
        if active.record.state is JobState.CANCELLING:
            return
        active.record = self._states.enter(active.record, JobState.CANCELLING)
        if active.is_with_worker:
            self._workers.send(Cancel(job_id=inspection_id))
            self._grace.start()

    def set_threshold(self, inspection_id: str, threshold: float) -> None:
        """Store the operator's threshold (written when the slider rests, not on each step)."""
        try:
            jobs.set_threshold(self._session.project, inspection_id, threshold)
        except STORE_FAULTS as error:
            self._refuse(error)
            return
        if self._active is not None and self._active.record.id == inspection_id:
            self._active.record = replace(self._active.record, threshold=threshold)
        self.inspections_changed.emit()
        self.threshold_set.emit()

    def shut_down(self) -> None:
        """Mark what is running as interrupted; it can be resumed."""
        if self._is_shut_down:
            return
        self._batches.flush()
        self._is_shut_down = True
        self._grace.stop()
        if self._active is not None:
            if self._active.is_with_worker:
                self._workers.send(Cancel(job_id=self._active.record.id))
            text = self.tr("The project was closed. What was scored is kept.")
            self._states.enter(self._active.record, JobState.INTERRUPTED, text)
            self._active = None
        for record, _ in self._queue:
            if record.state is JobState.QUEUED:
                text = self.tr("The project was closed before it started.")
                self._states.enter(record, JobState.INTERRUPTED, text)
        self._queue.clear()
        self._background.shut_down()

    # ---------------------------------------------------------------- start

    def _enqueue(
        self, record: InspectionRecord, work: Callable[[], PreparedInspection]
    ) -> InspectionRecord:
        self._queue.append((record, work))
        self.inspections_changed.emit()
        self._start_next()
        active = self._active
        return active.record if active is not None and active.record.id == record.id else record

    def _start_next(self) -> None:
        if self._active is not None or not self._queue:
            return
        record, work = self._queue.popleft()
        active = self._active = _Active(record)
        active.record = self._states.enter(record, JobState.STARTING)
        self._background.run(
            work, partial(self._on_prepared, active), partial(self._on_not_prepared, active)
        )

    def _on_prepared(self, active: _Active, prepared: PreparedInspection) -> None:
        if active is not self._active:
            return
        if active.record.state is JobState.CANCELLING:
            self._finish(active, JobState.CANCELLED, self.tr("Cancelled before it started."))
            return
        active.truths, active.scores = prepared.truths, prepared.earlier_scores
        if prepared.pages:
            self.pages_found.emit(prepared.pages)
        if prepared.recovered:
            self.results_added.emit(active.record.id, prepared.recovered)
        active.is_with_worker = True
        self._workers.send(
            StartInspection(job_id=active.record.id, inspection_folder=str(prepared.folder))
        )

    def _on_not_prepared(self, active: _Active, error: Exception) -> None:
        if active is not self._active:
            return
        is_known = isinstance(error, STORE_FAULTS)
        text = " — ".join(explain_fault(error, self._session.folder)) if is_known else str(error)
        self._finish(active, JobState.FAILED, text)
        if not is_known:
            raise error

    # ---------------------------------------------------------------- what the worker says

    def _on_event(self, event: Event) -> None:
        match event:
            case ImageScored() | Progress() | JobEnded():
                active = self._active
                if active is not None and active.record.id == event.job_id:
                    self._on_job_event(active, event)
            case _:
                pass

    def _on_job_event(self, active: _Active, event: ImageScored | Progress | JobEnded) -> None:
        if active.record.state is JobState.STARTING and not isinstance(event, JobEnded):
            active.record = self._states.enter(active.record, JobState.RUNNING)
        match event:
            case ImageScored():
                result = result_record(event, active.truths)
                active.scores[result.image_path] = result.score
                self._batches.add(result)
            case Progress():
                self.progressed.emit(active.record.id, event)
            case JobEnded():
                self._on_job_ended(active, event)

    def _on_job_ended(self, active: _Active, event: JobEnded) -> None:
        self._batches.flush()
        match event.outcome:
            case "completed":
                text = self._counts_message(active)
                self._finish(active, JobState.COMPLETED, text, event.metrics)
            case "cancelled":
                text = self.tr("Cancelled. {counts}").format(counts=self._counts_message(active))
                self._finish(active, JobState.CANCELLED, text, event.metrics)
            case "failed":
                text = failed_message(event, self._workers.log_tail())
                self._finish(active, JobState.FAILED, text, event.metrics)

    def _on_worker_lost(self, end: WorkerEnd) -> None:
        active = self._active
        if active is None or not active.is_with_worker:
            return
        self._batches.flush()
        if active.record.state is JobState.CANCELLING:
            text = self.tr("Cancelled. {counts}").format(counts=self._counts_message(active))
            self._finish(active, JobState.CANCELLED, text)
        else:
            self._finish(active, JobState.INTERRUPTED, lost_message(end))

    # ---------------------------------------------------------------- results

    def _store_results(self, results: list[ResultRecord]) -> None:
        assert self._active is not None
        inspection_id = self._active.record.id
        try:
            inspection_results.add_results(self._session.project, inspection_id, results)
        except STORE_FAULTS as error:
            # The worker keeps them in the inspection folder; `resume` takes them from there.
            self._refuse(error)
            self.cancel(inspection_id)
            return
        self.results_added.emit(inspection_id, results)

    def _counts_message(self, active: _Active) -> str:
        threshold = active.record.threshold
        judged = [score for score in active.scores.values() if not math.isnan(score)]
        ng = sum(decide(score, threshold) is Verdict.NG for score in judged)
        text = self.tr("{images} inspected: {ng} NG, {ok} OK.").format(
            images=images_text(len(active.scores)), ng=ng, ok=len(judged) - ng
        )
        if failed := len(active.scores) - len(judged):
            text += " " + self.tr("{count} could not be judged.").format(count=failed)
        return text

    # ---------------------------------------------------------------- records

    def _finish(
        self,
        active: _Active,
        state: JobState,
        message: str,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        self._grace.stop()
        record = self._states.enter(active.record, state, message, metrics)
        self._active = None
        self.finished.emit(record)
        self._start_next()

    def _name_of_test_images(self) -> str:
        has_test = bool(self._session.images(split=Split.TEST))
        return Split.TEST.value if has_test else Split.NONE.value

    def _refuse(self, error: Exception) -> None:
        self.refused.emit(*explain_fault(error, self._session.folder))
