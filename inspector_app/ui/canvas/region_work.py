"""What can be done to finished regions: join, cut, grow, fill, order, copy."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from inspector_app.domain import region_operations as operations
from inspector_app.domain.annotation import Region
from inspector_app.domain.edits import AddRegion, Edit, RemoveRegion, ReplaceRegion
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.editing import Editing, removals


class RegionWork(QObject):
    """Operations on the selected regions; each is one undo step.

    Where several regions take part, the one selected first is the one that changes. A
    region that is only a box takes part as the pixels of that box.
    """

    def __init__(self, editing: Editing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editing = editing

    # several regions

    def merge(self) -> bool:
        """Join the selected regions into the first."""
        return self._combine(self.tr("Merge regions"), operations.union, is_consumed=True)

    def intersect(self) -> bool:
        """Keep of the first what all have in common; the others go."""
        return self._combine(
            self.tr("Intersect regions"), operations.intersection, is_consumed=True
        )

    def subtract(self) -> bool:
        """Take the others out of the first; they stay."""
        return self._combine(
            self.tr("Subtract regions"),
            lambda masks: operations.difference(masks[0], *masks[1:]),
            is_consumed=False,
        )

    # one region, or each of several

    def grow(self, distance_px: int) -> bool:
        """Move the outlines outwards, or inwards if negative."""
        label = self.tr("Grow region") if distance_px > 0 else self.tr("Shrink region")
        return self._change_each(label, lambda mask: operations.grown(mask, distance_px))

    def fill_holes(self) -> bool:
        return self._change_each(self.tr("Fill holes"), operations.without_holes)

    def toggle_ignored(self) -> bool:
        """Leave the regions out of training and figures, or take them in again."""
        regions = self._editing.all_selected
        if not regions:
            return False
        is_ignored = not regions[0].is_ignored
        label = self.tr("Ignore region") if is_ignored else self.tr("Use region again")
        changed = [region for region in regions if region.is_ignored is not is_ignored]
        edits = [ReplaceRegion(one, replace(one, is_ignored=is_ignored)) for one in changed]
        return self._editing.perform(label, *edits)

    def mirror(self, *, is_upside_down: bool) -> bool:
        """Flip within the image, for parts that lie the other way round."""
        return self._change_each(
            self.tr("Mirror region"),
            lambda mask: operations.mirrored(mask, is_upside_down=is_upside_down),
        )

    def separate(self) -> bool:
        """Make a region of each separate part of the selected one."""
        region = self._one()
        if region is None:
            return False
        return self.replace_by(
            self.tr("Separate parts"), region, operations.parts(self._mask(region))
        )

    def replace_by(self, label: str, region: Region, masks: Sequence[Mask]) -> bool:
        """Put regions in a region's place; the first keeps its identity."""
        document = self._editing.document
        if len(masks) < 2 or document is None:
            self._editing.noticed.emit(self.tr("It is in one piece; nothing was changed."))
            return False
        position = document.position_of(region.id)
        edits: list[Edit] = [ReplaceRegion(region, region.with_mask(masks[0]))]
        for number, mask in enumerate(masks[1:], 1):
            part = replace(region.with_mask(mask), id=uuid.uuid4().hex)
            edits.append(AddRegion(part, position + number))
        return self._editing.perform(label, *edits)

    # order

    def bring_to_front(self) -> bool:
        return self._reorder(self.tr("Bring to front"), lambda _position, last: last)

    def send_to_back(self) -> bool:
        return self._reorder(self.tr("Send to back"), lambda _position, _last: 0)

    def raise_one(self) -> bool:
        return self._reorder(
            self.tr("Raise region"), lambda position, last: min(position + 1, last)
        )

    def lower_one(self) -> bool:
        return self._reorder(self.tr("Lower region"), lambda position, _last: max(position - 1, 0))

    # parts of the above

    def _combine(
        self, label: str, operation: Callable[[list[Mask]], Mask], *, is_consumed: bool
    ) -> bool:
        regions, document = self._editing.all_selected, self._editing.document
        if len(regions) < 2 or document is None:
            self._editing.noticed.emit(self.tr("Select two or more regions first: Ctrl+click."))
            return False
        masks = [self._mask(region) for region in regions]
        if len({(mask.height, mask.width) for mask in masks}) > 1:
            self._editing.noticed.emit(
                self.tr("These outlines were made for different image sizes.")
            )
            return False
        result = operation(masks)
        if result.box is None:
            self._editing.noticed.emit(self.tr("Nothing would be left; nothing was changed."))
            return False
        edits: list[Edit] = [ReplaceRegion(regions[0], regions[0].with_mask(result))]
        if is_consumed:
            edits += removals(document, regions[1:])
        return self._editing.perform(label, *edits)

    def _change_each(self, label: str, operation: Callable[[Mask], Mask]) -> bool:
        edits: list[Edit] = []
        for region in self._editing.all_selected:
            result = operation(self._mask(region))
            if result.box is None:
                self._editing.noticed.emit(self.tr("Nothing would be left; nothing was changed."))
                return False
            after = region.with_mask(result)
            if after != region:
                edits.append(ReplaceRegion(region, after))
        return self._editing.perform(label, *edits)

    def _reorder(self, label: str, place: Callable[[int, int], int]) -> bool:
        region, document = self._one(), self._editing.document
        if region is None or document is None:
            return False
        position = document.position_of(region.id)
        wanted = place(position, len(document.regions) - 1)
        if wanted == position:
            return False
        return self._editing.perform(
            label, RemoveRegion(region, position), AddRegion(region, wanted)
        )

    def _one(self) -> Region | None:
        if self._editing.selected is None:
            self._editing.noticed.emit(self.tr("Select a region first."))
        return self._editing.selected

    def _mask(self, region: Region) -> Mask:
        if region.mask is not None:
            return region.mask
        size = self._editing.image_size
        return Mask.from_box(region.box, height=size.height(), width=size.width())
