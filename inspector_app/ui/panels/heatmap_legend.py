"""The heatmap's colour scale: from typical good through the threshold, with this image's score."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector_app.services.heatmaps import HeatmapScale, colourise
from inspector_app.ui.theme import Colours, colours

_STOPS = 128
_BAR_PX = 10


class HeatmapLegend(QWidget):
    """One scale for all images of a run; threshold and score are marked on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ramp: QImage | None = None
        self._threshold_01 = math.nan
        self._score_01 = math.nan
        self._threshold_text = ""
        self._score_text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_scale(self, scale: HeatmapScale | None, palette: str) -> None:
        self._ramp = None if scale is None else _ramp(scale, palette)
        self.setVisible(self._ramp is not None)
        self.update()

    def set_marks(
        self, threshold_01: float, threshold_text: str, score_01: float, score_text: str
    ) -> None:
        """Mark threshold and score at shares of the bar; NaN marks nothing."""
        self._threshold_01, self._threshold_text = threshold_01, threshold_text
        self._score_01, self._score_text = score_01, score_text
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 2 * self.fontMetrics().height() + _BAR_PX + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ramp is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shades = colours(self.palette())
        line = self.fontMetrics().height()
        bar = QRectF(0, line + 4, self.width(), _BAR_PX)
        painter.drawImage(bar, self._ramp)
        painter.setPen(QPen(QColor(shades.border), 1))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        self._paint_ends(painter, bar, line, shades)
        self._paint_threshold(painter, bar, line, shades)
        self._paint_score(painter, bar, line, shades)
        painter.end()

    def _paint_ends(self, painter: QPainter, bar: QRectF, line: int, shades: Colours) -> None:
        below = QRect(0, int(bar.bottom()) + 5, self.width(), line)
        painter.setPen(QColor(shades.muted))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("typical good"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("far above"))

    def _paint_threshold(self, painter: QPainter, bar: QRectF, line: int, shades: Colours) -> None:
        if not math.isfinite(self._threshold_01):
            return
        x = self._x(self._threshold_01)
        painter.setPen(QPen(QColor(shades.text), 2))
        painter.drawLine(QPointF(x, bar.top() - 2), QPointF(x, bar.bottom() + 4))
        self._paint_label(painter, x, int(bar.bottom()) + 5, line, self._threshold_text)

    def _paint_score(self, painter: QPainter, bar: QRectF, line: int, shades: Colours) -> None:
        if not math.isfinite(self._score_01):
            return
        x = min(max(self._x(self._score_01), 6.0), self.width() - 6.0)
        painter.setPen(QPen(QColor(shades.base), 1))
        painter.setBrush(QColor(shades.text))
        top = bar.top()
        painter.drawPolygon([QPointF(x - 6, top - 7), QPointF(x + 6, top - 7), QPointF(x, top + 2)])
        painter.setPen(QColor(shades.text))
        width = self.fontMetrics().horizontalAdvance(self._score_text)
        left = x + 10 if x + 10 + width < self.width() else x - 10 - width
        place = QRect(int(left), 0, width + 2, line)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, self._score_text)

    def _paint_label(self, painter: QPainter, x: float, top: int, line: int, text: str) -> None:
        width = self.fontMetrics().horizontalAdvance(text)
        left = min(max(0.0, x - width / 2), self.width() - width)
        painter.drawText(QRect(int(left), top, width + 2, line), Qt.AlignmentFlag.AlignLeft, text)

    def _x(self, share: float) -> float:
        return min(1.0, max(0.0, share)) * (self.width() - 2) + 1


def share_of_scale(value: float, scale: HeatmapScale) -> float:
    """Return where a value lies on the bar: 0 at the low end, 0.5 at the threshold."""
    return (value - scale.low) / (scale.high - scale.low)


def _ramp(scale: HeatmapScale, palette: str) -> QImage:
    values = np.linspace(scale.low, scale.high, _STOPS, dtype=np.float32)[None, :]
    rgba = colourise(values, scale, palette=palette, width=_STOPS, height=1)
    # Without its transparency, which is for the part below the heatmap.
    rgb = np.ascontiguousarray(rgba[:, :, :3])
    return QImage(rgb.tobytes(), _STOPS, 1, 3 * _STOPS, QImage.Format.Format_RGB888).copy()
