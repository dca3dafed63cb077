"""Regions as painter paths: made once per mask, drawn and hit many times."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask, Polygon
from inspector_app.ui.canvas.viewport import Viewport

FILL_ALPHA_01 = 0.25
OUTLINE_PX = 2
_UNKNOWN_CLASS_COLOUR = "#999999"
_CACHED_PATHS = 4096
_TINY_ON_SCREEN_PX = 8.0
_REACH_PX = 4.0


class RegionDisplay(Enum):
    """How much of the regions is shown."""

    FULL = "full"
    OUTLINE = "outline"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Shape:
    """A region ready to be painted, in image coordinates."""

    region: Region
    path: QPainterPath
    colour: QColor
    class_name: str


def polygon_path(polygons: Sequence[Polygon]) -> QPainterPath:
    """Return closed outlines; filled, holes stay open (even-odd)."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for polygon in polygons:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in polygon.tolist()]))
        path.closeSubpath()
    return path


def mask_path(mask: Mask) -> QPainterPath:
    """Return the outlines of a mask along its pixels' edges."""
    return polygon_path(mask.to_polygons())


def box_path(box: Box) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(box.left, box.top, box.width, box.height))
    return path


def outline_pen(colour: QColor, width_px: float = OUTLINE_PX) -> QPen:
    """Return a pen of the same width at every zoom."""
    pen = QPen(colour, width_px)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def translucent(colour: QColor, alpha_01: float = FILL_ALPHA_01) -> QColor:
    result = QColor(colour)
    result.setAlphaF(alpha_01)
    return result


class Shapes:
    """The shapes of one document, bottom first."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        # Outlining costs a millisecond a mask; going back to an image must not repeat it.
        self._mask_path = lru_cache(maxsize=_CACHED_PATHS)(mask_path)

    def set_document(self, document: Document | None, classes: Sequence[DefectClass]) -> list[Box]:
        """Take over regions and classes; return the boxes in which something looks different."""
        before = self._shapes
        by_id = {defect_class.id: defect_class for defect_class in classes}
        regions = document.regions if document else ()
        self._shapes = {region.id: self._shape(region, by_id, before) for region in regions}
        return _changes(before, self._shapes)

    def _shape(
        self, region: Region, classes: dict[int, DefectClass], before: dict[str, Shape]
    ) -> Shape:
        defect_class = classes.get(region.class_id)
        colour = defect_class.colour if defect_class else _UNKNOWN_CLASS_COLOUR
        name = defect_class.name if defect_class else ""
        old = before.get(region.id)
        if old and old.region == region and old.class_name == name and old.colour.name() == colour:
            return old
        path = self._mask_path(region.mask) if region.mask else box_path(region.box)
        return Shape(region, path, QColor(colour), name)

    def get(self, region_id: str) -> Shape | None:
        return self._shapes.get(region_id)

    def topmost_at(self, x: float, y: float, scale: float) -> Shape | None:
        """Return the uppermost shape with a pixel at the point, else a tiny one close by."""
        point = QPointF(x, y)
        reversed_shapes = list(reversed(self._shapes.values()))
        for shape in reversed_shapes:
            if shape.region.box.contains(x, y) and shape.path.contains(point):
                return shape
        reach = _REACH_PX / scale
        for shape in reversed_shapes:
            box = shape.region.box
            is_tiny = max(box.width, box.height) * scale <= _TINY_ON_SCREEN_PX
            if is_tiny and _is_near(box, x, y, reach):
                return shape
        return None

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
            box = shape.region.box
            if shape.region.id in hidden_ids:
                continue
            if visible.intersects(QRectF(box.left, box.top, box.width, box.height)):
                paint_shape(painter, shape.path, shape.colour, display)
        painter.restore()


def paint_shape(
    painter: QPainter, path: QPainterPath, colour: QColor, display: RegionDisplay
) -> None:
    """Paint fill and outline; the painter is in image coordinates."""
    painter.setPen(outline_pen(colour))
    is_filled = display is RegionDisplay.FULL
    painter.setBrush(translucent(colour) if is_filled else Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def paint_selected(
    painter: QPainter, path: QPainterPath, colour: QColor, display: RegionDisplay
) -> None:
    """Paint a selected shape: white, on a dark rim that keeps it visible on white parts."""
    if display is RegionDisplay.FULL:
        painter.fillPath(path, translucent(colour))
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
