"""Cut: draw a line across a region to make two of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPolygonF

from inspector_app.domain import region_operations as operations
from inspector_app.domain.annotation import Region
from inspector_app.domain.geometry import PointXY
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.outlines import outline_pen
from inspector_app.ui.canvas.region_work import RegionWork
from inspector_app.ui.canvas.tools.base import Pointer, Tool

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas


class CutTool(Tool):
    """Cuts the region that the line begins in or crosses, the selected one first."""

    name = "cut"
    icon_name = "cut"
    shortcut = "X"
    meets_regions = True

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self._work = RegionWork(editing, self)
        self._line: list[PointXY] = []

    def title(self) -> str:
        return self.tr("Cut region")

    def hint(self) -> str:
        return self.tr("Draw a line right across a region to cut it in two.")

    def press(self, pointer: Pointer) -> None:
        if pointer.button is Qt.MouseButton.LeftButton and self.editing.can_edit:
            self._line = [(pointer.x, pointer.y)]

    def move(self, pointer: Pointer) -> None:
        if self._line:
            self._line.append((pointer.x, pointer.y))
            self.canvas.update()

    def release(self, pointer: Pointer) -> None:
        line = self._line
        self.reset()
        if len(line) < 2:
            return
        region = self.editing.selected or self._region_on(line)
        if region is None:
            self.editing.noticed.emit(self.tr("There is no region under that line."))
        elif self.editing.is_paintable(region):
            assert region.mask is not None
            parts = operations.split(region.mask, line)
            self._work.replace_by(self.tr("Cut region"), region, parts)

    def takes_key(self, event: QKeyEvent) -> bool:
        return bool(self._line) and event.key() == Qt.Key.Key_Escape

    def key(self, event: QKeyEvent) -> None:
        self.reset()

    def reset(self) -> None:
        self._line = []
        self.canvas.update()

    def paint(self, painter: QPainter) -> None:
        if len(self._line) < 2:
            return
        places = QPolygonF([self.canvas.viewport.to_widget(x, y) for x, y in self._line])
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width_px in ((QColor(0, 0, 0, 160), 4.0), (QColor("white"), 1.5)):
            painter.setPen(outline_pen(colour, width_px))
            painter.drawPolyline(places)
        painter.restore()

    def _region_on(self, line: list[PointXY]) -> Region | None:
        for x, y in line:
            if (shape := self.canvas.shape_at(x, y)) is not None:
                return shape.region
        return None
