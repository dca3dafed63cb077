"""The pages of the open project, each built when it is first shown."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from inspector_app.ui.shell.rail import Page

PageBuilder = Callable[[], QWidget]


class PageStack(QStackedWidget):
    """Holds the start page always and the project's pages as they come to be."""

    page_built = Signal(object, QWidget)
    """Page, widget."""
    page_shown = Signal(object)
    """Page."""

    def __init__(self, start_page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start_page = start_page
        self._widgets: dict[Page, QWidget] = {Page.START: start_page}
        self._builders: dict[Page, PageBuilder] = {}
        self._page = Page.START
        self.addWidget(start_page)

    @property
    def page(self) -> Page:
        return self._page

    def set_builders(self, builders: dict[Page, PageBuilder]) -> None:
        """Forget the pages of the last project and get ready for those of the next."""
        self.show_page(Page.START)
        for page in [page for page in self._widgets if page is not Page.START]:
            widget = self._widgets.pop(page)
            self.removeWidget(widget)
            widget.deleteLater()
        self._builders = builders

    def built(self, page: Page) -> QWidget | None:
        return self._widgets.get(page)

    def show_page(self, page: Page) -> None:
        if page not in self._widgets:
            if page not in self._builders:
                return
            self._build(page)
        self._page = page
        self.setCurrentWidget(self._widgets[page])
        self.page_shown.emit(page)

    def _build(self, page: Page) -> None:
        widget = self._builders[page]()
        self._widgets[page] = widget
        self.addWidget(widget)
        self.page_built.emit(page, widget)
