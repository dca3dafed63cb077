"""The small tag of a region: beside its box, never on it."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

_GAP_PX = 6.0
_PADDING_X_PX = 6.0
_PADDING_Y_PX = 2.0
_SWATCH_PX = 8.0
_GROUND = QColor(20, 22, 25, 215)


def place_tag(
    box: QRectF, tag: QSizeF, room: QRectF, obstacles: Sequence[QRectF] = ()
) -> QRectF | None:
    """Return where a tag goes: above, below, right or left of the box, else a corner of the room.

    None if it would leave the room or lie on an obstacle everywhere.
    """
    width, height = tag.width(), tag.height()
    x = min(max(box.left(), room.left()), room.right() - width)
    y = min(max(box.top(), room.top()), room.bottom() - height)
    right, bottom = room.right() - width, room.bottom() - height
    places = (
        QRectF(x, box.top() - _GAP_PX - height, width, height),
        QRectF(x, box.bottom() + _GAP_PX, width, height),
        QRectF(box.right() + _GAP_PX, y, width, height),
        QRectF(box.left() - _GAP_PX - width, y, width, height),
        QRectF(room.left(), room.top(), width, height),
        QRectF(right, room.top(), width, height),
        QRectF(room.left(), bottom, width, height),
        QRectF(right, bottom, width, height),
    )
    for place in places:
        if room.contains(place) and not any(place.intersects(other) for other in obstacles):
            return place
    return None


def tag_size(text: str, metrics: QFontMetricsF) -> QSizeF:
    width = metrics.horizontalAdvance(text) + 2 * _PADDING_X_PX + _SWATCH_PX + 5
    return QSizeF(width, metrics.height() + 2 * _PADDING_Y_PX)


def paint_tag(painter: QPainter, place: QRectF, text: str, colour: QColor) -> None:
    """Paint a tag in widget coordinates."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(place, 3, 3)
    swatch_top = place.center().y() - _SWATCH_PX / 2
    painter.setBrush(colour)
    painter.drawRect(QRectF(place.left() + _PADDING_X_PX, swatch_top, _SWATCH_PX, _SWATCH_PX))
    painter.setPen(QColor("white"))
    text_left = place.left() + _PADDING_X_PX + _SWATCH_PX + 5
    painter.drawText(
        QRectF(QPointF(text_left, place.top()), place.bottomRight()),
        Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
        text,
    )
    painter.restore()
