"""The canvas widget: shows an image with regions and overlays, zooms, pans, and serves one tool."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.document import Document
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask, Polygon
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.backdrop import Backdrop, rect_with_margin
from inspector_app.ui.canvas.marks import Marks
from inspector_app.ui.canvas.navigator import Navigator
from inspector_app.ui.canvas.outlines import Outline
from inspector_app.ui.canvas.picture import OnRead, Paintable, Picture
from inspector_app.ui.canvas.shapes import RegionDisplay, Shape
from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.viewport import Viewport

_WHEEL_PER_DOUBLING = 480.0
"""Eighths of a degree: four notches of a usual wheel double the scale."""
_ZOOM_STEP = 2**0.5


class Canvas(QWidget):
    """Shows one image; without a tool it is read-only and a drag pans."""

    cursor_moved = Signal(int, int)
    """The image pixel under the cursor."""
    cursor_left = Signal()
    view_changed = Signal()
    """Another part of the image is shown, or the same at another size."""
    zoom_changed = Signal(int)
    """Percent; 100 is one image pixel on one pixel of the screen."""
    shape_clicked = Signal(str)
    """Region id, empty beside all regions; only without a tool."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backdrop = Backdrop()
        self._marks = Marks()
        self._navigator = Navigator(self)
        self._navigator.changed.connect(self.update)
        self._navigator.changed.connect(self.view_changed)
        self._navigator.zoom_changed.connect(self.zoom_changed)
        self._tool: Tool | None = None
        self._placeholder = ""
        self._selected_id = ""
        self._companion_ids: tuple[str, ...] = ()
        self._painted_into_id = ""
        self._hovered: Shape | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._pan_position = QPointF()
        self._tool_button = Qt.MouseButton.NoButton
        self._is_space_held = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # Right click belongs to the tool; a menu must never come with it.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setMinimumSize(160, 120)

    # what is shown

    def set_image(self, image: QImage | None) -> None:
        """Show an image; one of the same size as the last keeps zoom and place."""
        self.set_picture(None if image is None or image.isNull() else Picture(image))

    def set_picture(self, picture: Paintable | None) -> None:
        """Likewise for an image that is read in parts."""
        self._backdrop.picture = picture
        self._backdrop.windowed = None
        self.cancel_gesture()
        self._hovered = None
        if self._backdrop.picture is not None:
            self._placeholder = ""
            self._navigator.set_image_size(self.image_size)
        self._refresh()

    def set_windowed(self, image: QImage | None) -> None:
        """Paint another view of the same image, None for the image itself; its pixels stay."""
        self._backdrop.windowed = None if image is None else Picture(image)
        self._refresh()

    def repaint_box(self, box: Box) -> None:
        """Paint a part of the image anew, because more of it is known now."""
        self._backdrop.invalidate_box(box)
        self.update_box(box)

    def repaint_all(self) -> None:
        """Paint everything anew, because the image is seen in another way."""
        self._refresh()

    def set_placeholder(self, text: str) -> None:
        """Say something instead of an image, for example why it cannot be shown."""
        self._placeholder = text
        self.set_image(None)

    def set_overlay(self, overlay: QImage | None, opacity_01: float = 1.0) -> None:
        """Lay a picture, stretched over the whole image, on top of it."""
        self._backdrop.overlay = overlay
        self._backdrop.overlay_opacity_01 = opacity_01
        self._refresh()

    @property
    def overlay(self) -> QImage | None:
        return self._backdrop.overlay

    def set_overlay_opacity(self, opacity_01: float) -> None:
        self._backdrop.overlay_opacity_01 = opacity_01
        self._refresh()

    def set_contours(self, polygons: Sequence[Polygon]) -> None:
        """Draw outlines, vertices in image pixels."""
        self._backdrop.set_contours(polygons)
        self._refresh()

    def set_regions(self, document: Document | None, classes: Sequence[DefectClass]) -> None:
        """Show the regions of a document in the colours of their classes."""
        boxes = self._backdrop.shapes.set_document(document, classes)
        for box in boxes:
            self._backdrop.invalidate_box(box)
        if boxes:
            self._hovered = None
            self.update()

    def keep_outline(self, mask: Mask, outline: Outline) -> None:
        """Take over the outline of a mask that may become a region, so as not to trace it."""
        self._backdrop.shapes.keep_outline(mask, outline)

    def set_display(self, display: RegionDisplay) -> None:
        self._backdrop.display = display
        self._refresh()

    def set_adjustment(self, adjustment: Adjustment) -> None:
        """Brighten or stretch the view of the image."""
        self._backdrop.adjustment = adjustment
        self._refresh()

    @property
    def adjustment(self) -> Adjustment:
        return self._backdrop.adjustment

    def set_selected(self, region_id: str) -> None:
        """Show a region as selected; none if empty."""
        self._mark(selected=region_id, painted_into=self._painted_into_id)

    def set_companions(self, region_ids: tuple[str, ...]) -> None:
        """Show regions as selected besides the selected one."""
        self._companion_ids = region_ids
        self.update()

    def set_painted_into(self, region_id: str) -> None:
        """Leave out a region that a tool draws itself; none if empty."""
        self._mark(selected=self._selected_id, painted_into=region_id)

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

    @property
    def has_image(self) -> bool:
        return self._backdrop.picture is not None

    @property
    def image_size(self) -> QSize:
        return self._backdrop.picture.size if self._backdrop.picture else QSize(0, 0)

    def pixels(self, box: Box) -> NDArray[np.uint8] | None:
        """Return the image's own RGB pixels in a box inside it; None without an image."""
        return self._backdrop.picture.pixels(box) if self._backdrop.picture else None

    def read_pixels(self, box: Box, on_read: OnRead) -> None:
        """Likewise, handed over: of an image that is read in parts, as soon as they are read."""
        if self._backdrop.picture is not None:
            self._backdrop.picture.read(box, on_read)

    @property
    def placeholder(self) -> str:
        return self._placeholder

    @property
    def display(self) -> RegionDisplay:
        return self._backdrop.display

    def shape(self, region_id: str) -> Shape | None:
        return self._backdrop.shapes.get(region_id)

    def shape_at(self, x: float, y: float) -> Shape | None:
        """Return the uppermost region at an image position; a hidden one cannot be met."""
        if self._backdrop.display is RegionDisplay.HIDDEN:
            return None
        return self._backdrop.shapes.topmost_at(x, y, self.viewport.scale)

    # zoom and place

    @property
    def viewport(self) -> Viewport:
        return self._navigator.viewport

    @property
    def zoom_percent(self) -> int:
        return self._navigator.percent

    def fit(self) -> None:
        """Show the whole image, also after the next resize."""
        self._navigator.fit()

    def zoom_to(self, percent: float) -> None:
        if self.has_image:
            self._navigator.zoom_to(percent)

    def zoom_in(self) -> None:
        if self.has_image:
            self._navigator.zoom_by(_ZOOM_STEP)

    def zoom_out(self) -> None:
        if self.has_image:
            self._navigator.zoom_by(1 / _ZOOM_STEP)

    def show_box(self, box: Box) -> None:
        """Bring a box into view if it is not, without changing the zoom."""
        if self.has_image:
            self._navigator.show_box(box)

    def update_box(self, box: Box) -> None:
        """Repaint what a tool draws on a box of the image."""
        self.update(rect_with_margin(self.viewport, box))

    def _mark(self, *, selected: str, painted_into: str) -> None:
        if (selected, painted_into) == (self._selected_id, self._painted_into_id):
            return
        before = self._backdrop.hidden_ids
        self._selected_id, self._painted_into_id = selected, painted_into
        self._backdrop.hidden_ids = frozenset({selected, painted_into} - {""})
        for region_id in before ^ self._backdrop.hidden_ids:
            if (shape := self.shape(region_id)) is not None:
                self._backdrop.invalidate_box(shape.region.box)
        self.update()

    def _refresh(self) -> None:
        self._backdrop.invalidate()
        self.update()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # So that whoever paints can ask what is to be painted.
        painter.setClipRect(event.rect())
        self._backdrop.paint(painter, self, self.viewport, event.rect())
        if not self.has_image:
            self._paint_placeholder(painter)
            return
        if self._backdrop.display is not RegionDisplay.HIDDEN:
            self._paint_marks(painter)
        if self._tool is not None:
            self._tool.paint(painter)

    def _paint_placeholder(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(32, 32, -32, -32), flags, self._placeholder)

    def _paint_marks(self, painter: QPainter) -> None:
        hidden = self._painted_into_id
        selected = self.shape(self._selected_id) if self._selected_id != hidden else None
        hovered = self._hovered
        if hovered is not None and hovered.region.id in (self._selected_id, hidden):
            hovered = None
        companions = [self.shape(name) for name in self._companion_ids if name != hidden]
        is_complete = self._marks.paint(
            painter,
            self.viewport,
            QRectF(self.rect()),
            selected=selected,
            companions=[shape for shape in companions if shape is not None],
            hovered=hovered,
            display=self._backdrop.display,
            small_boxes=self._backdrop.shapes.small_boxes(self.viewport),
        )
        if not is_complete:
            QTimer.singleShot(0, self, self.update)

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

    def _set_hovered(self, shape: Shape | None) -> None:
        if shape is not self._hovered:
            self._hovered = shape
            self.update()

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._navigator.follow_resize()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(800, 600)
