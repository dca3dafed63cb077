"""A line above the canvas: an icon, a sentence, how far a job is, and buttons."""

from collections.abc import Callable

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from inspector_app.ui.panels.strip import Strip

_BAR_WIDTH_PX = 160


class StatusStrip(Strip):
    """Hidden while there is nothing to say."""

    def __init__(self, make_icon: Callable[[], QIcon], parent: QWidget | None = None) -> None:
        super().__init__(make_icon, parent)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(_BAR_WIDTH_PX)
        self.progress.setTextVisible(False)
        self._add([self.progress])

    def say(self, text: str) -> None:
        super().say(text)
        self.progress.hide()

    def show_running(self, text: str) -> None:
        """Say what is being made."""
        was_hidden = self.progress.isHidden()
        self.say(text)
        if was_hidden:
            self.progress.setRange(0, 0)
        self.progress.show()

    def set_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def add_button(self, text: str = "") -> QPushButton:
        """Put a button at the end that leaves the keys to the canvas."""
        button = QPushButton(text)
        self._add([button])
        return button
