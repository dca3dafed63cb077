"""What trained models that name defects propose for the images of the open project."""

from dataclasses import dataclass

from PySide6.QtCore import QObject

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.document import Document
from inspector_app.domain.jobs import InspectionRecord, JobState, ResultRecord, RunRecord
from inspector_app.domain.proposals import Scope, Standing, still_open
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.model_looks import ModelLooks
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.words import WORDS_KIND, run_for_words, words_config
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


class ModelProposals(ModelLooks):
    """Proposals are results of inspections, kept apart from what is drawn until accepted."""

    def __init__(
        self,
        session: ProjectSession,
        inspections: InspectionJobs,
        training: TrainingJobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(session, inspections, training, parent)
        self._asked: str | None = None
        """The inspection that is making proposals."""
        self._preparing: tuple[str, Scope] | None = None
        """The run that makes a model for words, and the images it will be asked about."""
        inspections.finished.connect(self._on_finished)
        training.finished.connect(self._on_prepared)

    @property
    def is_running(self) -> bool:
        """Proposals are being made."""
        return self._asked is not None or self._preparing is not None

    def models(self) -> list[ProposingModel]:
        """Return the models that can be asked, newest first."""
        return [
            ProposingModel(run.id, card.title, run.created_at)
            for run, card in self.usable_models()
            if card.classes
        ]

    def of_image(self, image_id: int) -> ImageProposals | None:
        """Return what the model that looked last says of an image; None if none did."""
        path = str(self._session.image_path(image_id))
        try:
            for inspection, result in results_of(self._session.project, path):
                card = self._inspections.archive.card_of(inspection)
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

    def propose_words(self, text: str, scope: Scope) -> None:
        """Ask a model that looks for words; where there is none for them it is made first.

        Raises:
            BadDataError: if there is no word to look for.
        """
        config = words_config(text)
        if self.is_running:
            return
        made = run_for_words(self._training.runs(), config)
        if made is not None and self._training.has_bundle(made.id):
            self.propose(made.id, scope)
        elif (run := self._training.start(WORDS_KIND, config)) is not None:
            self._preparing = (run.id, scope)
            self.changed.emit()

    def cancel(self) -> None:
        """Ask no further; what was proposed stays."""
        if self._preparing is not None:
            self._training.cancel(self._preparing[0])
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

    def _on_prepared(self, record: object) -> None:
        if not isinstance(record, RunRecord) or self._preparing is None:
            return
        run_id, scope = self._preparing
        if record.id == run_id:
            self._preparing = None
            if record.state is JobState.COMPLETED:
                self.propose(run_id, scope)
            self.changed.emit()

    def _on_finished(self, record: object) -> None:
        if isinstance(record, InspectionRecord) and record.id == self._asked:
            self._asked = None
        self.changed.emit()

    def follows(self, inspection_id: str) -> bool:
        return inspection_id == self._asked
