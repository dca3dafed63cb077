"""A line that says why there is no anomaly map, with a button that has one made."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector_app.ui.icons import icon
from inspector_app.ui.panels.status_strip import StatusStrip


class MapOffer(StatusStrip):
    """Hidden while there is nothing to offer."""

    inspection_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(lambda: icon("heatmap"), parent)
        self.button = self.add_button()
        self.button.clicked.connect(self.inspection_requested)

    def show_why(self, text: str, *, button: str = "") -> None:
        """Say why there is no map; without a word for the button there is none."""
        self.say(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))

    def show_running(self, text: str) -> None:
        """Say that maps are being made."""
        super().show_running(text)
        self.button.hide()
