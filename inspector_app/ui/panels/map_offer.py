"""A line that says why there is no anomaly map, with a button that has one made."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from inspector_app.ui.icons import icon
from inspector_app.ui.panels.labels import ElidedLabel
from inspector_app.ui.theme import MARGIN_PX, SPACING_PX

_ICON_PX = 16
_BAR_WIDTH_PX = 160


class MapOffer(QFrame):
    """Hidden while there is nothing to offer."""

    inspection_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        icon_label = QLabel()
        icon_label.setPixmap(icon("heatmap").pixmap(QSize(_ICON_PX, _ICON_PX)))
        self._text = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.clicked.connect(self.inspection_requested)
        # The line is as high without it, or the image below would jump.
        policy = self.button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.button.setSizePolicy(policy)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(_BAR_WIDTH_PX)
        self.progress.setTextVisible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        row.setSpacing(SPACING_PX)
        row.addWidget(icon_label)
        row.addWidget(self._text, 1)
        row.addWidget(self.progress)
        row.addWidget(self.button)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.full_text

    def show_why(self, text: str, *, button: str = "") -> None:
        """Say why there is no map; without a word for the button there is none."""
        self._show(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.progress.hide()

    def show_running(self, text: str) -> None:
        """Say that maps are being made."""
        self._show(text)
        if self.progress.isHidden():
            self.progress.setRange(0, 0)
        self.progress.show()
        self.button.hide()

    def set_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _show(self, text: str) -> None:
        self._text.set_full_text(text)
        self._text.setToolTip(text)
        self.show()
