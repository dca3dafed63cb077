"""How many images there are of each defect type: one bar a type, the longest first."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector_app.domain.dataset import Split
from inspector_app.domain.image_counts import TypeCount
from inspector_app.ui.theme import Colours, colours
from inspector_app.ui.wording import defect_type_name, split_name

_BAR_PX = 8
_ROW_GAP_PX = 9
_SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST, Split.NONE)


class TypeChart(QWidget):
    """Shows the counts; a click on a bar asks for its type."""

    type_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[TypeCount, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def set_counts(self, counts: Sequence[TypeCount]) -> None:
        self._counts = tuple(counts)
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._top_px + len(self._counts) * self._row_height_px + 4)

    @property
    def _splits(self) -> list[Split]:
        return [split for split in _SPLITS if any(c.by_split.get(split) for c in self._counts)]

    @property
    def _top_px(self) -> int:
        """Height of the legend, which a single split does not need."""
        return self.fontMetrics().height() + _ROW_GAP_PX if len(self._splits) > 1 else 0

    @property
    def _row_height_px(self) -> int:
        return self.fontMetrics().height() + _BAR_PX + _ROW_GAP_PX

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shades = colours(self.palette())
        longest = max((count.total for count in self._counts), default=1)
        if self._top_px:
            self._paint_legend(painter, shades)
        for row, count in enumerate(self._counts):
            top = self._top_px + row * self._row_height_px
            self._paint_row(painter, top, count, longest, shades)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        count = self._count_at(event.position().y())
        self.setCursor(Qt.CursorShape.PointingHandCursor if count else Qt.CursorShape.ArrowCursor)
        if count is not None:
            QToolTip.showText(event.globalPosition().toPoint(), _describe(count), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        count = self._count_at(event.position().y())
        if count is not None:
            self.type_clicked.emit(count.defect_type)

    def _count_at(self, y: float) -> TypeCount | None:
        row = int((y - self._top_px) // self._row_height_px)
        return self._counts[row] if 0 <= row < len(self._counts) else None

    def _paint_legend(self, painter: QPainter, shades: Colours) -> None:
        metrics = self.fontMetrics()
        left = 0
        for split in self._splits:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(split_colour(split, shades))
            top = (metrics.height() - _BAR_PX) / 2
            painter.drawRoundedRect(QRectF(left, top, _BAR_PX, _BAR_PX), 2, 2)
            painter.setPen(QColor(shades.muted))
            name = split_name(split)
            left += _BAR_PX + 5
            width = metrics.horizontalAdvance(name)
            place = QRect(left, 0, width + 2, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, name)
            left += width + 14

    def _paint_row(
        self, painter: QPainter, top: int, count: TypeCount, longest: int, shades: Colours
    ) -> None:
        metrics = self.fontMetrics()
        number = str(count.total)
        number_width = metrics.horizontalAdvance(number)
        line = QRect(0, top, self.width(), metrics.height())
        painter.setPen(QColor(shades.text))
        name = metrics.elidedText(
            defect_type_name(count.defect_type),
            Qt.TextElideMode.ElideRight,
            self.width() - number_width - 8,
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(QColor(shades.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, number)
        self._paint_bar(painter, top + metrics.height() + 1, count, longest, shades)

    def _paint_bar(
        self, painter: QPainter, top: int, count: TypeCount, longest: int, shades: Colours
    ) -> None:
        left = 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        for split in _SPLITS:
            width = self.width() * count.by_split.get(split, 0) / longest
            if width:
                painter.setBrush(split_colour(split, shades))
                painter.drawRoundedRect(QRectF(left, top, max(width - 1, 2), _BAR_PX), 2, 2)
            left += width


def split_colour(split: Split, shades: Colours) -> QColor:
    """Return a shade of the accent for each split."""
    colour = QColor(shades.accent)
    alphas = {Split.TRAIN: 255, Split.VALIDATION: 185, Split.TEST: 120, Split.NONE: 200}
    colour.setAlpha(alphas[split])
    return colour


def _describe(count: TypeCount) -> str:
    lines = [f"{split_name(split)}: {number}" for split, number in count.by_split.items()]
    return "\n".join([defect_type_name(count.defect_type), *lines])
