"""One job at a time that is in no list: in a worker and a folder of its own, both gone after it."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.protocol.messages import (
    Cancel,
    Event,
    JobEnded,
    Progress,
    Remark,
    StartTraining,
    TrainingPurpose,
)
from inspector_app.services.background import Background
from inspector_app.services.job_wording import failed_message, lost_message
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers

JOB_ID = "check"


@dataclass(eq=False)
class Side:
    """A job under way, and what is known of it once it has ended well."""

    purpose: TrainingPurpose
    folder: Path
    remarks: list[Remark] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)


class SideJob(QObject):
    """Runs a job; another one ends it."""

    done = Signal(object)
    """Side; its folder is gone after the slots that are called at once."""
    failed = Signal(str)
    """Why nothing has come of it."""
    progressed = Signal(object)
    """Progress."""

    def __init__(
        self, workers: Workers, project_folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workers = workers
        self._project_folder = project_folder
        self._background = Background(max_threads=1, parent=self)
        self._side: Side | None = None
        self._worker: WorkerProcess | None = None
        self._folders: list[tuple[WorkerProcess, Path]] = []
        """Of workers that have not ended yet."""
        self._left: list[Path] = []
        """Every folder that was made; what is still there in the end is removed then."""

    @property
    def is_at_work(self) -> bool:
        return self._side is not None

    def start(self, purpose: TrainingPurpose, write: Callable[[Path], object]) -> None:
        """Have a folder written, then the worker work in it; `done` or `failed` answers.

        Args:
            write: writes what the job needs into a folder; called in a thread.
        """
        self.cancel()
        side = self._side = Side(purpose, Path(tempfile.mkdtemp(prefix="inspector-check-")))
        self._left.append(side.folder)
        self._background.run(
            partial(write, side.folder),
            partial(self._on_written, side),
            partial(self._on_not_written, side),
        )

    def cancel(self) -> None:
        """End what is under way; nothing more is heard of it.

        A folder that is being written goes after that: it would be made anew.
        """
        self._side = None
        if self._worker is not None:
            self._worker.send(Cancel(job_id=JOB_ID))
            self._let_go(self._worker)

    def shut_down(self) -> None:
        self.cancel()
        self._background.shut_down()
        for folder in self._left:
            _remove(folder)

    def _on_written(self, side: Side, _written: object) -> None:
        if side is not self._side:
            _remove(side.folder)
            return
        worker = self._worker = self._workers.start_training_worker()
        self._folders.append((worker, side.folder))
        # Bound methods: a worker that its own connection keeps alive crashes PySide in the end.
        worker.event_received.connect(self._on_event)
        worker.ended.connect(self._on_worker_ended)
        worker.send(StartTraining(job_id=JOB_ID, run_folder=str(side.folder), purpose=side.purpose))

    def _on_not_written(self, side: Side, error: Exception) -> None:
        _remove(side.folder)
        if side is not self._side:
            return
        self._side = None
        if not isinstance(error, STORE_FAULTS):
            raise error
        self.failed.emit(" — ".join(explain_fault(error, self._project_folder)))

    def _on_event(self, event: Event) -> None:
        if self._side is None:
            return
        match event:
            case Progress():
                self.progressed.emit(event)
            case Remark():
                self._side.remarks.append(event)
            case JobEnded():
                self._on_job_ended(self._side, event)
            case _:
                pass

    def _on_job_ended(self, side: Side, event: JobEnded) -> None:
        worker, self._side = self._worker, None
        side.metrics = dict(event.metrics)
        if event.outcome == "completed":
            self.done.emit(side)
        else:
            self.failed.emit(failed_message(event))
        if worker is not None and worker is self._worker:
            self._let_go(worker)

    def _let_go(self, worker: WorkerProcess) -> None:
        """End a worker whose job has nothing more to say."""
        self._worker = None
        worker.event_received.disconnect(self._on_event)
        worker.stop()

    def _on_worker_ended(self, end: WorkerEnd) -> None:
        for worker, folder in self._folders:
            if worker.has_ended:
                _remove(folder)
        self._folders = [each for each in self._folders if not each[0].has_ended]
        if self._worker is not None and self._worker.has_ended:
            self._side = self._worker = None
            self.failed.emit(lost_message(end))


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
