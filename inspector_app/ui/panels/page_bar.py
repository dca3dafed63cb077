"""A line that asks which page of a file is to be worked on."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from inspector_app.ui.icons import icon
from inspector_app.ui.panels.strip import Strip


class _PageBox(QComboBox):
    """A list that the wheel passes over: it would leave the page in passing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class PageBar(Strip):
    """Hidden for files of one page."""

    page_chosen = Signal(int)
    """From 1."""
    all_requested = Signal(int)
    """This page, for all files of as many pages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(lambda: icon("image"), parent)
        self.pages = _PageBox()
        self.pages.setAccessibleName(self.tr("Page of the file"))
        self.pages.activated.connect(lambda row: self.page_chosen.emit(row + 1))
        self.keep = QPushButton(self.tr("Use this page"))
        self.keep.clicked.connect(lambda: self.page_chosen.emit(self._page))
        self.for_all = QPushButton(self.tr("Use for all files like this"))
        self.for_all.setToolTip(
            self.tr("Every file of as many pages on which nothing has been drawn")
        )
        self.for_all.clicked.connect(lambda: self.all_requested.emit(self._page))
        self._add([self.pages, self.keep, self.for_all])

    def show_pages(self, name: str, count: int, page: int, *, why_fixed: str = "") -> None:
        """Ask for the page of a file of so many; 0 is not chosen yet.

        With a reason in `why_fixed` the page is only told.
        """
        words = self.tr("Page {page} of {name} is worked on.")
        if not page:
            words = self.tr("{name} has {count} pages: which one is to be worked on?")
        self.say(words.format(name=name, count=count, page=page))
        if self.pages.count() != count:
            texts = [self.tr("Page {page} of {count}") for _ in range(count)]
            self.pages.clear()
            self.pages.addItems(
                [text.format(page=number, count=count) for number, text in enumerate(texts, 1)]
            )
        self.pages.setCurrentIndex(max(0, page - 1))
        self.pages.setEnabled(not why_fixed)
        self.pages.setToolTip(why_fixed)
        self.keep.setVisible(not page and not why_fixed)

    @property
    def _page(self) -> int:
        return self.pages.currentIndex() + 1
