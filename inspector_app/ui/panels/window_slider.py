"""A slider with two handles over a histogram."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector_app.domain.deep import Window
from inspector_app.ui.theme import Colours, colours

_MARGIN_PX = 6
_STEPS = 200
"""Arrow keys move a handle by this part of the range, by ten of them with Shift."""


class WindowSlider(QWidget):
    """Shows how values are spread; what lies between its handles goes from black to white.

    The handle touched last is the one that arrow keys move; Space takes the other.
    """

    window_changed = Signal(object)
    """Window, by the operator's hand only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = Window(0.0, 1.0)
        self._window = Window(0.0, 1.0)
        self._heights: NDArray[np.float64] = np.zeros(0)
        self._is_high_held = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Black and white"))

    def set_range(self, values: Window, histogram: NDArray[np.int64]) -> None:
        """Take the values of another image."""
        self._range = values
        # Roots, because background and part differ by orders of magnitude.
        self._heights = np.sqrt(histogram / max(1, int(histogram.max(initial=0))))
        self.update()

    def set_window(self, window: Window) -> None:
        self._window = window
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 56)

    # mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        value = self._value_at(event.position().x())
        middle = (self._window.low + self._window.high) / 2
        self._is_high_held = value > middle
        self._move_to(value)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(self._value_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        directions = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self._is_high_held = not self._is_high_held
            self.update()
        elif event.key() in directions:
            many = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            step = directions[Qt.Key(event.key())] * many * self._span / _STEPS
            self._move_to((self._window.high if self._is_high_held else self._window.low) + step)
        else:
            super().keyPressEvent(event)

    @property
    def _span(self) -> float:
        return self._range.high - self._range.low

    def _move_to(self, value: float) -> None:
        """Move the handle that is held; it stops before the other one."""
        low, high = self._window.low, self._window.high
        least = self._span / _STEPS
        if self._is_high_held:
            high = max(min(value, self._range.high), low + least)
        else:
            low = min(max(value, self._range.low), high - least)
        if (low, high) != (self._window.low, self._window.high):
            self.set_window(Window(low, high))
            self.window_changed.emit(self._window)

    def _value_at(self, x: float) -> float:
        room = max(1, self.width() - 2 * _MARGIN_PX)
        return self._range.low + (x - _MARGIN_PX) / room * self._span

    def _x(self, value: float) -> float:
        room = self.width() - 2 * _MARGIN_PX
        share = (value - self._range.low) / self._span
        return _MARGIN_PX + room * min(max(share, 0.0), 1.0)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shades = colours(self.palette())
        self._paint_bars(painter, shades)
        for value, is_held in (
            (self._window.low, not self._is_high_held),
            (self._window.high, self._is_high_held),
        ):
            colour = shades.accent if is_held and self.hasFocus() else shades.text
            self._paint_handle(painter, self._x(value), QColor(colour))
        painter.end()

    def _paint_bars(self, painter: QPainter, shades: Colours) -> None:
        base, room = self.height() - 1, self.width() - 2 * _MARGIN_PX
        painter.setPen(Qt.PenStyle.NoPen)
        width = room / max(1, len(self._heights))
        low, high = self._x(self._window.low), self._x(self._window.high)
        for place, share in enumerate(self._heights):
            left = _MARGIN_PX + place * width
            is_inside = low <= left + width / 2 <= high
            painter.setBrush(QColor(shades.accent if is_inside else shades.strong_border))
            height = share * (base - 2 * _MARGIN_PX)
            painter.drawRect(QRectF(left, base - height, width, height))
        painter.setPen(QPen(QColor(shades.strong_border), 1))
        painter.drawLine(QPointF(_MARGIN_PX, base), QPointF(_MARGIN_PX + room, base))

    def _paint_handle(self, painter: QPainter, x: float, colour: QColor) -> None:
        painter.setPen(QPen(colour, 1.5))
        painter.drawLine(QPointF(x, _MARGIN_PX), QPointF(x, self.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x, _MARGIN_PX), _MARGIN_PX - 1.5, _MARGIN_PX - 1.5)
