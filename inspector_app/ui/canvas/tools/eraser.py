"""Eraser: take pixels away from a region; the last one takes the region with it."""

from inspector_app.domain.annotation import Region
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.tools.base import Pointer
from inspector_app.ui.canvas.tools.painting import PaintingTool


class EraserTool(PaintingTool):
    """Removes pixels of the selected region, or of the one under the mouse."""

    name = "eraser"
    icon_name = "eraser"
    shortcut = "E"
    meets_regions = True
    value = 0

    def title(self) -> str:
        return self.tr("Eraser")

    def hint(self) -> str:
        return self.tr("Rub out what does not belong to the region. [ and ] change the size.")

    def start_region(self, pointer: Pointer) -> tuple[bool, Region | None]:
        if self.editing.selected is None and (shape := self.canvas.shape_at(pointer.x, pointer.y)):
            self.editing.select(shape.region.id)
        selected = self.editing.selected
        if selected is None:
            self.editing.noticed.emit(self.tr("There is no region here. Click one to erase from."))
            return False, None
        return self.editing.is_paintable(selected), selected

    def finish(self, region: Region | None, mask: Mask) -> None:
        if region is not None:
            self.editing.replace_mask(self.tr("Erase"), region, mask)
