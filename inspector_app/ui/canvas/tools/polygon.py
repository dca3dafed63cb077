"""Polygon: click corners around a defect; drag the corners of a finished region."""

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPolygonF

from inspector_app.domain import region_operations as operations
from inspector_app.domain.annotation import Region
from inspector_app.domain.geometry import PointXY
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.outlines import outline_pen, polygon_path, translucent
from inspector_app.ui.canvas.tools.base import Pointer, Tool
from inspector_app.ui.canvas.tools.outline_handles import Corner, OutlineHandles

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_REACH_PX = 8.0
"""On the widget: how near a corner or an edge has to be clicked."""
_UNMOVED_PX = 3.0
"""How far a hand moves between the presses of a double click; Qt allows 5."""
_HANDLE_PX = 3.5
_FEWEST_CORNERS = 3
_NO_CLASS_COLOUR = "#E69F00"
_ENDING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PolygonTool(Tool):
    """Draws outlines corner by corner and edits those of the selected region."""

    name = "polygon"
    icon_name = "polygon"
    shortcut = "P"

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self._corners: list[PointXY] = []
        self._pointer: Pointer | None = None
        self._handles: OutlineHandles | None = None
        self._region: Region | None = None
        """The one that `_handles` belong to, as it was."""
        self._dragged: Corner | None = None
        editing.selection_changed.connect(self._forget_handles)

    def title(self) -> str:
        return self.tr("Polygon")

    def hint(self) -> str:
        if len(self._corners) >= _FEWEST_CORNERS:
            return self.tr(
                "Enter or a click on the first corner closes it, Backspace takes one back."
            )
        if self._corners:
            return self.tr("Click the next corner. Backspace takes one back, Esc all.")
        if self.editing.selected is not None:
            return self.tr(
                "Drag a corner, click an edge for a new one, right-click removes one. "
                "Click elsewhere to start an outline."
            )
        return self.tr("Click the corners of the defect, one after the other.")

    # mouse

    def press(self, pointer: Pointer) -> None:
        if not self.editing.can_edit:
            return
        if pointer.button is Qt.MouseButton.RightButton:
            self._remove_corner(pointer)
            return
        is_left = pointer.button is Qt.MouseButton.LeftButton
        if is_left and (self._corners or not self._grab(pointer)):
            self._add_corner(pointer)

    def move(self, pointer: Pointer) -> None:
        self._pointer = pointer
        if self._dragged is not None and self._handles is not None:
            self._handles.move(self._dragged, pointer.x, pointer.y)
        self.canvas.update()

    def release(self, pointer: Pointer) -> None:
        if self._dragged is not None:
            self._dragged = None
            self._store_handles(self.tr("Move corner"))

    def leave(self) -> None:
        self._pointer = None
        self.canvas.update()

    # keys

    def takes_key(self, event: QKeyEvent) -> bool:
        keys = (*_ENDING_KEYS, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)
        return bool(self._corners) and event.key() in keys

    def key(self, event: QKeyEvent) -> None:
        if event.key() in _ENDING_KEYS:
            self._close()
        elif event.key() == Qt.Key.Key_Backspace:
            self._set_corners(self._corners[:-1])
        else:
            self._set_corners([])

    def reset(self) -> None:
        self._pointer = None
        self._forget_handles()
        self._set_corners([])

    # a new outline

    def _add_corner(self, pointer: Pointer) -> None:
        if len(self._corners) >= _FEWEST_CORNERS and self._is_last(pointer):
            self._close()
            return
        size = self.editing.image_size
        corner = (min(max(pointer.x, 0.0), size.width()), min(max(pointer.y, 0.0), size.height()))
        self._set_corners([*self._corners, corner])

    def _is_last(self, pointer: Pointer) -> bool:
        """Tell whether a click closes the outline: on its first corner, or a double click."""
        if self._way_px(pointer, self._corners[0]) <= _REACH_PX:
            return True
        # Only where the first press of the two has set a corner; single corners may lie close.
        return pointer.is_double and self._way_px(pointer, self._corners[-1]) <= _UNMOVED_PX

    def _close(self) -> None:
        if len(self._corners) < _FEWEST_CORNERS:
            self.editing.noticed.emit(self.tr("An outline needs three corners."))
            return
        size = self.editing.image_size
        outline = np.asarray(self._corners, np.float64)
        mask = operations.filled([outline], height=size.height(), width=size.width())
        self._set_corners([])
        if mask.box is None:
            self.editing.noticed.emit(self.tr("There is no pixel inside that outline."))
        else:
            self.editing.add(self.tr("Add polygon"), mask=mask)

    def _set_corners(self, corners: list[PointXY]) -> None:
        self._corners = corners
        self.hint_changed.emit()
        self.canvas.update()

    # the outline of a finished region

    def _grab(self, pointer: Pointer) -> bool:
        """Take the corner at the pointer, or make one on an edge; tell whether there is one."""
        handles = self._current_handles()
        if handles is None:
            return False
        reach_px = self._reach_px()
        self._dragged = handles.corner_at(pointer.x, pointer.y, reach_px=reach_px)
        if self._dragged is None:
            self._dragged = handles.insert_at(pointer.x, pointer.y, reach_px=reach_px)
        return self._dragged is not None

    def _remove_corner(self, pointer: Pointer) -> None:
        handles = self._current_handles()
        if handles is None or self._corners:
            return
        corner = handles.corner_at(pointer.x, pointer.y, reach_px=self._reach_px())
        if corner is not None:
            handles.remove(corner)
            self._store_handles(self.tr("Remove corner"))

    def _store_handles(self, label: str) -> None:
        region, handles = self._region, self._handles
        self._forget_handles()
        # Undo may have come between press and release.
        if region is not None and handles is not None and region == self.editing.selected:
            self.editing.replace_mask(label, region, handles.mask())

    def _current_handles(self) -> OutlineHandles | None:
        region = self.editing.selected
        if region is None or region.mask is None or not self.editing.can_edit:
            return None
        if self._handles is None or region != self._region:
            self._region, self._handles = region, OutlineHandles(region.mask)
        return self._handles

    def _forget_handles(self) -> None:
        self._handles = None
        self._region = None
        self._dragged = None
        self.canvas.update()

    # painting

    def paint(self, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._corners:
            self._paint_new(painter)
        elif (handles := self._current_handles()) is not None:
            self._paint_handles(painter, handles)
        painter.restore()

    def _paint_new(self, painter: QPainter) -> None:
        current = self.editing.current_class
        colour = QColor(current.colour if current else _NO_CLASS_COLOUR)
        places = [self.canvas.viewport.to_widget(x, y) for x, y in self._corners]
        line = places if self._pointer is None else [*places, self._pointer.position]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(translucent(colour, 0.15))
        painter.drawPolygon(QPolygonF(line))
        for pen in (outline_pen(QColor(0, 0, 0, 130), 3), outline_pen(colour, 1.5)):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(line))
        for number, place in enumerate(places):
            self._paint_handle(painter, place, is_large=number == 0)

    def _paint_handles(self, painter: QPainter, handles: OutlineHandles) -> None:
        viewport = self.canvas.viewport
        if self._dragged is not None:
            painter.save()
            painter.setTransform(viewport.transform, True)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(outline_pen(QColor("white"), 1.5))
            painter.drawPath(polygon_path(handles.outlines))
            painter.restore()
        room = self.canvas.rect()
        for outline in handles.outlines:
            for x, y in outline.tolist():
                place = viewport.to_widget(x, y)
                if room.contains(place.toPoint()):
                    self._paint_handle(painter, place, is_large=False)

    def _paint_handle(self, painter: QPainter, place: QPointF, *, is_large: bool) -> None:
        radius = _HANDLE_PX * (1.6 if is_large else 1.0)
        painter.setPen(outline_pen(QColor(0, 0, 0, 160), 1))
        painter.setBrush(QColor("white"))
        painter.drawEllipse(place, radius, radius)

    def _way_px(self, pointer: Pointer, corner: PointXY) -> float:
        way = self.canvas.viewport.to_widget(*corner) - pointer.position
        return math.hypot(way.x(), way.y())

    def _reach_px(self) -> float:
        return _REACH_PX / self.canvas.viewport.scale
