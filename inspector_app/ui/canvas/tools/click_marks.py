"""What the click tool paints: previews, prompts and the sign that the model is at work."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.ui.canvas.heavy_outlines import Look, paint_heavy
from inspector_app.ui.canvas.outlines import Outline, outline_pen, translucent
from inspector_app.ui.canvas.viewport import Viewport

BELONGS_COLOUR = QColor("#1f9e6e")
_OTHER_COLOUR = QColor("#c8431a")
_POINT_RADIUS_PX, _SMALL_POINT_RADIUS_PX = 7.0, 3.0
_SMALL_DRAFT_PX = 60.0
"""On the screen: beside a smaller draft a point shrinks, because it would cover the defect."""
SPINNER_RADIUS_PX = 13.0


def paint_draft(painter: QPainter, viewport: Viewport, outline: Outline, colour: QColor) -> None:
    """Paint the outline that Enter would accept."""
    _paint_outline(painter, viewport, outline, translucent(colour, 0.35), [4, 3])


def paint_hover(painter: QPainter, viewport: Viewport, outline: Outline, colour: QColor) -> None:
    """Paint what a click would give; fainter, because nothing has been asked for."""
    _paint_outline(painter, viewport, outline, translucent(colour, 0.15), [1, 3])


def _paint_outline(
    painter: QPainter, viewport: Viewport, outline: Outline, fill: QColor, dashes: Sequence[float]
) -> None:
    painter.save()
    painter.setTransform(viewport.transform, True)
    if outline.heavy is not None:
        paint_heavy(painter, outline.heavy, Look(fill, QColor("white"), QColor(0, 0, 0, 170)))
        painter.restore()
        return
    path: QPainterPath = outline.at_scale(viewport.scale)
    painter.fillPath(path, fill)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(outline_pen(QColor(0, 0, 0, 170), 3))
    painter.drawPath(path)
    pen = outline_pen(QColor("white"), 1.5)
    pen.setDashPattern(dashes)
    painter.setPen(pen)
    painter.drawPath(path)
    painter.restore()


def paint_points(
    painter: QPainter, viewport: Viewport, points: Sequence[PromptPoint], draft: Box | None
) -> None:
    """Paint prompts: green with a plus, or red with a minus, so that colour is not all."""
    is_small = draft is not None and _is_small(viewport.box_to_widget(draft))
    radius = _SMALL_POINT_RADIUS_PX if is_small else _POINT_RADIUS_PX
    arm = radius / 2
    for point in points:
        at = viewport.to_widget(point.x, point.y)
        painter.setPen(QPen(QColor("white"), 1.5 if not is_small else 1.0))
        painter.setBrush(BELONGS_COLOUR if point.label else _OTHER_COLOUR)
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(QColor("white"), 2 if not is_small else 1.0))
        painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
        if point.label:
            painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))


def _is_small(rect: QRectF) -> bool:
    return max(rect.width(), rect.height()) < _SMALL_DRAFT_PX


def paint_spinner(painter: QPainter, place: QRectF, elapsed_ms: int) -> None:
    start = -int(elapsed_ms * 0.36) % 360
    for colour, width_px in ((QColor(0, 0, 0, 150), 5.0), (QColor("white"), 2.5)):
        pen = QPen(colour, width_px)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(place, start * 16, 250 * 16)
