"""What tools and panels do to the current image: selection, class in use, edits."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import AddRegion, Edit, RemoveRegion, ReplaceRegion
from inspector_app.domain.errors import KnownError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession

_DUPLICATE_OFFSET_PX = 8
_LARGEST_REGION_PX = 2**28
"""Of its box: outlines and edits take some bytes for each of its pixels, at once."""


class Editing(QObject):
    """The selected region, the class in use, and every edit a tool can make."""

    selection_changed = Signal(str)
    """Region id, empty for none."""
    companions_changed = Signal(tuple)
    """Ids of the regions that are selected besides."""
    class_changed = Signal()
    """Another class is the one in use."""
    region_added = Signal(str)
    noticed = Signal(str)
    """A sentence for the operator: why a gesture had no effect."""
    told = Signal(str)
    """A sentence on what goes on; nothing is wrong."""

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
        self._companion_ids: tuple[str, ...] = ()
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
        return self._region(self._selected_id)

    @property
    def all_selected(self) -> tuple[Region, ...]:
        """The selected region first, then those selected besides, as they were chosen."""
        found = (self._region(name) for name in (self._selected_id, *self._companion_ids))
        return tuple(region for region in found if region is not None)

    def select(self, region_id: str) -> None:
        """Select one region, or none if empty."""
        self.select_all((region_id,) if region_id else ())

    def select_all(self, region_ids: Sequence[str]) -> None:
        """Select several regions; the first is the one that tools work on."""
        first = region_ids[0] if region_ids else ""
        companions = tuple(region_ids[1:])
        if companions != self._companion_ids:
            self._companion_ids = companions
            self.companions_changed.emit(companions)
        if first != self._selected_id:
            self._selected_id = first
            self.selection_changed.emit(first)

    def toggle(self, region_id: str) -> None:
        """Select a region besides the others, or take it out again."""
        names = [region.id for region in self.all_selected]
        if region_id in names:
            names.remove(region_id)
        else:
            names.append(region_id)
        self.select_all(names)

    def _region(self, region_id: str) -> Region | None:
        if self.document is None:
            return None
        return next((r for r in self.document.regions if r.id == region_id), None)

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

    def class_named(self, name: str) -> DefectClass | None:
        """Return the class of a name, made now if there is none; the one in use for no name.

        None (and `noticed`) if it cannot be made.
        """
        try:
            return self._session.add_class(name) if name else self._class_for_new_region()
        except KnownError as error:
            self.noticed.emit(str(error))
            return None

    def _class_for_new_region(self) -> DefectClass | None:
        """Return the class in use, made now if the project has none."""
        if (current := self.current_class) is not None:
            return current
        return self.class_named(self.tr("defect"))

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

    def _is_workable(self, mask: Mask) -> bool:
        """Tell whether a mask's surroundings are small enough to be worked on; say so if not."""
        if mask.box is None or mask.box.area <= _LARGEST_REGION_PX:
            return True
        text = self.tr("A region cannot reach over {width} × {height} px. Mark it as a box.")
        self.noticed.emit(text.format(width=mask.box.width, height=mask.box.height))
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
        if mask is not None and not (self._fits(mask) and self._is_workable(mask)):
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
            created_at=now_utc(),
        )
        return self._add(label, region)

    def add_all(
        self, label: str, masks: Sequence[Mask], *, author: Author, author_detail: str
    ) -> bool:
        """Put several regions of the class in use on top, as one step, and select them."""
        found = [(mask, mask.box) for mask in masks if mask.box is not None and self._fits(mask)]
        if not self.can_edit or not found or self.document is None:
            return False
        if (defect_class := self._class_for_new_region()) is None:
            return False
        class_id, now = defect_class.id, now_utc()
        regions = [
            Region(uuid.uuid4().hex, class_id, box, mask, author, author_detail, now)
            for mask, box in found
        ]
        position = len(self.document.regions)
        edits = [AddRegion(region, position + number) for number, region in enumerate(regions)]
        if not self.perform(label, *edits):
            return False
        self.select_all([region.id for region in regions])
        self.region_added.emit(regions[0].id)
        return True

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
        if not self._is_workable(mask):
            return False
        after = region.with_mask(mask)
        if after == region:
            return True
        if author is not None:
            after = replace(after, author=author, author_detail=author_detail, created_at=now_utc())
        return self.perform(label, ReplaceRegion(region, after))

    def remove(self, region: Region) -> bool:
        if not self.can_edit or self.document is None:
            return False
        position = self.document.position_of(region.id)
        return self._session.perform(self.tr("Delete region"), RemoveRegion(region, position))

    def perform(self, label: str, *edits: Edit) -> bool:
        """Do several edits of the current image as one step; tell whether they were stored."""
        masks = [region.mask for region in map(_result_of, edits) if region and region.mask]
        if not all(self._is_workable(mask) for mask in masks):
            return False
        return self.can_edit and bool(edits) and self._session.perform(label, *map(_by_hand, edits))

    def remove_selected(self) -> None:
        regions = self.all_selected
        if not regions or not self.can_edit or self.document is None:
            return
        label = self.tr("Delete region") if len(regions) == 1 else self.tr("Delete regions")
        self.perform(label, *removals(self.document, regions))

    def move_selected(self, dx: int, dy: int) -> bool:
        """Shift the selected region, at most to the edge of the image."""
        region = self.selected
        if region is None or not self.can_edit:
            return False
        dx, dy = self.possible_shift(region, dx, dy)
        if (dx, dy) == (0, 0):
            return False
        moved = _moved(region, dx, dy)
        return self.perform(self.tr("Move region"), ReplaceRegion(region, moved))

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
        copy = replace(_moved(region, dx, dy), id=uuid.uuid4().hex, created_at=now_utc())
        self._add(self.tr("Duplicate region"), copy)

    def add_copies(self, regions: Sequence[Region]) -> int:
        """Put copies of another image's regions on this one, as one step; return how many fit."""
        if self.document is None:
            return 0
        copies = [
            replace(region, id=uuid.uuid4().hex, created_at=now_utc())
            for region in regions
            if self._lies_inside(region)
        ]
        if len(copies) < len(regions):
            self.noticed.emit(self.tr("Regions of another image size were left out."))
        position = len(self.document.regions)
        edits = [AddRegion(copy, position + number) for number, copy in enumerate(copies)]
        if not self.perform(self.tr("Copy regions"), *edits):
            return 0
        self.select_all([copy.id for copy in copies])
        return len(copies)

    def _lies_inside(self, region: Region) -> bool:
        width, height = self.image_size.toTuple()
        if region.mask is not None:
            return (region.mask.width, region.mask.height) == (width, height)
        return region.box.clipped(width, height) == region.box

    def set_class_of_selected(self, class_id: int) -> None:
        changed = [region for region in self.all_selected if region.class_id != class_id]
        edits = [ReplaceRegion(region, region.with_class(class_id)) for region in changed]
        self.perform(self.tr("Change class"), *edits)

    def _add(self, label: str, region: Region) -> bool:
        assert self.document is not None
        position = len(self.document.regions)
        if not self._session.perform(label, AddRegion(region, position)):
            return False
        self.select(region.id)
        self.region_added.emit(region.id)
        return True

    def _on_document_changed(self, _document: object) -> None:
        names = [region.id for region in self.all_selected]
        if names != [name for name in (self._selected_id, *self._companion_ids) if name]:
            self.select_all(names)


def removals(document: Document, regions: Sequence[Region]) -> list[RemoveRegion]:
    """Return the edits that take out some regions, to be done in this order."""
    by_position = sorted(regions, key=lambda region: -document.position_of(region.id))
    # From the top down: what is taken out does not shift those that follow.
    return [RemoveRegion(region, document.position_of(region.id)) for region in by_position]


def _moved(region: Region, dx: int, dy: int) -> Region:
    if region.mask is not None:
        return region.with_mask(region.mask.moved(dx, dy))
    return replace(region, box=region.box.moved(dx, dy))


def now_utc() -> str:
    """Return the present moment as regions carry it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _by_hand(edit: Edit) -> Edit:
    """Return the edit so that a proposal which it changes becomes work of hand.

    What it began with stays in `author_detail`.
    """
    match edit:
        case ReplaceRegion(before, after) if after.author is Author.MODEL:
            is_changed = (before.box, before.mask, before.class_id) != (
                after.box,
                after.mask,
                after.class_id,
            )
            return ReplaceRegion(before, replace(after, author=Author.HAND)) if is_changed else edit
        case _:
            return edit


def _result_of(edit: Edit) -> Region | None:
    match edit:
        case AddRegion(region=region) | ReplaceRegion(after=region):
            return region
        case _:
            return None
