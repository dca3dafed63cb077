"""A slider for a number whose shares count: as far from 50 to 100 as from 100 to 200."""

import math

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QSlider, QWidget

from inspector_app.ui.canvas.tools.options import SlidingOption

_STEPS_PER_DOUBLING = 24
_WIDTH_PX = 130


class OptionSlider(QSlider):
    """Follows an option and changes it."""

    def __init__(self, option: SlidingOption, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._option = option
        self.setRange(_position(option.minimum), _position(option.maximum))
        self.setPageStep(_STEPS_PER_DOUBLING // 4)
        self.setFixedWidth(_WIDTH_PX)
        # The tool's keys stay the canvas's; the field beside it takes digits.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(option.title)
        self._show(option.value)
        self.valueChanged.connect(self._on_moved)
        option.changed.connect(self._show)

    def _show(self, value: int) -> None:
        # Not every number has a place of its own: it must not be rounded to the nearest.
        with QSignalBlocker(self):
            self.setValue(_position(value))

    def _on_moved(self, position: int) -> None:
        self._option.set_value(round(2 ** (position / _STEPS_PER_DOUBLING)))


def _position(value: int) -> int:
    return round(math.log2(value) * _STEPS_PER_DOUBLING)
