"""What is selected and what the mouse is on, painted on top of the regions at rest."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from inspector_app.ui.canvas.heavy_outlines import Look, paint_heavy
from inspector_app.ui.canvas.layer import Layer
from inspector_app.ui.canvas.outlines import outline_pen
from inspector_app.ui.canvas.shapes import RegionDisplay, Shape, paint_selected
from inspector_app.ui.canvas.tags import paint_tag, place_tag, tag_size
from inspector_app.ui.canvas.viewport import Viewport

_HOVER_OUTLINE_PX = 3
_TAG_MARGIN_PX = 4.0
_MANY = 8


class Marks:
    """Paints them; of many that are selected besides, only once for each view of them."""

    def __init__(self) -> None:
        self._layer: Layer[Shape] = Layer(_paint_companion)

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        room: QRectF,
        *,
        selected: Shape | None,
        companions: Sequence[Shape],
        hovered: Shape | None,
        display: RegionDisplay,
        small_boxes: Sequence[QRectF],
    ) -> bool:
        """Paint them; tell whether all are there, else paint again.

        The painter is in the coordinates of the widget, `room`.

        `companions`, selected besides, get no tag: several at once would hide what
        they name. Tags keep off `small_boxes`, the defects that one of them could hide.
        """
        is_complete = True
        if len(companions) > _MANY:
            view = (viewport, display)
            size = room.size().toSize()
            is_complete = self._layer.paint(painter, size, companions, view)
            companions = ()
        shapes = [*companions, selected] if selected is not None else companions
        _paint_outlines(painter, viewport, shapes, hovered, display)
        for shape in (selected, hovered):
            if shape is not None:
                _paint_tag_of(painter, viewport, room, shape, small_boxes)
        return is_complete


def _paint_companion(painter: QPainter, shape: Shape, view: tuple[Viewport, RegionDisplay]) -> None:
    viewport, display = view
    _paint_outlines(painter, viewport, [shape], None, display)


def _paint_outlines(
    painter: QPainter,
    viewport: Viewport,
    selected: Sequence[Shape],
    hovered: Shape | None,
    display: RegionDisplay,
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(viewport.transform, True)
    if hovered is not None and hovered.outline.heavy is not None:
        paint_heavy(painter, hovered.outline.heavy, Look(None, hovered.colour))
    elif hovered is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(outline_pen(hovered.colour, _HOVER_OUTLINE_PX))
        painter.drawPath(hovered.outline.at_scale(viewport.scale))
    for shape in selected:
        paint_selected(painter, shape.outline, shape.colour, display)
    painter.restore()


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
