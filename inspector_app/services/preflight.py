"""A look at a training before it is started, in a worker of its own."""

import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.jobs import JobState, RunRecord
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
from inspector_app.services.job_files import write_run_folder
from inspector_app.services.job_wording import failed_message, lost_message
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers
from inspector_app.store.project import Project

_JOB_ID = "check"


@dataclass
class _Look:
    """One that is under way."""

    purpose: TrainingPurpose
    folder: Path
    worker: WorkerProcess | None = None
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Looked:
    """What was found: facts and warnings, and figures."""

    purpose: TrainingPurpose
    remarks: tuple[Remark, ...]
    metrics: Mapping[str, float]


class Preflight(QObject):
    """Looks at one training at a time; another one ends it."""

    looked = Signal(object)
    """Looked."""
    failed = Signal(str)
    """Why nothing was found."""
    progressed = Signal(object)
    """Progress."""

    def __init__(
        self, session: ProjectSession, workers: Workers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._workers = workers
        self._background = Background(max_threads=1, parent=self)
        self._look: _Look | None = None

    @property
    def is_looking(self) -> bool:
        return self._look is not None

    def look(
        self, model_kind: str, config: Mapping[str, Any], *, task: str, purpose: TrainingPurpose
    ) -> None:
        """Check a training, or find its rate; `looked` or `failed` answers."""
        self.cancel()
        folder = Path(tempfile.mkdtemp(prefix="inspector-check-"))
        look = self._look = _Look(purpose, folder)
        record = look_record(folder, model_kind, config)
        self._background.run(
            partial(_write, self._session.project, record, task),
            partial(self._on_written, look),
            partial(self._on_not_written, look),
        )

    def cancel(self) -> None:
        """End what is under way; nothing more is heard of it."""
        look, self._look = self._look, None
        if look is not None and look.worker is not None:
            look.worker.send(Cancel(job_id=_JOB_ID))
            look.worker.stop()
        elif look is not None:
            _remove(look.folder)

    def shut_down(self) -> None:
        self.cancel()
        self._background.shut_down()

    def _on_written(self, look: _Look, folder: Path) -> None:
        if look is not self._look:
            _remove(look.folder)
            return
        worker = look.worker = self._workers.start_training_worker()
        worker.event_received.connect(partial(self._on_event, look))
        worker.ended.connect(partial(self._on_worker_ended, look))
        worker.send(StartTraining(job_id=_JOB_ID, run_folder=str(folder), purpose=look.purpose))

    def _on_not_written(self, look: _Look, error: Exception) -> None:
        _remove(look.folder)
        if look is not self._look:
            return
        self._look = None
        if not isinstance(error, STORE_FAULTS):
            raise error
        self.failed.emit(" — ".join(explain_fault(error, self._session.folder)))

    def _on_event(self, look: _Look, event: Event) -> None:
        if look is not self._look:
            return
        match event:
            case Progress():
                self.progressed.emit(event)
            case Remark():
                look.remarks.append(event)
            case JobEnded():
                self._on_job_ended(look, event)
            case _:
                pass

    def _on_job_ended(self, look: _Look, event: JobEnded) -> None:
        self._look = None
        if look.worker is not None:
            look.worker.stop()
        if event.outcome == "completed":
            self.looked.emit(Looked(look.purpose, tuple(look.remarks), event.metrics))
        else:
            self.failed.emit(failed_message(event))

    def _on_worker_ended(self, look: _Look, end: WorkerEnd) -> None:
        _remove(look.folder)
        if look is self._look:
            self._look = None
            self.failed.emit(lost_message(end))


def look_record(folder: Path, model_kind: str, config: Mapping[str, Any]) -> RunRecord:
    """Return a run that is in no list, with its files in a folder of its own."""
    return RunRecord(_JOB_ID, model_kind, dict(config), JobState.QUEUED, str(folder), "")


def _write(project: Project, record: RunRecord, task: str) -> Path:
    with project.second_connection() as other:
        return write_run_folder(other, record, task)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
