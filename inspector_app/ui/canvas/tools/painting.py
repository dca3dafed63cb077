"""What brush and eraser share: the ring, the size, and strokes that become one edit each."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen

from inspector_app.domain.annotation import Region
from inspector_app.domain.geometry import Box, PointXY
from inspector_app.domain.looking import hull
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.tools.dabs import snapped
from inspector_app.ui.canvas.tools.options import NumberOption
from inspector_app.ui.canvas.tools.paint_layer import PaintLayer

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_DEFAULT_SIZE_PX = 15
_LARGEST_PX = 500
_RING_MARGIN_PX = 3
_LARGEST_LAYER_PX = 100_000_000
"""One byte each."""
_NO_CLASS_COLOUR = "#E69F00"


class PaintingTool(Tool):
    """A round brush whose ring shows its true size."""

    value: int
    """What a dab sets pixels to: 1 paints, 0 erases."""

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self.size = NumberOption(
            self.tr("Size"),
            value=_DEFAULT_SIZE_PX,
            minimum=1,
            maximum=_LARGEST_PX,
            unit=self.tr("px"),
            parent=self,
        )
        self.size.changed.connect(canvas.update)
        self.options = (self.size,)
        self._layer: PaintLayer | None = None
        self._region: Region | None = None
        self._last: PointXY | None = None
        """Where the stroke is; None while there is none."""
        self._hover: PointXY | None = None

    def start_region(self, pointer: Pointer) -> tuple[bool, Region | None]:
        """Return whether a stroke can start here and in which region; None for a new one."""
        raise NotImplementedError

    def finish(self, region: Region | None, mask: Mask) -> None:
        """Store the stroke."""
        raise NotImplementedError

    # strokes

    def press(self, pointer: Pointer) -> None:
        if pointer.button is not Qt.MouseButton.LeftButton or not self.editing.can_edit:
            return
        can_start, region = self.start_region(pointer)
        if not can_start:
            return
        if (room := self._room(region)) is None:
            self.editing.noticed.emit(self.tr("Zoom in to paint on an image of this size."))
            return
        self._region = region
        self._prepare_layer(region, room)
        self._last = self._centre(pointer)
        self._paint_to(self._last)

    def move(self, pointer: Pointer) -> None:
        self._move_ring((pointer.x, pointer.y))
        if self._last is not None:
            self._paint_to(self._centre(pointer))

    def release(self, pointer: Pointer) -> None:
        if self._last is None or self._layer is None:
            return
        region, mask = self._region, self._layer.mask()
        self.reset()
        # Undo or another image may have come between press and release.
        if region is None or region == self.editing.selected:
            self.finish(region, mask)

    def reset(self) -> None:
        self._last = None
        self._region = None
        self.canvas.set_painted_into("")
        self.canvas.update()

    def leave(self) -> None:
        self._hover = None
        self.canvas.update()

    def _room(self, region: Region | None) -> Box | None:
        """Return where a stroke can go: the image, or of a large one what is seen; None if far."""
        size = self.editing.image_size
        whole = Box(0, 0, size.width(), size.height())
        if whole.area <= _LARGEST_LAYER_PX:
            return whole
        seen = self.canvas.viewport.rect_to_image(QRectF(self.canvas.rect())).toAlignedRect()
        # As much again on each side: moving on in the middle of a stroke is painting too.
        room = Box(
            seen.left() - seen.width(),
            seen.top() - seen.height(),
            seen.right() + seen.width(),
            seen.bottom() + seen.height(),
        ).clipped(whole.width, whole.height)
        if room is not None and region is not None:
            room = hull(room, region.box)
        return room if room is not None and room.area <= _LARGEST_LAYER_PX else None

    def _prepare_layer(self, region: Region | None, room: Box) -> None:
        size = self.editing.image_size
        if self._layer is None or (self._layer.size, self._layer.room) != (size, room):
            self._layer = PaintLayer(size, room)
        shape = self.canvas.shape(region.id) if region else None
        current = self.editing.current_class
        own = QColor(current.colour if current else _NO_CLASS_COLOUR)
        self._layer.start(region.mask if region else None, shape.colour if shape else own)
        self.canvas.set_painted_into(region.id if region else "")

    def _paint_to(self, centre: PointXY) -> None:
        assert self._layer is not None and self._last is not None
        box = self._layer.dab(self._last, centre, diameter_px=self.size.value, value=self.value)
        self._last = centre
        if box is not None:
            self.canvas.update_box(box)

    def _centre(self, pointer: Pointer) -> PointXY:
        return snapped(pointer.x, pointer.y, self.size.value)

    # size

    def takes_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            return self._last is not None
        return event.key() in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight)

    def key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.reset()
            return
        step = max(1, round(self.size.value * 0.15))
        sign = 1 if event.key() == Qt.Key.Key_BracketRight else -1
        self.size.set_value(self.size.value + sign * step)

    # painting

    def paint(self, painter: QPainter) -> None:
        if self._last is not None and self._layer is not None:
            self._layer.paint(painter, self.canvas.viewport, painter.clipBoundingRect())
        if self._hover is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width_px in ((QColor(0, 0, 0, 160), 3.0), (QColor("white"), 1.2)):
            painter.setPen(QPen(colour, width_px))
            painter.drawEllipse(self._ring(self._hover))
        painter.restore()

    def _ring(self, at: PointXY) -> QRectF:
        centre = self.canvas.viewport.to_widget(*snapped(*at, self.size.value))
        radius = max(1.0, self.size.value / 2 * self.canvas.viewport.scale)
        return QRectF(centre - QPointF(radius, radius), centre + QPointF(radius, radius))

    def _move_ring(self, at: PointXY) -> None:
        before, self._hover = self._hover, at
        for place in (before, at):
            if place is not None:
                self.canvas.update(_with_margin(self._ring(place)))


def _with_margin(rect: QRectF) -> QRect:
    margin = _RING_MARGIN_PX
    return rect.toAlignedRect().adjusted(-margin, -margin, margin, margin)
