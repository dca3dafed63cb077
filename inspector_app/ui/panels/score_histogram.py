"""How the scores of good and defective parts lie, and where the threshold cuts."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector_app.domain.jobs import ResultRecord
from inspector_app.ui.panels.score_scale import ScoreScale
from inspector_app.ui.theme import Colours, colours

_BINS = 40
_AXIS_PX = 3
_HANDLE_PX = 5


class ScoreHistogram(QWidget):
    """Bars of good, defective and unknown parts; the threshold can be dragged."""

    threshold_dragged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[NDArray[np.int64], ...] = ()
        self._scale = ScoreScale(0.0, 1.0, 1.0)
        self._threshold = math.nan
        self._score = math.nan
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setToolTip(
            self.tr("How many parts have which score; drag the line to move the threshold.")
        )

    def set_results(self, results: Sequence[ResultRecord], scale: ScoreScale) -> None:
        self._scale = scale
        groups = []
        for kind in (False, True, None):
            places = [
                scale.share(r.score) for r in results if r.is_judged and r.is_defective is kind
            ]
            groups.append(np.histogram(places, _BINS, (0.0, 1.0))[0])
        self._counts = tuple(groups)
        self.update()

    def set_threshold(self, threshold: float) -> None:
        self._threshold = threshold
        self.update()

    def set_score(self, score: float) -> None:
        """Mark the score of the image at hand; NaN marks none."""
        self._score = score
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, 96)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shades = colours(self.palette())
        self._paint_bars(painter, shades)
        base = self.height() - _AXIS_PX
        painter.setPen(QPen(QColor(shades.strong_border), 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        self._paint_threshold(painter, shades)
        self._paint_score(painter, shades)
        painter.end()

    def _drag(self, event: QMouseEvent) -> None:
        share = event.position().x() / max(1, self.width())
        self.threshold_dragged.emit(self._scale.score(share))

    def _paint_bars(self, painter: QPainter, shades: Colours) -> None:
        if not self._counts:
            return
        tallest = int(max(1, np.sum(self._counts, axis=0).max()))
        width = self.width() / _BINS
        room = self.height() - _AXIS_PX - _HANDLE_PX
        painter.setPen(Qt.PenStyle.NoPen)
        bottoms = np.full(_BINS, float(self.height() - _AXIS_PX))
        for counts, name in zip(self._counts, (shades.ok, shades.ng, shades.muted), strict=True):
            painter.setBrush(QColor(name))
            for place in np.flatnonzero(counts):
                height = max(1.5, counts[place] / tallest * room)
                bottoms[place] -= height
                painter.drawRect(QRectF(place * width + 0.5, bottoms[place], width - 1, height))

    def _paint_threshold(self, painter: QPainter, shades: Colours) -> None:
        if not math.isfinite(self._threshold):
            return
        x = self._x(self._threshold)
        painter.setPen(QPen(QColor(shades.text), 1.5))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setBrush(QColor(shades.text))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(x, _HANDLE_PX), _HANDLE_PX - 1, _HANDLE_PX - 1)

    def _paint_score(self, painter: QPainter, shades: Colours) -> None:
        if not math.isfinite(self._score):
            return
        x = self._x(self._score)
        base = self.height()
        painter.setBrush(QColor(shades.accent))
        painter.setPen(QPen(QColor(shades.base), 1))
        painter.drawPolygon([QPointF(x - 6, base), QPointF(x + 6, base), QPointF(x, base - 10)])

    def _x(self, score: float) -> float:
        return self._scale.share(score) * (self.width() - 2) + 1
