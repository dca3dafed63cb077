"""A look at a training before it is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.messages import Remark, TrainingPurpose
from inspector_app.services.job_files import write_run_folder
from inspector_app.services.session import ProjectSession
from inspector_app.services.side_job import JOB_ID, Side, SideJob
from inspector_app.services.workers import Workers
from inspector_app.store.project import Project


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
        self._job = SideJob(workers, session.folder, self)
        self._job.progressed.connect(self.progressed)
        self._job.failed.connect(self.failed)
        self._job.done.connect(self._on_done)

    @property
    def is_looking(self) -> bool:
        return self._job.is_at_work

    def look(
        self, model_kind: str, config: Mapping[str, Any], *, task: str, purpose: TrainingPurpose
    ) -> None:
        """Check a training, or find its rate; `looked` or `failed` answers."""
        self._job.start(purpose, partial(_write, self._session.project, model_kind, config, task))

    def cancel(self) -> None:
        """End what is under way; nothing more is heard of it."""
        self._job.cancel()

    def shut_down(self) -> None:
        self._job.shut_down()

    def _on_done(self, side: Side) -> None:
        self.looked.emit(Looked(side.purpose, tuple(side.remarks), side.metrics))


def look_record(folder: Path, model_kind: str, config: Mapping[str, Any]) -> RunRecord:
    """Return a run that is in no list, with its files in a folder of its own."""
    return RunRecord(JOB_ID, model_kind, dict(config), JobState.QUEUED, str(folder), "")


def _write(
    project: Project, model_kind: str, config: Mapping[str, Any], task: str, folder: Path
) -> None:
    with project.second_connection() as other:
        write_run_folder(other, look_record(folder, model_kind, config), task)
