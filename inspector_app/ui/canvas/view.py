"""The canvas widget: an image that is panned and zoomed with the mouse, and serves one tool."""

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from inspector_app.ui.canvas.image_view import ImageView
from inspector_app.ui.canvas.picture import Paintable
from inspector_app.ui.canvas.tools.base import Pointer, Tool

_WHEEL_PER_DOUBLING = 480.0
"""Eighths of a degree: four notches of a usual wheel double the scale."""


class Canvas(ImageView):
    """Shows one image; without a tool it is read-only and a drag pans."""

    cursor_moved = Signal(int, int)
    """The image pixel under the cursor."""
    cursor_left = Signal()
    shape_clicked = Signal(str)
    """Region id, empty beside all regions; only without a tool."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool: Tool | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._pan_position = QPointF()
        self._tool_button = Qt.MouseButton.NoButton
        self._is_space_held = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Right click belongs to the tool; a menu must never come with it.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def set_picture(self, picture: Paintable | None) -> None:
        """Show another image; what was under way on the last one is dropped."""
        super().set_picture(picture)
        self.cancel_gesture()

    # the tool

    def set_tool(self, tool: Tool | None) -> None:
        """Hand mouse and keys to a tool, or make the canvas read-only."""
        if tool is self._tool:
            return
        self.cancel_gesture()
        self._tool = tool
        self._hovered = None
        self._show_cursor()
        self.update()

    def cancel_gesture(self) -> None:
        """Drop what the mouse or the tool has under way."""
        self._pan_button = self._tool_button = Qt.MouseButton.NoButton
        if self._tool is not None:
            self._tool.reset()

    @property
    def tool(self) -> Tool | None:
        return self._tool

    def paint_on_top(self, painter: QPainter) -> None:
        if self._tool is not None:
            self._tool.paint(painter)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.has_image:
            return
        if self._is_pan(event.button()):
            self._pan_button = event.button()
            self._pan_position = event.position()
            self._show_cursor()
        elif self._tool is not None and self._tool_button is Qt.MouseButton.NoButton:
            self._tool_button = event.button()
            self._tool.press(self._pointer(event))
        if self._tool is None and event.button() is Qt.MouseButton.LeftButton:
            shape = self.shape_at(*self.viewport.to_image(event.position()))
            self.shape_clicked.emit(shape.region.id if shape else "")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.has_image:
            return
        self._tell_cursor(event.position())
        if self._pan_button is not Qt.MouseButton.NoButton:
            step = event.position() - self._pan_position
            self._pan_position = event.position()
            self._navigator.move_by(step)
            return
        self._hover(event.position())
        if self._tool is not None:
            self._tool.move(self._pointer(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is self._pan_button:
            self._pan_button = Qt.MouseButton.NoButton
            self._show_cursor()
        elif event.button() is self._tool_button and self._tool is not None:
            self._tool_button = Qt.MouseButton.NoButton
            self._tool.release(self._pointer(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # A quick second click is a click like any other: points may lie close together.
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        travel = event.angleDelta().y() or event.angleDelta().x()
        if travel and self.has_image:
            self._navigator.zoom_by(2 ** (travel / _WHEEL_PER_DOUBLING), event.position())
            self._tell_cursor(event.position())
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        # Keys go where the mouse is, but never away from someone who is typing.
        if not isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)
        if self._tool is not None:
            self._tool.leave()
        self.cursor_left.emit()
        super().leaveEvent(event)

    def _is_pan(self, button: Qt.MouseButton) -> bool:
        if button is Qt.MouseButton.LeftButton:
            return self._is_space_held or self._tool is None
        return button is Qt.MouseButton.MiddleButton

    def _pointer(self, event: QMouseEvent) -> Pointer:
        x, y = self.viewport.to_image(event.position())
        is_double = event.type() is QEvent.Type.MouseButtonDblClick
        return Pointer(x, y, event.position(), event.button(), event.modifiers(), is_double)

    def _tell_cursor(self, position: QPointF) -> None:
        x, y = self.viewport.to_image(position)
        if 0 <= x < self.image_size.width() and 0 <= y < self.image_size.height():
            self.cursor_moved.emit(math.floor(x), math.floor(y))
        else:
            self.cursor_left.emit()

    def _hover(self, position: QPointF) -> None:
        is_wanted = self._tool is None or self._tool.meets_regions
        shape = self.shape_at(*self.viewport.to_image(position)) if is_wanted else None
        self._set_hovered(shape)

    def _show_cursor(self) -> None:
        if self._pan_button is not Qt.MouseButton.NoButton:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._is_space_held:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(self._tool.cursor if self._tool else Qt.CursorShape.ArrowCursor)

    # keys

    def event(self, event: QEvent) -> bool:
        # A tool with something under way takes keys that are shortcuts otherwise (1–3, Esc, …).
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            event.setAccepted(event.key() == Qt.Key.Key_Space or self._tool_takes(event))
            return True
        return super().event(event)

    def _tool_takes(self, event: QKeyEvent) -> bool:
        return self._tool is not None and self.has_image and self._tool.takes_key(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._is_space_held = True
            self._show_cursor()
        elif self._tool is not None and self._tool_takes(event):
            self._tool.key(event)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._is_space_held = False
            self._show_cursor()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._is_space_held = False
        self._show_cursor()
        super().focusOutEvent(event)
