"""The click model of a project: adapted to its regions, kept, forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.protocol.adapting import ADAPTED_FILES
from inspector_app.services.adapted_files import (
    forget_adapted,
    has_adapted,
    keep_adapted,
    write_click_regions,
)
from inspector_app.services.background import Background
from inspector_app.services.session import ProjectSession
from inspector_app.services.side_job import Side, SideJob
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.workers import Workers
from inspector_app.store.project import CLICK_MODEL_FOLDER, Project


@dataclass(frozen=True)
class Adapted:
    """What has come of it."""

    is_kept: bool
    """It finds held-out regions better than before."""
    figures: Mapping[str, float]
    """``learned``, ``held_out``; mean IoU after 1, 3, 5 clicks: ``before_1``, ``after_1``, …"""
    remarks: tuple[str, ...]
    """What was passed over."""


class ClickAdapting(QObject):
    """Adapts the click model to the project in the background, and can take that back."""

    changed = Signal()
    """There is an adapted model now, or none any more."""
    ended = Signal(object)
    """Adapted."""
    failed = Signal(str)
    progressed = Signal(object)
    """Progress."""

    def __init__(
        self, session: ProjectSession, workers: Workers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._workers = workers
        self._background = Background(max_threads=1, parent=self)
        self._job = SideJob(workers, session.folder, self)
        self._job.progressed.connect(self.progressed)
        self._job.failed.connect(self.failed)
        self._job.done.connect(self._on_done)
        session.closing.connect(self.shut_down)
        self._offer()

    @property
    def is_at_work(self) -> bool:
        return self._job.is_at_work

    @property
    def has_adapted(self) -> bool:
        return has_adapted(self._folder)

    @property
    def region_count(self) -> int:
        """How many regions there are; those without pixels are not learned from."""
        return sum(record.region_count for record in self._session.images())

    def start(self) -> None:
        """Adapt it in a worker; `ended` or `failed` answers."""
        self._job.start("adapt_clicks", partial(_write, self._session.project))

    def cancel(self) -> None:
        self._job.cancel()

    def forget(self) -> None:
        """Go back to the program's own model."""
        try:
            forget_adapted(self._folder)
        except OSError as error:
            self._on_fault(error)
        self._offer()
        self.changed.emit()

    def shut_down(self) -> None:
        self._job.shut_down()
        self._background.shut_down()
        self._workers.use_adapted(None)

    @property
    def _folder(self) -> Path:
        return self._session.folder / CLICK_MODEL_FOLDER

    def _offer(self) -> None:
        self._workers.use_adapted(self._folder if self.has_adapted else None)

    def _on_done(self, side: Side) -> None:
        adapted = Adapted(
            bool(side.metrics.get("is_kept")),
            side.metrics,
            tuple(remark.text for remark in side.remarks),
        )
        if not adapted.is_kept:
            self.ended.emit(adapted)
            return
        try:
            # Read now: the job's folder goes with its worker.
            contents = {name: (side.folder / name).read_bytes() for name in ADAPTED_FILES}
        except OSError as error:
            self._on_fault(error)
            return
        self._background.run(
            partial(keep_adapted, self._folder, contents),
            partial(self._on_kept, adapted),
            self._on_fault,
        )

    def _on_kept(self, adapted: Adapted, _nothing: None) -> None:
        self._offer()
        self.changed.emit()
        self.ended.emit(adapted)

    def _on_fault(self, error: Exception) -> None:
        if not isinstance(error, (*STORE_FAULTS, OSError)):
            raise error
        self.failed.emit(" — ".join(explain_fault(error, self._session.folder)))


def _write(project: Project, folder: Path) -> None:
    with project.second_connection() as other:
        write_click_regions(other, folder)
