"""Fill: click into a place that a region goes around, and it belongs to the region."""

from PySide6.QtCore import Qt

from inspector_app.domain import region_operations as operations
from inspector_app.domain.annotation import Region
from inspector_app.domain.flood import enclosed_pixels
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.tools.base import Pointer, Tool


class FillTool(Tool):
    """Fills the selected region where it encloses the place, else the topmost that does."""

    name = "fill"
    icon_name = "fill"
    shortcut = "G"
    meets_regions = True

    def title(self) -> str:
        return self.tr("Fill")

    def hint(self) -> str:
        return self.tr("Go around a defect with the brush, then click inside to fill it.")

    def press(self, pointer: Pointer) -> None:
        if pointer.button is not Qt.MouseButton.LeftButton or not self.editing.can_edit:
            return
        for region in self._candidates():
            assert region.mask is not None
            place = enclosed_pixels(region.mask, int(pointer.x), int(pointer.y))
            if place is not None:
                self._fill(region, region.mask, place)
                return
        self.editing.noticed.emit(self.tr("No region goes all around this place."))

    def _candidates(self) -> list[Region]:
        document = self.editing.document
        regions = [r for r in document.regions[::-1] if r.mask is not None] if document else []
        selected = self.editing.selected
        return sorted(regions, key=lambda r: selected is None or r.id != selected.id)

    def _fill(self, region: Region, mask: Mask, place: Mask) -> None:
        self.editing.replace_mask(self.tr("Fill"), region, operations.union([mask, place]))
