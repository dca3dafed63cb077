"""A line above the canvas: an icon, a sentence, how far a job is, and buttons."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from inspector_app.ui.panels.labels import ElidedLabel, IconLabel
from inspector_app.ui.theme import MARGIN_PX, SPACING_PX

_ICON_PX = 16
_BAR_WIDTH_PX = 160


class StatusStrip(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, make_icon: Callable[[], QIcon], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._text = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(_BAR_WIDTH_PX)
        self.progress.setTextVisible(False)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        self._row.setSpacing(SPACING_PX)
        self._row.addWidget(IconLabel(make_icon, _ICON_PX))
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self.progress)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.full_text

    def show_text(self, text: str) -> None:
        self._text.set_full_text(text)
        self._text.setToolTip(text)
        self.progress.hide()
        self.show()

    def show_running(self, text: str) -> None:
        """Say what is being made."""
        was_hidden = self.progress.isHidden()
        self.show_text(text)
        if was_hidden:
            self.progress.setRange(0, 0)
        self.progress.show()

    def set_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def add_button(self, text: str = "") -> QPushButton:
        """Put a button at the end that leaves the keys to the canvas."""
        button = QPushButton(text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row.addWidget(button)
        # The line is as high without the button, or the image below would jump.
        button.ensurePolished()
        self._row.addStrut(button.sizeHint().height())
        return button
