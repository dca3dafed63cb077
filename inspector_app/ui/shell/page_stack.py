"""The pages of the open project, each built when it is first shown, or somewhat before."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from inspector_app.ui.shell.ahead import Ahead
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
        self._in_preparation: set[Page] = set()
        self._wanted: Page | None = None
        """What the operator waits for."""
        self.ahead = Ahead(self)
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
        self._in_preparation.clear()
        self._builders = builders

    def built(self, page: Page) -> QWidget | None:
        return self._widgets.get(page)

    def build(self, page: Page) -> None:
        """Have a page ready, without showing it; nothing happens where there is no such page."""
        if page in self._builders and page not in self._widgets:
            widget = self._builders[page]()
            self._widgets[page] = widget
            self.addWidget(widget)
            self.page_built.emit(page, widget)

    def prepare(self, page: Page) -> None:
        """Have a page ready that is likely to be wanted, while the window has nothing to do."""
        self._in_preparation.add(page)
        self.ahead.add([partial(self.build, page), partial(self._prepare_widget, page)])

    def open_page(self, page: Page) -> None:
        """Show a page; one in preparation as soon as it is ready, the window working meanwhile."""
        if page not in self._in_preparation:
            self.show_page(page)
            return
        self._wanted = page
        self.ahead.add([partial(self._show_if_wanted, page)])
        self.ahead.resume()

    def show_page(self, page: Page) -> None:
        self.build(page)
        if page not in self._widgets:
            return
        self._page = page
        self._in_preparation.discard(page)
        self._wanted = None
        self.setCurrentWidget(self._widgets[page])
        self.page_shown.emit(page)

    def _prepare_widget(self, page: Page) -> bool:
        """Do the next part of what a page needs before it is shown; tell whether more is left."""
        prepare: Callable[[], bool] | None = getattr(self._widgets.get(page), "prepare", None)
        is_more_left = prepare is not None and prepare()
        if not is_more_left:
            self._in_preparation.discard(page)
        return is_more_left

    def _show_if_wanted(self, page: Page) -> None:
        if self._wanted is page:
            self.show_page(page)
