"""How far a piece of work is, how long it still takes, and a button to stop it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from inspector_app.ui.shell.status import Pace, format_time_left

_BAR_WIDTH_PX = 180


class ProgressRow(QWidget):
    """To be shown while something is done."""

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._pace = Pace()
        self._create_widgets()
        self._lay_out()

    @property
    def text(self) -> str:
        return self._label.text()

    def begin(self, title: str) -> None:
        self._title = title
        self._pace = Pace()
        self._label.setText(f"{title}…")
        self._bar.setRange(0, 0)
        self.stop_button.setEnabled(True)

    def set_progress(self, done: int, total: int, amount: str = "") -> None:
        """Show how far it is; `amount` says it in words, such as “12 of 40 MB”."""
        parts = [self._title, amount, format_time_left(self._pace.seconds_left(done, total))]
        self._label.setText(" · ".join(part for part in parts if part))
        # A total of 0 makes the bar run to and fro, which is what is meant.
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _create_widgets(self) -> None:
        self._label = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH_PX)
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.clicked.connect(self._request_stop)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self.stop_button)

    def _request_stop(self) -> None:
        # Until a read that is under way has ended.
        self.stop_button.setEnabled(False)
        self.stop_requested.emit()
