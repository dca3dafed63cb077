"""Brush: paint pixels into the selected region, or start a new one."""

from inspector_app.domain.annotation import Region
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.tools.base import Pointer
from inspector_app.ui.canvas.tools.painting import PaintingTool


class BrushTool(PaintingTool):
    """Adds pixels."""

    name = "brush"
    icon_name = "brush"
    shortcut = "R"
    value = 1

    def title(self) -> str:
        return self.tr("Brush")

    def hint(self) -> str:
        selected = self.editing.selected
        if selected is None or selected.mask is None:
            return self.tr("Paint over the defect. [ and ] change the size.")
        return self.tr(
            "Paint adds to the selected region, Shift starts a new one. [ ] change the size."
        )

    def start_region(self, pointer: Pointer) -> tuple[bool, Region | None]:
        selected = self.editing.selected
        # A box has no pixels to add to, so painting beside or in it starts a region of its own.
        if pointer.has_shift or selected is None or selected.mask is None:
            return True, None
        return self.editing.is_paintable(selected), selected

    def finish(self, region: Region | None, mask: Mask) -> None:
        if region is not None:
            self.editing.replace_mask(self.tr("Brush"), region, mask)
        elif mask.box is not None:
            self.editing.add(self.tr("Brush"), mask=mask)
