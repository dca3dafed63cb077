"""Box: drag a rectangle around a defect."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication

from inspector_app.domain.geometry import Box
from inspector_app.ui.canvas.outlines import outline_pen, translucent
from inspector_app.ui.canvas.tools.base import Pointer, Tool

_NO_CLASS_COLOUR = "#E69F00"


def dragged_box(first: Pointer, second: Pointer, width_px: int, height_px: int) -> Box | None:
    """Return the whole pixels between two corners that lie inside the image."""
    return Box.around((first.x, first.y), (second.x, second.y)).clipped(width_px, height_px)


def is_drag(first: Pointer, second: Pointer) -> bool:
    """Tell a drag from a click with an unsteady hand."""
    way = second.position - first.position
    return way.manhattanLength() >= QApplication.startDragDistance()


class BoxTool(Tool):
    """Makes regions that are a box only."""

    name = "box"
    icon_name = "box"
    shortcut = "B"

    _start: Pointer | None = None
    _box: Box | None = None

    def title(self) -> str:
        return self.tr("Box")

    def hint(self) -> str:
        return self.tr("Drag a box around the defect.")

    def press(self, pointer: Pointer) -> None:
        if pointer.button is Qt.MouseButton.LeftButton and self.editing.can_edit:
            self._start = pointer

    def move(self, pointer: Pointer) -> None:
        if self._start is None:
            return
        size = self.editing.image_size
        before = self._box
        self._box = dragged_box(self._start, pointer, size.width(), size.height())
        for box in (before, self._box):
            if box is not None:
                self.canvas.update_box(box)

    def release(self, pointer: Pointer) -> None:
        start, box = self._start, self._box
        self.reset()
        if start is not None and box is not None and is_drag(start, pointer):
            self.editing.add(self.tr("Add box"), box=box)

    def takes_key(self, event: QKeyEvent) -> bool:
        return self._start is not None and event.key() == Qt.Key.Key_Escape

    def key(self, event: QKeyEvent) -> None:
        self.reset()

    def reset(self) -> None:
        self._start = None
        self._box = None
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        if self._box is None:
            return
        current = self.editing.current_class
        colour = QColor(current.colour if current else _NO_CLASS_COLOUR)
        paint_box(painter, self.canvas.viewport.box_to_widget(self._box), colour)


def paint_box(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """Paint a box that is being dragged, in widget coordinates."""
    painter.save()
    painter.setBrush(translucent(colour, 0.12))
    painter.setPen(outline_pen(QColor(0, 0, 0, 130), 3))
    painter.drawRect(rect)
    pen = outline_pen(colour, 1.5)
    pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawRect(rect)
    painter.restore()
