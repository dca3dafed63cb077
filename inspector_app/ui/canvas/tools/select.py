"""Select: click a region; drag or arrow keys move it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication

from inspector_app.ui.canvas.shapes import RegionDisplay, paint_selected
from inspector_app.ui.canvas.tools.base import Pointer, Tool

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class SelectTool(Tool):
    """Picks the topmost region under the mouse; moves, nudges."""

    name = "select"
    icon_name = "select"
    shortcut = "V"
    cursor = Qt.CursorShape.ArrowCursor
    edits = False
    meets_regions = True

    _pressed_at: Pointer | None = None
    _shift = (0, 0)
    _is_dragging = False

    def title(self) -> str:
        return self.tr("Select")

    def hint(self) -> str:
        if self.editing.selected is None:
            return self.tr("Click a region to select it.")
        if not self.editing.can_edit:
            return self.tr("Selected. Nothing can be changed here.")
        return self.tr(
            "Drag or use the arrow keys to move it. 1–9 change its class, Del removes it, "
            "Ctrl+click selects more."
        )

    def press(self, pointer: Pointer) -> None:
        if pointer.button is not Qt.MouseButton.LeftButton:
            return
        shape = self.canvas.shape_at(pointer.x, pointer.y)
        if pointer.has_ctrl:
            if shape is not None:
                self.editing.toggle(shape.region.id)
            return
        self.editing.select(shape.region.id if shape else "")
        self._pressed_at = pointer if shape and self.editing.can_edit else None

    def move(self, pointer: Pointer) -> None:
        if self._pressed_at is None or (region := self.editing.selected) is None:
            return
        way = pointer.position - self._pressed_at.position
        if not self._is_dragging and way.manhattanLength() < QApplication.startDragDistance():
            return
        self._is_dragging = True
        dx, dy = pointer.x - self._pressed_at.x, pointer.y - self._pressed_at.y
        self._shift = self.editing.possible_shift(region, round(dx), round(dy))
        self.canvas.set_painted_into(region.id)
        self.canvas.update()

    def release(self, pointer: Pointer) -> None:
        shift = self._shift
        self.reset()
        if shift != (0, 0):
            self.editing.move_selected(*shift)

    def takes_key(self, event: QKeyEvent) -> bool:
        if self._is_dragging and event.key() == Qt.Key.Key_Escape:
            return True
        is_plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        return event.key() in _STEPS and is_plain and self.editing.selected is not None

    def key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.reset()
        else:
            self.editing.move_selected(*_STEPS[Qt.Key(event.key())])

    def reset(self) -> None:
        self._pressed_at = None
        self._shift = (0, 0)
        self._is_dragging = False
        self.canvas.set_painted_into("")

    def paint(self, painter: QPainter) -> None:
        region = self.editing.selected
        if not self._is_dragging or region is None:
            return
        if (shape := self.canvas.shape(region.id)) is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(self.canvas.viewport.transform, True)
        painter.translate(*self._shift)
        paint_selected(painter, shape.outline, shape.colour, RegionDisplay.FULL)
        painter.restore()
