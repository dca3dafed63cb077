"""The open project as the window sees it: images, classes, the current document, edits and undo."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.document import Document
from inspector_app.domain.edits import Edit
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

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)

    @property
    def project(self) -> Project:
        """For other services only; widgets never touch the store."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def folder(self) -> Path:
        raise NotImplementedError

    @property
    def image_folder(self) -> Path:
        raise NotImplementedError

    @property
    def is_read_only(self) -> bool:
        raise NotImplementedError

    @property
    def remarks(self) -> list[str]:
        """What an operator should know about how the project was opened."""
        raise NotImplementedError

    # images
    def images(
        self, *, split: Split | None = None, defect_type: str | None = None, text: str = ""
    ) -> list[ImageRecord]:
        raise NotImplementedError

    def image(self, image_id: int) -> ImageRecord:
        raise NotImplementedError

    def image_path(self, image_id: int) -> Path:
        raise NotImplementedError

    def defect_types(self) -> list[str]:
        raise NotImplementedError

    def reload(self) -> None:
        """Read everything again after a background import; undo history of changed images stays valid."""
        raise NotImplementedError

    # classes
    def classes(self) -> list[DefectClass]:
        raise NotImplementedError

    def class_by_id(self, class_id: int) -> DefectClass:
        raise NotImplementedError

    def add_class(self, name: str) -> DefectClass:
        raise NotImplementedError

    # current image
    @property
    def current_image(self) -> ImageRecord | None:
        raise NotImplementedError

    @property
    def document(self) -> Document | None:
        raise NotImplementedError

    def set_current_image(self, image_id: int) -> None:
        raise NotImplementedError

    # edits
    def perform(self, label: str, *edits: Edit) -> bool:
        """Store edits of the current image as one undo step; False (and `refused`) if it failed."""
        raise NotImplementedError

    def undo(self) -> None:
        """Take back the last step; goes to its image if that is not the current one."""
        raise NotImplementedError

    def redo(self) -> None:
        raise NotImplementedError

    @property
    def undo_label(self) -> str:
        """What would be undone, empty if nothing."""
        raise NotImplementedError

    @property
    def redo_label(self) -> str:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
