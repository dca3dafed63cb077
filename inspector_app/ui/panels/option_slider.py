"""A slider for a number whose shares count: as far from 50 to 100 as from 100 to 200."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QSlider, QWidget

from inspector_app.ui.canvas.tools.options import SlidingOption

_WIDTH_PX = 130


class OptionSlider(QSlider):
    """Follows an option and changes it."""

    def __init__(self, option: SlidingOption, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._option = option
        self.setRange(option.lowest_step, option.highest_step)
        self.setPageStep(option.STEPS_PER_DOUBLING // 4)
        self.setFixedWidth(_WIDTH_PX)
        # The tool's keys stay the canvas's; the field beside it takes digits.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(option.title)
        self._show()
        self.valueChanged.connect(option.set_step)
        option.changed.connect(self._show)

    def _show(self) -> None:
        # Not every number has a step of its own: it must not be rounded to the nearest.
        with QSignalBlocker(self):
            self.setValue(self._option.step)
