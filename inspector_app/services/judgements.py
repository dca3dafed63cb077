"""What models say of each image against its labels, for lists."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.disagreement import Disagreement, Labels, disagreements
from inspector_app.domain.document import Document
from inspector_app.domain.jobs import InspectionRecord, ResultRecord
from inspector_app.services.background import Background
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.run_folders import RunFolders
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS
from inspector_app.store import annotations
from inspector_app.store.judgements import last_judgements, newest_results
from inspector_app.store.project import Project

_CLASSIFICATION = "classification"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a model that names defects says of one image."""

    result: ResultRecord
    marks_places: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything that was read, by relative path."""

    judged: dict[str, bool] = field(default_factory=dict)
    said: dict[str, _Said] = field(default_factory=dict)
    disagreements: dict[str, list[Disagreement]] = field(default_factory=dict)
    """Without those images that have none."""


class Judgements(QObject):
    """Read in a thread, and again when an inspection ends or its threshold moves."""

    changed = Signal()
    compared = Signal()
    """The current image's labels were set against what a model says."""

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
        self._found = _Found()
        inspections.finished.connect(self.read)
        inspections.threshold_set.connect(self.read)
        session.document_changed.connect(self._compare_again)

    @property
    def by_path(self) -> Mapping[str, bool]:
        """By relative path, whether the part was taken for defective; empty before any was."""
        return self._found.judged

    @property
    def strengths(self) -> Mapping[str, float]:
        """By relative path, how strongly a model and the labels contradict each other."""
        return {
            path: of_image[0].strength_01 for path, of_image in self._found.disagreements.items()
        }

    @property
    def has_disagreements(self) -> bool:
        return bool(self._found.disagreements)

    @property
    def has_names(self) -> bool:
        """A model that names defects has looked at some image."""
        return bool(self._found.said)

    def disagreements(self, record: ImageRecord) -> Sequence[Disagreement]:
        """Return where a model and the labels of an image disagree, the strongest first."""
        return self._found.disagreements.get(record.relative_path, [])

    def read(self) -> None:
        """Read them; `changed` follows if they are others."""
        if self._is_reading:
            self._is_stale = True
            return
        self._is_reading, self._is_stale = True, False
        project = self._session.project.second_connection()
        self._background.run(partial(_read, project), self._show, self._on_error)

    def _show(self, found: _Found) -> None:
        self._is_reading = False
        if self._is_stale:
            self.read()
        if found != self._found:
            self._found = found
            self.changed.emit()

    def _on_error(self, error: Exception) -> None:
        self._is_reading = False
        # A list without it is better than none; the session tells of a broken database.
        if not isinstance(error, STORE_FAULTS):
            raise error

    def _compare_again(self, document: Document | None) -> None:
        """Follow the work on the current image; `changed` is for the list as a whole."""
        if document is None:
            return
        record = self._session.image(document.image_id)
        said = self._found.said.get(record.relative_path)
        if said is None:
            return
        names = {one.id: one.name for one in self._session.classes()}
        found = _compare(record, document, said, names)
        self._found.disagreements.pop(record.relative_path, None)
        if found:
            self._found.disagreements[record.relative_path] = found
        self.compared.emit()


def _read(project: Project) -> _Found:
    with contextlib.closing(project):
        judged = last_judgements(project)
        # Reading all images keeps the window from its work, and most projects have no model yet.
        return _with_said(project, judged) if judged else _Found()


def _with_said(project: Project, judged: dict[str, bool]) -> _Found:
    images = project.images()
    said = _said(project, images)
    names = {one.id: one.name for one in project.classes()}
    records = {record.id: record for record in images}
    found: dict[str, list[Disagreement]] = {}
    for document in annotations.documents(project) if said else ():
        record = records[document.image_id]
        of_image = said.get(record.relative_path)
        if of_image and (compared := _compare(record, document, of_image, names)):
            found[record.relative_path] = compared
    return _Found(judged, said, found)


def _said(project: Project, images: Sequence[ImageRecord]) -> dict[str, _Said]:
    """Return what models that name defects said last of the project's images."""
    folders = RunFolders(project)
    tasks: dict[str, str] = {}

    def names_defects(inspection: InspectionRecord) -> bool:
        with contextlib.suppress(*STORE_FAULTS):
            card = folders.card(inspection.run_id)
            tasks[inspection.id] = card.task
            return bool(card.classes)
        # A model that is gone cannot be asked what its words mean.
        return False

    results = newest_results(project, names_defects)
    folder = project.image_folder
    newest = ((one, results.get(str(folder / one.relative_path))) for one in images)
    return {
        record.relative_path: _Said(found[1], tasks[found[0].id] != _CLASSIFICATION)
        for record, found in newest
        if found is not None
    }


def _compare(
    record: ImageRecord, document: Document, said: _Said, names: Mapping[int, str]
) -> list[Disagreement]:
    labels = Labels(
        record.is_defective,
        record.defect_type,
        document.verdict,
        document.regions,
        document.dismissed,
    )
    return disagreements(labels, said.result, names, marks_places=said.marks_places)
