"""What trained models that name defects propose for the images of the open project."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.document import Document
from inspector_app.domain.jobs import InspectionRecord, JobState, ResultRecord, RunRecord
from inspector_app.domain.proposals import Scope, Standing, still_open
from inspector_app.protocol.files import BundleCard
from inspector_app.protocol.messages import Progress
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.store.judgements import results_of


@dataclass(frozen=True, slots=True)
class ProposingModel:
    """A trained model that names defects."""

    run_id: str
    title: str
    created_at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class ImageProposals:
    """What the model that was asked last says of one image."""

    result: ResultRecord
    run_id: str
    model_title: str

    @property
    def author_detail(self) -> str:
        return f"{self.model_title}, {self.run_id}"


class ModelProposals(QObject):
    """Proposals are results of inspections, kept apart from what is drawn until accepted."""

    changed = Signal()
    """An image may have proposals now, or others."""
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
        self._asked: str | None = None
        """The inspection that is making proposals."""
        inspections.results_added.connect(self._tell)
        inspections.finished.connect(self._on_finished)
        inspections.inspections_changed.connect(self.changed)
        training.finished.connect(self._tell)
        inspections.progressed.connect(self._tell_progress)

    @property
    def is_running(self) -> bool:
        """Proposals are being made."""
        return self._asked is not None

    @property
    def can_propose(self) -> bool:
        return not self._session.is_read_only

    def models(self) -> list[ProposingModel]:
        """Return the models that can be asked, newest first."""
        found = ((run, self._card(run)) for run in self._training.runs())
        return [
            ProposingModel(run.id, card.title, run.created_at)
            for run, card in found
            if card is not None and card.classes
        ]

    def of_image(self, image_id: int) -> ImageProposals | None:
        """Return what the model that looked last says of an image; None if none did."""
        path = str(self._session.image_path(image_id))
        try:
            for inspection, result in results_of(self._session.project, path):
                card = self._card_of(inspection)
                if card is not None and card.classes and result.is_judged:
                    return ImageProposals(result, inspection.run_id, card.title)
        except STORE_FAULTS:
            # Annotating goes on without them; the session tells of a broken database.
            return None
        return None

    def still_open(self, found: ImageProposals, document: Document) -> list[Standing]:
        """Return what nobody has decided on, the surest first."""
        names = {one.id: one.name for one in self._session.classes()}
        return still_open(found.result.proposals, document.regions, document.dismissed, names)

    def count(self, scope: Scope) -> int:
        """Return how many images a scope has now."""
        return len(self._images(scope))

    def propose(self, run_id: str, scope: Scope) -> None:
        """Ask a model; `changed` tells of its answers as they come."""
        images = self._images(scope)
        if not images or self.is_running:
            return
        name = images[0].relative_path if scope is Scope.CURRENT else scope.value
        record = self._inspections.start_on_images(run_id, [one.id for one in images], name)
        self._asked = record.id if record is not None else None
        self.changed.emit()

    def cancel(self) -> None:
        """Ask no further; what was proposed stays."""
        if self._asked is not None:
            self._inspections.cancel(self._asked)

    def _images(self, scope: Scope) -> list[ImageRecord]:
        current = self._session.current_image
        match scope:
            case Scope.CURRENT:
                return [current] if current is not None else []
            case Scope.UNMARKED:
                return [one for one in self._from_current() if not one.region_count]
            case Scope.ALL:
                return self._from_current()

    def _from_current(self) -> list[ImageRecord]:
        """Return all images, beginning with the one that is looked at."""
        images, current = self._session.images(), self._session.current_image
        start = images.index(current) if current in images else 0
        return images[start:] + images[:start]

    def _card(self, run: RunRecord) -> BundleCard | None:
        is_usable = run.state is JobState.COMPLETED and self._training.has_bundle(run.id)
        return self._training.card(run.id) if is_usable else None

    def _card_of(self, inspection: InspectionRecord) -> BundleCard | None:
        return self._inspections.archive.card_of(inspection)

    def _on_finished(self, record: object) -> None:
        if isinstance(record, InspectionRecord) and record.id == self._asked:
            self._asked = None
        self.changed.emit()

    def _tell(self, *_what: object) -> None:
        self.changed.emit()

    def _tell_progress(self, inspection_id: str, progress: object) -> None:
        if inspection_id == self._asked and isinstance(progress, Progress):
            self.progressed.emit(progress.done, progress.total)
