"""The open project as the window sees it: images, classes, the current document, edits and undo."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.annotation import DefectClass, ImageVerdict, ReviewState
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    Edit,
    SetNote,
    SetReview,
    SetVerdict,
    UndoStep,
)
from inspector_app.domain.errors import BadDataError, BugError
from inspector_app.domain.image_counts import ImageCounts
from inspector_app.services.step_history import StepHistory
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.store import annotations, jobs
from inspector_app.store.content import ProjectContent, read_content
from inspector_app.store.history import Turn, clear_history
from inspector_app.store.project import Project


class ProjectSession(QObject):
    """Every accepted edit is one transaction; the database always equals what is shown."""

    images_changed = Signal()
    """The list as a whole."""
    image_changed = Signal(int)
    """One image's record: region count or verdict."""
    classes_changed = Signal()
    current_image_changed = Signal(object)
    """ImageRecord or None."""
    document_changed = Signal(object)
    """Document of the current image, also after a switch; None without an image."""
    undo_changed = Signal()
    refused = Signal(str, str)
    """An edit that could not be stored: message and hint."""
    closing = Signal()
    """The database is still open, for the last time."""

    def __init__(
        self,
        project: Project,
        parent: QObject | None = None,
        *,
        content: ProjectContent | None = None,
    ) -> None:
        """Show a project; `content` is its lists where another thread has read them already."""
        super().__init__(parent)
        self._project = project
        self._revision = 0
        self._document: Document | None = None
        self._take_content(content or read_content(project))
        self._interrupt_stale_jobs()

    @property
    def project(self) -> Project:
        """For other services only; widgets never touch the store."""
        return self._project

    @property
    def name(self) -> str:
        return self._project.name

    @property
    def folder(self) -> Path:
        return self._project.folder

    @property
    def image_folder(self) -> Path:
        return self._project.image_folder

    @property
    def is_read_only(self) -> bool:
        return self._project.is_read_only

    @property
    def remarks(self) -> list[str]:
        """What an operator should know about how the project was opened."""
        return list(self._project.remarks)

    @property
    def revision(self) -> int:
        """Grows with every change made through the session."""
        return self._revision

    # images
    def images(
        self, *, split: Split | None = None, defect_type: str | None = None, text: str = ""
    ) -> list[ImageRecord]:
        """Return images in order, narrowed by split, defect type and a piece of the path."""
        found = self._records
        if split is not None:
            found = [record for record in found if record.split is split]
        if defect_type is not None:
            found = [record for record in found if record.defect_type == defect_type]
        if text:
            wanted = text.lower()
            found = [record for record in found if wanted in record.relative_path.lower()]
        return list(found)

    @property
    def counts(self) -> ImageCounts:
        """How many images of which kind there were when the lists were read."""
        return self._counts

    def image(self, image_id: int) -> ImageRecord:
        """Return one image.

        Raises:
            KeyError: if there is none with this id.
        """
        return self._records[self._row_of[image_id]]

    def image_path(self, image_id: int) -> Path:
        """Return the image's absolute path, with the page of a file that has several.

        Raises:
            KeyError: if there is none with this id.
        """
        return self.image(image_id).path_below(self._image_folder)

    def defect_types(self) -> list[str]:
        return sorted({count.defect_type for count in self._counts.types} - {""})

    def reload(self, content: ProjectContent | None = None) -> None:
        """Show what an import or another change of the project as a whole has left.

        `content` is its lists where another thread has read them already.
        """
        try:
            self._take_content(content or read_content(self._project))
            if self._document is not None:
                self._document = annotations.load_document(self._project, self._document.image_id)
        except sqlite3.Error as error:
            self._refuse(error)
            return
        self.images_changed.emit()
        self.classes_changed.emit()
        self.document_changed.emit(self._document)
        self.undo_changed.emit()

    # classes
    def classes(self) -> list[DefectClass]:
        return list(self._classes)

    def class_by_id(self, class_id: int) -> DefectClass:
        """Return the class.

        Raises:
            KeyError: if there is none with this id.
        """
        for defect_class in self._classes:
            if defect_class.id == class_id:
                return defect_class
        raise KeyError(class_id)

    def add_class(self, name: str) -> DefectClass:
        """Return the class of that name, made now if there is none.

        Raises:
            KnownError: if the name is empty or the class cannot be stored.
        """
        name = name.strip()
        if not name:
            raise BadDataError(self.tr("A class needs a name."), self.tr("Type one."))
        for defect_class in self._classes:
            if defect_class.name == name:
                return defect_class
        try:
            with self._project.transaction():
                added = self._project.add_class(name)
        except sqlite3.Error as error:
            raise BadDataError(*explain_fault(error, self.folder)) from error
        self.read_classes()
        return added

    def read_classes(self) -> None:
        """Show changed names, colours and keys."""
        self._revision += 1
        self._classes = self._project.classes()
        self.classes_changed.emit()

    # current image
    @property
    def current_image(self) -> ImageRecord | None:
        return self.image(self._document.image_id) if self._document else None

    @property
    def document(self) -> Document | None:
        return self._document

    def load_document_of(self, image_id: int) -> Document:
        """Return what is said of any image, as stored.

        Raises:
            KeyError: if there is none with this id.
        """
        if self._document is not None and self._document.image_id == image_id:
            return self._document
        return annotations.load_document(self._project, image_id)

    def set_current_image(self, image_id: int) -> None:
        """Go to an image; nothing happens if it is the current one.

        Raises:
            KeyError: if there is none with this id.
        """
        if self._document is not None and self._document.image_id == image_id:
            return
        record = self.image(image_id)
        try:
            self._document = annotations.load_document(self._project, image_id)
        except sqlite3.Error as error:
            self._refuse(error)
            return
        self.current_image_changed.emit(record)
        self.document_changed.emit(self._document)

    # edits
    def perform(self, label: str, *edits: Edit) -> bool:
        """Store edits of the current image as one undo step; False (and `refused`) if it failed.

        Raises:
            BugError: if there is no current image or an edit does not start from its document.
        """
        if self._document is None:
            raise BugError(f"{label}: there is no current image")
        if not edits:
            return True
        step = self._store(UndoStep(self._document.image_id, label, edits), Turn.NEW)
        if step is None:
            return False
        self._history.was_done(step)
        self.undo_changed.emit()
        return True

    def set_verdict(self, verdict: ImageVerdict | None) -> bool:
        """Say OK, NG or unsure of the current image (None takes it back); False if it failed."""
        if self._document is None:
            raise BugError("a verdict needs a current image")
        before = self._document.verdict
        if verdict is before:
            return True
        label = {
            ImageVerdict.OK: self.tr("Mark OK"),
            ImageVerdict.NG: self.tr("Mark NG"),
            ImageVerdict.UNSURE: self.tr("Mark unsure"),
            None: self.tr("Clear verdict"),
        }[verdict]
        edits: list[Edit] = [SetVerdict(before, verdict)]
        review = self._document.review.after(verdict)
        if review is not self._document.review:
            edits.append(SetReview(self._document.review, review))
        return self.perform(label, *edits)

    def set_review(self, review: ReviewState) -> bool:
        """Say how far the work on the current image has come; False if it failed."""
        if self._document is None:
            raise BugError("a review state needs a current image")
        if review is self._document.review:
            return True
        label = {
            ReviewState.TODO: self.tr("Mark as to do"),
            ReviewState.DONE: self.tr("Mark as done"),
            ReviewState.REJECTED: self.tr("Reject"),
        }[review]
        return self.perform(label, SetReview(self._document.review, review))

    def set_note(self, note: str) -> bool:
        """Write a note on the current image, empty for none; False if it failed."""
        if self._document is None:
            raise BugError("a note needs a current image")
        note = note.strip()
        if note == self._document.note:
            return True
        return self.perform(self.tr("Change note"), SetNote(self._document.note, note))

    def undo(self) -> None:
        """Take back the last step; goes to its image if that is not the current one."""
        step = self._history.next_to_undo
        if step is None or not self._still_fits(step.inverse()):
            return
        if (taken_back := self._store_elsewhere(step.inverse(), Turn.UNDO)) is not None:
            # Its own inverse, not `step`: an import since then may have moved positions.
            self._history.was_undone(taken_back.inverse())
            self.undo_changed.emit()

    def redo(self) -> None:
        """Do the last step taken back once more; goes to its image likewise."""
        step = self._history.next_to_redo
        if step is None or not self._still_fits(step):
            return
        if (done := self._store_elsewhere(step, Turn.REDO)) is not None:
            self._history.was_redone(done)
            self.undo_changed.emit()

    @property
    def undo_label(self) -> str:
        """What would be undone, empty if nothing."""
        step = self._history.next_to_undo
        return step.label if step else ""

    @property
    def redo_label(self) -> str:
        step = self._history.next_to_redo
        return step.label if step else ""

    def close(self) -> None:
        self.closing.emit()
        self._history.clear()
        self._document = None
        self._project.close()

    def _still_fits(self, step: UndoStep) -> bool:
        """Tell whether a step can be done; if not, say so and forget the history.

        The history outlives the program, and an import from the command line may have come
        between. From a state it does not start from no other step could be trusted either.
        """
        try:
            document = annotations.load_document(self._project, step.image_id)
            document.settle(step.edits)
        except (BugError, KeyError):
            with self._project.transaction() as connection:
                clear_history(connection)
            self._history.clear()
            self.undo_changed.emit()
            self.refused.emit(
                self.tr("This step cannot be taken back: the image was changed elsewhere since."),
                self.tr("the history begins anew from here"),
            )
            return False
        return True

    def _store_elsewhere(self, step: UndoStep, turn: Turn) -> UndoStep | None:
        self.set_current_image(step.image_id)
        if self._document is None or self._document.image_id != step.image_id:
            return None
        return self._store(step, turn)

    def _store(self, step: UndoStep, turn: Turn) -> UndoStep | None:
        """Store a step of the current image; None (and `refused`) if it failed."""
        assert self._document is not None
        edits, document = self._document.settle(step.edits)
        step = replace(step, edits=edits)
        try:
            annotations.perform(self._project, step, turn)
        except STORE_FAULTS as error:
            self._refuse(error)
            return None
        self._revision += 1
        self._document = document
        self._update_record(document)
        self.document_changed.emit(document)
        return step

    def _update_record(self, document: Document) -> None:
        row = self._row_of[document.image_id]
        before = self._records[row]
        counted = [region for region in document.regions if not region.is_ignored]
        after = before._replace(
            verdict=document.verdict,
            region_count=len(counted),
            review=document.review,
            class_ids=frozenset(region.class_id for region in counted),
            page=document.page,
        )
        if after != before:
            self._records[row] = after
            self.image_changed.emit(document.image_id)

    def _take_content(self, content: ProjectContent) -> None:
        self._records = content.images
        self._row_of = {record.id: row for row, record in enumerate(content.images)}
        self._counts = content.counts
        self._classes = content.classes
        self._image_folder = content.image_folder
        self._history = StepHistory(content.done, content.undone)

    def _interrupt_stale_jobs(self) -> None:
        if self._project.is_read_only:
            return
        try:
            jobs.interrupt_stale_jobs(self._project)
        except STORE_FAULTS as error:
            self._project.remarks.append(" ".join(explain_fault(error, self.folder)))

    def _refuse(self, error: Exception) -> None:
        self.refused.emit(*explain_fault(error, self.folder))
