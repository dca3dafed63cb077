"""What is selected and what the mouse is on, painted on top of the regions at rest."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from inspector_app.ui.canvas.heavy_outlines import Look, paint_heavy
from inspector_app.ui.canvas.outlines import outline_pen
from inspector_app.ui.canvas.shapes import RegionDisplay, Shape, paint_selected
from inspector_app.ui.canvas.tags import paint_tag, place_tag, tag_size
from inspector_app.ui.canvas.viewport import Viewport

_HOVER_OUTLINE_PX = 3
_TAG_MARGIN_PX = 4.0


def paint_marks(
    painter: QPainter,
    viewport: Viewport,
    room: QRectF,
    *,
    selected: Shape | None,
    companions: Sequence[Shape],
    hovered: Shape | None,
    display: RegionDisplay,
    small_boxes: Sequence[QRectF],
) -> None:
    """Paint all of them; the painter is in the coordinates of the widget, `room`.

    `companions`, selected besides, get no tag: several at once would hide what
    they name. Tags keep off `small_boxes`, the defects that one of them could hide.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(viewport.transform, True)
    if hovered is not None and hovered.outline.heavy is not None:
        paint_heavy(painter, hovered.outline.heavy, Look(None, hovered.colour))
    elif hovered is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(outline_pen(hovered.colour, _HOVER_OUTLINE_PX))
        painter.drawPath(hovered.outline.at_scale(viewport.scale))
    for shape in (*companions, selected):
        if shape is not None:
            paint_selected(painter, shape.outline, shape.colour, display)
    painter.restore()
    for shape in (selected, hovered):
        if shape is not None:
            _paint_tag_of(painter, viewport, room, shape, small_boxes)


def _paint_tag_of(
    painter: QPainter,
    viewport: Viewport,
    room: QRectF,
    shape: Shape,
    obstacles: Sequence[QRectF],
) -> None:
    margin = _TAG_MARGIN_PX
    room = room.adjusted(margin, margin, -margin, -margin)
    box = viewport.box_to_widget(shape.region.box)
    if not box.intersects(room):
        return
    text = tag_text(shape)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    place = place_tag(box, tag_size(text, QFontMetricsF(painter.font())), room, obstacles)
    if place is not None:
        paint_tag(painter, place, text, shape.colour)
    painter.restore()


def tag_text(shape: Shape) -> str:
    """Return class and size, as “scratch · 412 px”."""
    return " · ".join(part for part in (shape.class_name, size_text(shape)) if part)


def size_text(shape: Shape) -> str:
    if (mask := shape.region.mask) is not None:
        return QCoreApplication.translate("Canvas", "{count} px").format(count=mask.area)
    box = shape.region.box
    return QCoreApplication.translate("Canvas", "{width} × {height} px").format(
        width=box.width, height=box.height
    )
