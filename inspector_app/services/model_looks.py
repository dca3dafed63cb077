"""What services share that show what trained models make of images being annotated."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.files import BundleCard
from inspector_app.protocol.messages import Progress
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.session import ProjectSession
from inspector_app.services.training_jobs import TrainingJobs


class ModelLooks(QObject):
    """Follows inspections and trainings."""

    changed = Signal()
    """An image may have been looked at by now, or by another model."""
    progressed = Signal(int, int)
    """Images gone through by the inspection that runs, and of how many."""

    def __init__(
        self,
        session: ProjectSession,
        inspections: InspectionJobs,
        training: TrainingJobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._inspections = inspections
        self._training = training
        for signal in (inspections.results_added, inspections.finished, inspections.threshold_set):
            signal.connect(self._tell)
        training.finished.connect(self._tell)
        inspections.inspections_changed.connect(self.changed)
        inspections.progressed.connect(self._tell_progress)

    @property
    def can_inspect(self) -> bool:
        return not self._session.is_read_only

    def usable_models(self) -> Iterator[tuple[RunRecord, BundleCard]]:
        """Yield the completed trainings that left a model, newest first."""
        for run in self._training.runs():
            if run.state is JobState.COMPLETED and self._training.has_bundle(run.id):
                card = self._training.card(run.id)
                if card is not None:
                    yield run, card

    def follows(self, inspection_id: str) -> bool:
        """Tell whether an inspection's progress is of interest."""
        return True

    def _tell(self, *_what: object) -> None:
        self.changed.emit()

    def _tell_progress(self, inspection_id: str, progress: object) -> None:
        assert isinstance(progress, Progress)
        if self.follows(inspection_id):
            self.progressed.emit(progress.done, progress.total)
