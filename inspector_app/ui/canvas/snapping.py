"""Snap: a region drawn roughly becomes a prompt and is replaced by what it was meant to be."""

from PySide6.QtCore import QObject

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.looking import surroundings, view_to_encode
from inspector_app.services.segmentation import Candidates
from inspector_app.ui.canvas.editing import Editing


class Snapping(QObject):
    """Asks the click model for the selected region's true outline; one undo step."""

    def __init__(self, editing: Editing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editing = editing
        self._region: Region | None = None
        """The one that is being snapped, as it was."""
        editing.segmentation.snapped.connect(self._on_snapped)
        editing.segmentation.failed.connect(self._on_failed)

    def snap_selected(self) -> None:
        editing = self._editing
        region, path = editing.selected, editing.image_path
        if region is None or path is None or not editing.can_edit:
            editing.noticed.emit(self.tr("Select the region that is to be snapped to its edges."))
            return
        if editing.segmentation.is_busy:
            editing.noticed.emit(self.tr("The click model is at work. Snap when it has answered."))
            return
        size = editing.image_size
        around = surroundings(region.box, size.width(), size.height())
        view = view_to_encode(around, size.width(), size.height())
        self._region = region
        editing.told.emit(self.tr("Snapping to the edges…"))
        editing.segmentation.snap(path, region.mask or region.box, view)

    def _on_snapped(self, candidates: Candidates) -> None:
        region, self._region = self._region, None
        editing = self._editing
        # Undo, another edit or another image may have come between question and answer.
        is_current = (
            region is not None
            and candidates.image_path == editing.image_path
            and editing.document is not None
            and region in editing.document.regions
        )
        if region is None or not is_current:
            return
        if not candidates.masks:
            editing.noticed.emit(self.tr("The click model found no edges there."))
            return
        stored = editing.replace_mask(
            self.tr("Snap to edges"),
            region,
            candidates.masks[0],
            author=Author.CLICK_MODEL,
            author_detail=candidates.click_model,
        )
        if stored:
            text = self.tr("Snapped by {model}. Ctrl+Z takes it back.")
            editing.told.emit(text.format(model=candidates.click_model))

    def _on_failed(self, message: str, hint: str) -> None:
        if self._region is not None:
            self._region = None
            self._editing.noticed.emit(" — ".join(part for part in (message, hint) if part))
