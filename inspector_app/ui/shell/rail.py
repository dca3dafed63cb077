"""The rail on the left: one button for each page."""

from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from inspector_app.ui.icons import icon

_WIDTH_PX = 78
_ICON_PX = 24


class Page(StrEnum):
    """The pages of the window; the value is the page's icon."""

    START = "start"
    DATASET = "dataset"
    ANNOTATE = "annotate"
    TRAIN = "train"
    INSPECT = "inspect"


RAIL_PAGES = (Page.DATASET, Page.ANNOTATE, Page.TRAIN, Page.INSPECT)


def page_title(page: Page) -> str:
    """Return the page's name in the operator's language."""
    titles = {
        Page.START: QCoreApplication.translate("Page", "Start"),
        Page.DATASET: QCoreApplication.translate("Page", "Dataset"),
        Page.ANNOTATE: QCoreApplication.translate("Page", "Annotate"),
        Page.TRAIN: QCoreApplication.translate("Page", "Train"),
        Page.INSPECT: QCoreApplication.translate("Page", "Inspect"),
    }
    return titles[page]


class Rail(QFrame):
    """Shows which page is open and asks for another."""

    page_requested = Signal(object)
    """Page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setFixedWidth(_WIDTH_PX)
        self._buttons = {page: self._create_button(page) for page in RAIL_PAGES}
        self._group = QButtonGroup(self)
        self._lay_out()

    def set_page(self, page: Page) -> None:
        button = self._buttons.get(page)
        if button is not None:
            button.setChecked(True)

    def _create_button(self, page: Page) -> QToolButton:
        button = QToolButton(self)
        button.setText(page_title(page))
        button.setIcon(icon(page.value))
        button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setToolTip(f"{page_title(page)} (Ctrl+{RAIL_PAGES.index(page) + 1})")
        button.clicked.connect(lambda: self.page_requested.emit(page))
        return button

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(2)
        for button in self._buttons.values():
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addStretch(1)
