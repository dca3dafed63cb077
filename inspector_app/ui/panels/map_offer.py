"""A line that says why there is no anomaly map, with a button that has one made."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from inspector_app.ui.panels.strip import Strip

_BAR_WIDTH_PX = 160


class MapOffer(Strip):
    """Hidden while there is nothing to offer."""

    inspection_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("heatmap", parent)
        self.button = QPushButton()
        self.button.clicked.connect(self.inspection_requested)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(_BAR_WIDTH_PX)
        self.progress.setTextVisible(False)
        self._add([self.progress, self.button])

    def show_why(self, text: str, *, button: str = "") -> None:
        """Say why there is no map; without a word for the button there is none."""
        self.say(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.progress.hide()

    def show_running(self, text: str) -> None:
        """Say that maps are being made."""
        self.say(text)
        if self.progress.isHidden():
            self.progress.setRange(0, 0)
        self.progress.show()
        self.button.hide()

    def set_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
