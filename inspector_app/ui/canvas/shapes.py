"""The regions of a document, ready to be painted and hit: nothing is rebuilt on a mouse move."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.heavy_outlines import Look, paint_heavy
from inspector_app.ui.canvas.outlines import (
    OUTLINE_PX,
    Outline,
    box_rect,
    outline_pen,
    translucent,
)
from inspector_app.ui.canvas.viewport import Viewport

FILL_ALPHA_01 = 0.25
UNKNOWN_CLASS_COLOUR = "#999999"
_CACHED_OUTLINES = 2048
_TINY_ON_SCREEN_PX = 8.0
_SMALL_ON_SCREEN_PX = 160.0
_REACH_PX = 4.0


class RegionDisplay(Enum):
    """How much of the regions is shown."""

    FULL = "full"
    OUTLINE = "outline"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Shape:
    """A region with its look."""

    region: Region
    outline: Outline
    colour: QColor
    class_name: str

    def holds(self, x: float, y: float) -> bool:
        """Tell whether the pixel at an image position belongs to it; holes do not."""
        if not self.region.box.contains(x, y):
            return False
        return self.outline.holds(x, y)


class Shapes:
    """The shapes of one document, bottom first."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        self._small: tuple[Viewport, list[QRectF]] | None = None
        self._outlines: OrderedDict[Mask | Box, Outline] = OrderedDict()
        """Those used last: going back to an image must not trace the same masks again."""

    def set_document(self, document: Document | None, classes: Sequence[DefectClass]) -> list[Box]:
        """Take over regions and classes; return the boxes in which something looks different."""
        before = self._shapes
        by_id = {defect_class.id: defect_class for defect_class in classes}
        regions = document.regions if document else ()
        self._shapes = {region.id: self._shape(region, by_id, before) for region in regions}
        self._small = None
        return _changes(before, self._shapes)

    def _shape(
        self, region: Region, classes: dict[int, DefectClass], before: dict[str, Shape]
    ) -> Shape:
        defect_class = classes.get(region.class_id)
        colour = QColor(defect_class.colour if defect_class else UNKNOWN_CLASS_COLOUR)
        name = defect_class.name if defect_class else ""
        old = before.get(region.id)
        if old and (old.region, old.class_name, old.colour) == (region, name, colour):
            return old
        return Shape(region, self._outline(region.mask or region.box), colour, name)

    def keep_outline(self, shape: Mask | Box, outline: Outline) -> None:
        """Take over an outline that was traced elsewhere."""
        self._outlines[shape] = outline
        self._outlines.move_to_end(shape)
        if len(self._outlines) > _CACHED_OUTLINES:
            self._outlines.popitem(last=False)

    def _outline(self, shape: Mask | Box) -> Outline:
        outline = self._outlines.get(shape) or Outline(shape)
        self.keep_outline(shape, outline)
        return outline

    def get(self, region_id: str) -> Shape | None:
        return self._shapes.get(region_id)

    def topmost_at(self, x: float, y: float, scale: float) -> Shape | None:
        """Return the uppermost shape with a pixel at the point, else a tiny one close by."""
        top_first = list(reversed(self._shapes.values()))
        for shape in top_first:
            if shape.holds(x, y):
                return shape
        reach = _REACH_PX / scale
        for shape in top_first:
            box = shape.region.box
            is_tiny = max(box.width, box.height) * scale <= _TINY_ON_SCREEN_PX
            if is_tiny and _is_near(box, x, y, reach):
                return shape
        return None

    def small_boxes(self, viewport: Viewport) -> list[QRectF]:
        """Return, on the widget, the boxes of the shapes that a tag could hide.

        Kept for the viewport: a brush asks for every dab, and with 300 regions that shows.
        """
        if self._small is None or self._small[0] != viewport:
            self._small = (viewport, self._find_small_boxes(viewport))
        return self._small[1]

    def _find_small_boxes(self, viewport: Viewport) -> list[QRectF]:
        boxes = [shape.region.box for shape in self._shapes.values()]
        longest = _SMALL_ON_SCREEN_PX / viewport.scale
        return [
            viewport.box_to_widget(box) for box in boxes if max(box.width, box.height) <= longest
        ]

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        exposed: QRectF,
        display: RegionDisplay,
        *,
        hidden_ids: frozenset[str],
    ) -> None:
        """Paint the shapes that reach into `exposed` (widget coordinates)."""
        if display is RegionDisplay.HIDDEN:
            return
        margin = OUTLINE_PX / viewport.scale
        visible = viewport.rect_to_image(exposed).adjusted(-margin, -margin, margin, margin)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(viewport.transform, True)
        for shape in self._shapes.values():
            is_hidden = shape.region.id in hidden_ids
            if not is_hidden and visible.intersects(box_rect(shape.region.box)):
                _paint_shape(painter, shape, viewport.scale, display)
        painter.restore()


def _paint_shape(painter: QPainter, shape: Shape, scale: float, display: RegionDisplay) -> None:
    is_filled = display is RegionDisplay.FULL and not shape.region.is_ignored
    fill = translucent(shape.colour, FILL_ALPHA_01)
    if (mask := shape.outline.heavy) is not None:
        paint_heavy(painter, mask, Look(fill if is_filled else None, shape.colour))
        return
    painter.setBrush(fill if is_filled else Qt.BrushStyle.NoBrush)
    pen = outline_pen(shape.colour)
    if shape.region.is_ignored:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawPath(shape.outline.at_scale(scale))


def paint_selected(
    painter: QPainter, outline: Outline, colour: QColor, display: RegionDisplay
) -> None:
    """Paint a selected shape: white, on a dark rim that keeps it visible on white parts.

    The painter is in image coordinates.
    """
    fill = translucent(colour, FILL_ALPHA_01) if display is RegionDisplay.FULL else None
    if (mask := outline.heavy) is not None:
        paint_heavy(painter, mask, Look(fill, QColor("white"), QColor(0, 0, 0, 150)))
        return
    path = outline.at_scale(painter.worldTransform().m11())
    if fill is not None:
        painter.fillPath(path, fill)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(outline_pen(QColor(0, 0, 0, 150), OUTLINE_PX + 2))
    painter.drawPath(path)
    painter.setPen(outline_pen(QColor("white")))
    painter.drawPath(path)


def _changes(before: dict[str, Shape], after: dict[str, Shape]) -> list[Box]:
    boxes: list[Box] = []
    for region_id in before.keys() | after.keys():
        old, new = before.get(region_id), after.get(region_id)
        if old is not new:
            boxes += [shape.region.box for shape in (old, new) if shape is not None]
    return boxes


def _is_near(box: Box, x: float, y: float, reach: float) -> bool:
    return box.left - reach <= x < box.right + reach and box.top - reach <= y < box.bottom + reach
