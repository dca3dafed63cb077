"""Brightness and contrast of the view; the file stays as it is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSlider, QWidget

from inspector_app.ui.canvas.picture import Adjustment
from inspector_app.ui.theme import SPACING_PX


class AdjustPanel(QWidget):
    """Two sliders and the way back."""

    adjustment_changed = Signal(object)
    """Adjustment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brightness = self._slider(self.tr("Brightness"))
        self._contrast = self._slider(self.tr("Contrast"))
        self._reset = QPushButton(self.tr("Reset"))
        self._reset.setProperty("role", "flat")
        self._reset.setEnabled(False)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(SPACING_PX)
        layout.setVerticalSpacing(SPACING_PX // 2)
        for row, slider in enumerate((self._brightness, self._contrast)):
            layout.addWidget(QLabel(slider.accessibleName()), row, 0)
            layout.addWidget(slider, row, 1)
        layout.addWidget(self._reset, 2, 1, Qt.AlignmentFlag.AlignRight)
        self._reset.clicked.connect(self.reset)

    @property
    def adjustment(self) -> Adjustment:
        return Adjustment(self._brightness.value(), self._contrast.value())

    def reset(self) -> None:
        self._brightness.setValue(0)
        self._contrast.setValue(0)

    def _slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-100, 100)
        slider.setAccessibleName(name)
        slider.setToolTip(self.tr("Changes only what you see, never the file"))
        slider.valueChanged.connect(self._on_changed)
        return slider

    def _on_changed(self) -> None:
        self._reset.setEnabled(not self.adjustment.is_neutral)
        self.adjustment_changed.emit(self.adjustment)
