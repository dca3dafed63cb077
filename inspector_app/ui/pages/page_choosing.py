"""Asks for the page of a file with several, above the canvas and without holding anybody up."""

from PySide6.QtCore import QObject, Signal

from inspector_app.services.background import Background
from inspector_app.services.page_choice import PageChoice
from inspector_app.services.session import ProjectSession
from inspector_app.ui.panels.page_bar import PageBar


class PageChoosing(QObject):
    """Keeps the bar in step with the current image."""

    told = Signal(str)

    def __init__(self, session: ProjectSession, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self.bar = PageBar()
        self._session = session
        self._choice = PageChoice(session, background, self)
        self._choice.counted.connect(self.show_current)
        self._choice.chosen_for_all.connect(self._tell_of_others)
        self.bar.page_chosen.connect(self._choose)
        self.bar.all_requested.connect(self._choice.choose_for_all)
        session.document_changed.connect(self.show_current)
        self.show_current()

    def show_current(self) -> None:
        record, document = self._session.current_image, self._session.document
        count = self._choice.count(record) if record is not None else 1
        if record is None or document is None or count < 2:
            self.bar.hide()
            return
        why_fixed = ""
        if self._session.is_read_only:
            why_fixed = self.tr("This project can only be read.")
        elif document.regions:
            why_fixed = self.tr("Regions are drawn on this page. Remove them to choose another.")
        self.bar.show_pages(record.name, count, document.page, why_fixed=why_fixed)
        self.bar.for_all.setEnabled(not self._session.is_read_only)

    def _choose(self, page: int) -> None:
        if not self._choice.choose(page):
            self.show_current()

    def _tell_of_others(self, count: int) -> None:
        text = self.tr("{count} other files have this page now. Files with regions keep theirs.")
        self.told.emit(text.format(count=count))
