"""Training runs of the open project: queued, run one at a time in their own process, recorded."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.jobs import RunRecord
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.session import ProjectSession
from inspector_app.services.workers import Workers


class TrainingJobs(QObject):
    """Rows in the database follow what the workers say."""

    runs_changed = Signal()
    """A run was added or changed its state."""
    epoch_ended = Signal(str, object)
    """Run id, EpochEnded."""
    progressed = Signal(str, object)
    """Run id, Progress."""
    finished = Signal(object)
    """RunRecord that has just reached its end; its message says what happened."""
    refused = Signal(str, str)
    """A run that could not be started: message and hint."""

    def __init__(
        self, session: ProjectSession, workers: Workers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)

    def runs(self) -> list[RunRecord]:
        raise NotImplementedError

    def start(self, model_kind: str, config: Mapping[str, Any]) -> RunRecord | None:
        """Queue a run; it starts as soon as no other one is running."""
        raise NotImplementedError

    def cancel(self, run_id: str) -> None:
        """End a run early; its checkpoint and, if one was reached, its bundle stay."""
        raise NotImplementedError

    def active_run(self) -> RunRecord | None:
        raise NotImplementedError

    def history(self, run_id: str) -> list[EpochEnded]:
        """Return the epochs so far, from the run folder."""
        raise NotImplementedError

    def has_bundle(self, run_id: str) -> bool:
        """Tell whether the run can be used for inspection."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Mark what is running as interrupted; its worker sees stdin close and keeps its checkpoint."""
        raise NotImplementedError
