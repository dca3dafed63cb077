"""What tools and panels do to the current image: selection, class in use, edits."""

import datetime
import uuid
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import AddRegion, RemoveRegion, ReplaceRegion
from inspector_app.domain.errors import KnownError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession

_DUPLICATE_OFFSET_PX = 8


class Editing(QObject):
    """The selected region, the class in use, and every edit a tool can make."""

    selection_changed = Signal(str)
    """Region id, empty for none."""
    class_changed = Signal()
    """Another class is the one in use."""
    region_added = Signal(str)
    noticed = Signal(str)
    """A sentence for the operator: why a gesture had no effect."""

    def __init__(
        self,
        session: ProjectSession,
        segmentation: Segmentation,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.segmentation = segmentation
        self._selected_id = ""
        self._class_id = 0
        self.image_size = QSize(0, 0)
        """Of the image on the canvas; empty while there is none."""
        session.document_changed.connect(self._on_document_changed)
        session.classes_changed.connect(self.class_changed)

    # what is there

    @property
    def document(self) -> Document | None:
        return self._session.document

    @property
    def image_path(self) -> Path | None:
        record = self._session.current_image
        return self._session.image_path(record.id) if record else None

    @property
    def can_edit(self) -> bool:
        return (
            not self._session.is_read_only
            and self.document is not None
            and not self.image_size.isEmpty()
        )

    @property
    def selected(self) -> Region | None:
        if self.document is None:
            return None
        return next((r for r in self.document.regions if r.id == self._selected_id), None)

    def select(self, region_id: str) -> None:
        """Select a region, or none if empty."""
        if region_id != self._selected_id:
            self._selected_id = region_id
            self.selection_changed.emit(region_id)

    # classes

    @property
    def current_class(self) -> DefectClass | None:
        """The class of the next region; None while the project has no class."""
        classes = self._session.classes()
        chosen = next((c for c in classes if c.id == self._class_id), None)
        return chosen or (classes[0] if classes else None)

    def set_current_class(self, class_id: int) -> None:
        if class_id != self._class_id:
            self._class_id = class_id
            self.class_changed.emit()

    def _class_for_new_region(self) -> DefectClass | None:
        """Return the class in use, made now if the project has none."""
        if (current := self.current_class) is not None:
            return current
        try:
            return self._session.add_class(self.tr("defect"))
        except KnownError as error:
            self.noticed.emit(str(error))
            return None

    # edits

    def is_paintable(self, region: Region) -> bool:
        """Tell whether pixels of a region can be changed one by one; say why not."""
        if region.mask is None:
            self.noticed.emit(self.tr("This region is only a box: it has no pixels of its own."))
            return False
        return self._fits(region.mask)

    def _fits(self, mask: Mask) -> bool:
        """Tell whether a mask has the image's size; say so if not."""
        if (mask.width, mask.height) == self.image_size.toTuple():
            return True
        text = self.tr("This outline was made for another image size: {width} × {height} px.")
        self.noticed.emit(text.format(width=mask.width, height=mask.height))
        return False

    def add(
        self,
        label: str,
        *,
        mask: Mask | None = None,
        box: Box | None = None,
        author: Author = Author.HAND,
        author_detail: str = "",
    ) -> bool:
        """Put a region of the class in use on top and select it."""
        box = mask.box if mask is not None else box
        if not self.can_edit or box is None or self.document is None:
            return False
        if mask is not None and not self._fits(mask):
            return False
        if (defect_class := self._class_for_new_region()) is None:
            return False
        region = Region(
            id=uuid.uuid4().hex,
            class_id=defect_class.id,
            box=box,
            mask=mask,
            author=author,
            author_detail=author_detail,
            created_at=_now(),
        )
        return self._add(label, region)

    def replace_mask(
        self,
        label: str,
        region: Region,
        mask: Mask,
        *,
        author: Author | None = None,
        author_detail: str = "",
    ) -> bool:
        """Give a region other pixels, and another author if one is named.

        Without any pixel it is removed.
        """
        if not self.can_edit:
            return False
        if mask.box is None:
            return self.remove(region)
        after = region.with_mask(mask)
        if after == region:
            return True
        if author is not None:
            after = replace(after, author=author, author_detail=author_detail, created_at=_now())
        return self._session.perform(label, ReplaceRegion(region, after))

    def remove(self, region: Region) -> bool:
        if not self.can_edit or self.document is None:
            return False
        position = self.document.position_of(region.id)
        return self._session.perform(self.tr("Delete region"), RemoveRegion(region, position))

    def remove_selected(self) -> None:
        if (region := self.selected) is not None:
            self.remove(region)

    def move_selected(self, dx: int, dy: int) -> bool:
        """Shift the selected region, at most to the edge of the image."""
        region = self.selected
        if region is None or not self.can_edit:
            return False
        dx, dy = self.possible_shift(region, dx, dy)
        if (dx, dy) == (0, 0):
            return False
        moved = _moved(region, dx, dy)
        return self._session.perform(self.tr("Move region"), ReplaceRegion(region, moved))

    def possible_shift(self, region: Region, dx: int, dy: int) -> tuple[int, int]:
        """Return the part of a shift that keeps the region inside the image."""
        box = region.box
        dx = min(max(dx, -box.left), self.image_size.width() - box.right)
        dy = min(max(dy, -box.top), self.image_size.height() - box.bottom)
        return dx, dy

    def duplicate_selected(self) -> None:
        """Put a copy beside the selected region and select it."""
        region = self.selected
        if region is None or not self.can_edit:
            return
        offset = _DUPLICATE_OFFSET_PX
        dx, dy = self.possible_shift(region, offset, offset)
        copy = replace(_moved(region, dx, dy), id=uuid.uuid4().hex, created_at=_now())
        self._add(self.tr("Duplicate region"), copy)

    def set_class_of_selected(self, class_id: int) -> None:
        region = self.selected
        if region is None or not self.can_edit or region.class_id == class_id:
            return
        after = region.with_class(class_id)
        self._session.perform(self.tr("Change class"), ReplaceRegion(region, after))

    def _add(self, label: str, region: Region) -> bool:
        assert self.document is not None
        position = len(self.document.regions)
        if not self._session.perform(label, AddRegion(region, position)):
            return False
        self.select(region.id)
        self.region_added.emit(region.id)
        return True

    def _on_document_changed(self, _document: object) -> None:
        if self.selected is None:
            self.select("")


def _moved(region: Region, dx: int, dy: int) -> Region:
    if region.mask is not None:
        return region.with_mask(region.mask.moved(dx, dy))
    return replace(region, box=region.box.moved(dx, dy))


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
