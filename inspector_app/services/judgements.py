"""The last inspection's word on each image, for lists that set it against the labels."""

import contextlib
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from inspector_app.services.background import Background
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.store.judgements import last_judgements
from inspector_app.store.project import Project


class Judgements(QObject):
    """Read in a thread, and again when an inspection ends or its threshold moves."""

    changed = Signal()

    def __init__(
        self,
        session: ProjectSession,
        inspections: InspectionJobs,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._background = background
        self._is_reading = False
        self._is_stale = False
        self._by_path: dict[str, bool] = {}
        inspections.finished.connect(self.read)
        inspections.threshold_set.connect(self.read)

    @property
    def by_path(self) -> Mapping[str, bool]:
        """By relative path, whether the part was taken for defective; empty before any was."""
        return self._by_path

    def read(self) -> None:
        """Read them; `changed` follows if they are others."""
        if self._is_reading:
            self._is_stale = True
            return
        self._is_reading, self._is_stale = True, False
        project = self._session.project.second_connection()
        self._background.run(partial(_read, project), self._show, self._on_error)

    def _show(self, found: dict[str, bool]) -> None:
        self._is_reading = False
        if self._is_stale:
            self.read()
        if found != self._by_path:
            self._by_path = found
            self.changed.emit()

    def _on_error(self, error: Exception) -> None:
        self._is_reading = False
        # A list without it is better than none; the session tells of a broken database.
        if not isinstance(error, STORE_FAULTS):
            raise error


def _read(project: Project) -> dict[str, bool]:
    with contextlib.closing(project):
        return last_judgements(project)
