"""Which values of a deep image are black and white on the screen."""

import math
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.deep import DeepFacts, Window
from inspector_app.ui.panels.window_slider import WindowSlider
from inspector_app.ui.theme import SPACING_PX, inset_text

_LARGEST = 1e12
_MOST_DECIMALS = 10


class WindowMode(StrEnum):
    """Where the window comes from."""

    AUTO = "auto"
    FULL = "full"
    OWN = "own"
    """Set by hand; it stays for the images that follow, so that they can be compared."""


class WindowPanel(QWidget):
    """Auto, the full range, or two values; hidden while the image has but eight bits."""

    window_changed = Signal(object)
    """Window; None is the automatic one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: DeepFacts | None = None
        self._own = Window(0.0, 1.0)
        self._mode = WindowMode.AUTO
        self._create_widgets()
        self._lay_out()
        self._connect()
        self.hide()

    @property
    def mode(self) -> WindowMode:
        return self._mode

    @property
    def window_(self) -> Window | None:
        """The window in force; None is the automatic one. (QWidget has a `window` already.)"""
        match self._mode:
            case WindowMode.OWN:
                return self._own
            case WindowMode.FULL if self._facts is not None:
                return self._facts.full
            case _:
                return None

    def set_facts(self, facts: DeepFacts | None) -> None:
        """Show another image's values; the mode stays, and a window set by hand too."""
        self._facts = facts
        self.setVisible(facts is not None)
        if facts is None:
            return
        self.slider.set_range(facts.full, facts.histogram)
        step = (facts.full.high - facts.full.low) / 100
        for box in (self.low, self.high):
            box.setDecimals(0 if facts.is_whole_numbers else _decimals(step))
            box.setSingleStep(max(1.0, step) if facts.is_whole_numbers else step)
        self._show_window()
        if self._mode is not WindowMode.AUTO:
            self.window_changed.emit(self.window_)

    def set_mode(self, mode: WindowMode) -> None:
        if self._facts is None:
            self._mode = WindowMode.AUTO
            return
        self._mode = mode
        self._show_window()
        self.window_changed.emit(self.window_)

    # construction

    def _create_widgets(self) -> None:
        self.slider = WindowSlider()
        self.slider.setToolTip(
            self.tr(
                "Drag what shall be black and white. Only your view changes: models and "
                "exports keep the automatic range, and the file is never touched."
            )
        )
        self.auto = QPushButton(self.tr("Auto"))
        self.auto.setToolTip(
            self.tr("All but the darkest and brightest thousandth, as the models see it")
        )
        self.full = QPushButton(self.tr("Full range"))
        self.full.setToolTip(self.tr("From the lowest to the highest value of this image"))
        self._modes = QButtonGroup(self)
        for button in (self.auto, self.full):
            button.setCheckable(True)
            self._modes.addButton(button)
        self.low = self._value_box(self.tr("Black"))
        self.high = self._value_box(self.tr("White"))

    def _value_box(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setAccessibleName(name)
        box.setToolTip(self.tr("In the image's own units"))
        box.setRange(-_LARGEST, _LARGEST)
        box.setKeyboardTracking(False)
        # Not as wide as its largest value.
        box.setMinimumWidth(60)
        inset_text(box)
        return box

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.auto)
        buttons.addWidget(self.full)
        values = QHBoxLayout()
        for box in (self.low, self.high):
            values.addWidget(QLabel(box.accessibleName()))
            values.addWidget(box, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX // 2)
        layout.addLayout(buttons)
        layout.addWidget(self.slider)
        layout.addLayout(values)

    def _connect(self) -> None:
        self.slider.window_changed.connect(self._set_own)
        self.auto.clicked.connect(lambda: self.set_mode(WindowMode.AUTO))
        self.full.clicked.connect(lambda: self.set_mode(WindowMode.FULL))
        self.low.valueChanged.connect(self._take_values)
        self.high.valueChanged.connect(self._take_values)

    # what the operator sets

    def _take_values(self) -> None:
        if self.low.value() < self.high.value():
            self._set_own(Window(self.low.value(), self.high.value()))
        else:
            self._show_window()

    def _set_own(self, window: Window) -> None:
        self._own = window
        self.set_mode(WindowMode.OWN)

    def _show_window(self) -> None:
        if self._facts is None:
            return
        window = self.window_ or self._facts.auto
        self.slider.set_window(window)
        for box, value in ((self.low, window.low), (self.high, window.high)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self._modes.setExclusive(False)
        self.auto.setChecked(self._mode is WindowMode.AUTO)
        self.full.setChecked(self._mode is WindowMode.FULL)
        self._modes.setExclusive(self._mode is not WindowMode.OWN)


def _decimals(step: float) -> int:
    """Return as many as tell a tenth of a step apart."""
    return min(max(math.ceil(1 - math.log10(step)), 0), _MOST_DECIMALS)
