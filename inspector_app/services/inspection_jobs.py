"""Batch inspections of the open project: run in the inference worker, results in the database."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.jobs import InspectionRecord, ResultRecord
from inspector_app.protocol.files import BundleCard
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.workers import Workers


class InspectionJobs(QObject):
    """Results arrive in batches, one transaction each."""

    inspections_changed = Signal()
    results_added = Signal(str, object)
    """Inspection id, list[ResultRecord]."""
    progressed = Signal(str, object)
    """Inspection id, Progress."""
    finished = Signal(object)
    """InspectionRecord that has just reached its end."""
    refused = Signal(str, str)

    def __init__(
        self,
        session: ProjectSession,
        workers: Workers,
        training_jobs: TrainingJobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)

    def inspections(self) -> list[InspectionRecord]:
        raise NotImplementedError

    def results(self, inspection_id: str) -> list[ResultRecord]:
        raise NotImplementedError

    def start(self, run_id: str, folder: Path | None) -> InspectionRecord | None:
        """Inspect a folder, or the project's test images if it is None."""
        raise NotImplementedError

    def cancel(self, inspection_id: str) -> None:
        raise NotImplementedError

    def active_inspection(self) -> InspectionRecord | None:
        raise NotImplementedError

    def card(self, inspection_id: str) -> BundleCard | None:
        """Return the card of the model that was used; None if its run folder is gone."""
        raise NotImplementedError

    def heatmap_path(self, inspection_id: str, result: ResultRecord) -> Path | None:
        raise NotImplementedError

    def set_threshold(self, inspection_id: str, threshold: float) -> None:
        """Store the operator's threshold (written when the slider rests, not on each step)."""
        raise NotImplementedError

    def export_csv(self, inspection_id: str, target: Path) -> None:
        """Write file, verdict, score, threshold, truth and error of every image.

        Raises:
            KnownError: if it cannot be written.
        """
        raise NotImplementedError
