"""Regions copied to the next image, with a banner that says so."""

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.annotation import Region
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.panels.filmstrip import Filmstrip


class CopyToNext(QObject):
    """Carries regions to the next image, until its pixels are there to put them on."""

    noticed = Signal(str)
    """Why nothing was copied."""
    copied = Signal(str, str)
    """What was copied, and what to do about it."""

    def __init__(
        self, session: ProjectSession, editing: Editing, filmstrip: Filmstrip, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._editing = editing
        self._filmstrip = filmstrip
        self._regions: tuple[Region, ...] = ()
        self._source = ""

    def start(self) -> None:
        """Take the selected regions, or all, and go to the next image."""
        document, record = self._session.document, self._session.current_image
        if document is None or record is None or not self._editing.can_edit:
            return
        regions = self._editing.all_selected or document.regions
        if not regions:
            self.noticed.emit(self.tr("There is no region to copy."))
            return
        # First, because a decoded image is there before the step is over.
        self._regions, self._source = regions, record.relative_path
        if not self._filmstrip.step(1):
            self.drop()

    def drop(self) -> None:
        self._regions = ()

    def deliver(self) -> None:
        """Put what is carried on the image at hand, as one step."""
        regions, self._regions = self._regions, ()
        count = self._editing.add_copies(regions) if regions else 0
        if count:
            text = self.tr("{count} regions were copied from {source}.")
            self.copied.emit(
                text.format(count=count, source=self._source),
                self.tr("check that they fit this part; Ctrl+Z takes them back"),
            )
