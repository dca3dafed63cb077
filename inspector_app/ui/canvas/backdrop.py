"""What changes rarely, kept as pixels: photo, heatmap, contours and the regions at rest."""

import functools
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPalette, QPen, QRegion
from PySide6.QtWidgets import QWidget

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Polygon
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.outlines import OUTLINE_PX, outline_pen, polygon_path
from inspector_app.ui.canvas.picture import Paintable, Picture
from inspector_app.ui.canvas.shapes import RegionDisplay, Shapes
from inspector_app.ui.canvas.viewport import Viewport

MARGIN_PX = 4
"""Outlines reach this far beyond their box on the screen."""
_MOST_RECTS = 12
_BOXES_AT_ONCE = 2 * _MOST_RECTS
"""So many parts of the image are painted again in 10 ms, even where each holds a region."""
_GRID_FROM_SCALE = 16.0
_GRID_COLOUR = QColor(128, 128, 128, 90)


class Backdrop:
    """The layers of a canvas below everything that follows the mouse.

    They are painted once into an image of the widget's size. What was invalidated
    is painted again; after panning, only the strips that came into view are.
    """

    def __init__(self) -> None:
        self.picture: Paintable | None = None
        self.windowed: Picture | None = None
        """What is painted in place of the picture: the same through another window."""
        self.adjustment = Adjustment()
        self.overlay: QImage | None = None
        self.overlay_opacity_01 = 1.0
        self.contours = QPainterPath()
        self.shapes = Shapes()
        self.display = RegionDisplay.FULL
        self.hidden_ids: frozenset[str] = frozenset()
        """Regions that are drawn elsewhere: selected, or being painted into."""
        self._pixels = QImage()
        self._viewport = Viewport()
        """The one that the pixels show."""
        self._stale_boxes: list[Box] = []
        self._is_all_stale = True

    def set_contours(self, polygons: Sequence[Polygon]) -> None:
        self.contours = polygon_path(polygons)
        self.invalidate()

    def invalidate(self) -> None:
        """Have everything painted again."""
        self._is_all_stale = True

    def invalidate_box(self, box: Box) -> None:
        """Have a part of the image painted again."""
        self._stale_boxes.append(box)

    def paint(self, painter: QPainter, widget: QWidget, viewport: Viewport, exposed: QRect) -> bool:
        """Paint the exposed part of the widget; tell whether it is up to date, else paint again.

        A hundred regions that come or go at once would hold the window up.
        """
        ratio = widget.devicePixelRatioF()
        self._fit_pixels(widget.size(), ratio)
        ground = widget.palette().color(QPalette.ColorRole.Mid)
        for stale in self._take_stale(viewport, widget.rect()):
            self._repaint(stale.intersected(widget.rect()), viewport, ground)
        source = QRectF(
            exposed.x() * ratio,
            exposed.y() * ratio,
            exposed.width() * ratio,
            exposed.height() * ratio,
        )
        painter.drawImage(QRectF(exposed), self._pixels, source)
        return not self._stale_boxes

    def _fit_pixels(self, size: QSize, ratio: float) -> None:
        device_size = (QSize(size) * ratio).expandedTo(QSize(1, 1))
        if self._pixels.size() != device_size or self._pixels.devicePixelRatio() != ratio:
            self._pixels = QImage(device_size, QImage.Format.Format_RGB32)
            self._pixels.setDevicePixelRatio(ratio)
            self.invalidate()

    def _take_stale(self, viewport: Viewport, room: QRect) -> list[QRegion]:
        """Return what must be painted again now, part by part, in widget coordinates."""
        exposed = self._follow(viewport, room)
        if exposed is None or self._is_all_stale:
            self._is_all_stale = False
            self._stale_boxes = []
            return [QRegion(room)]
        some, self._stale_boxes = (
            self._stale_boxes[:_BOXES_AT_ONCE],
            self._stale_boxes[_BOXES_AT_ONCE:],
        )
        parts = [QRegion(rect_with_margin(viewport, box)) for box in some]
        if len(parts) > _MOST_RECTS:
            # As one region they would be painted with all that lies between them.
            return [exposed, *parts]
        return [functools.reduce(QRegion.united, parts, exposed)]

    def _follow(self, viewport: Viewport, room: QRect) -> QRegion | None:
        """Shift the pixels to another viewport; return what came into view, None if all did."""
        before, self._viewport = self._viewport, viewport
        if viewport == before:
            return QRegion()
        ratio = self._pixels.devicePixelRatio()
        shift_x, shift_y = viewport.left - before.left, viewport.top - before.top
        step = QPoint(round(shift_x), round(shift_y))
        is_whole = abs(step.x() - shift_x) < 1e-6 and abs(step.y() - shift_y) < 1e-6
        if viewport.scale != before.scale or not is_whole or ratio != round(ratio):
            return None
        shifted = QImage(self._pixels.size(), self._pixels.format())
        shifted.setDevicePixelRatio(ratio)
        painter = QPainter(shifted)
        painter.drawImage(step, self._pixels)
        painter.end()
        self._pixels = shifted
        return QRegion(room) - QRegion(room.translated(step))

    def _repaint(self, stale: QRegion, viewport: Viewport, ground: QColor) -> None:
        if stale.isEmpty():
            return
        painter = QPainter(self._pixels)
        # Two thin strips have a large bounding rectangle, so each rectangle is painted by itself.
        is_few = stale.rectCount() <= _MOST_RECTS
        rects: list[QRect] = [stale.boundingRect()]
        if is_few:
            rects = list(stale)  # type: ignore[call-overload]  # the stubs lack its iterator
        for rect in rects:
            painter.setClipRegion(stale.intersected(rect))
            self._repaint_rect(painter, viewport, QRectF(rect), ground)
        painter.end()

    def _repaint_rect(
        self, painter: QPainter, viewport: Viewport, exposed: QRectF, ground: QColor
    ) -> None:
        painter.fillRect(exposed, ground)
        if self.picture is None:
            return
        (self.windowed or self.picture).paint(painter, viewport, exposed, self.adjustment)
        self._paint_overlay(painter, viewport)
        _paint_grid(painter, viewport, self.picture.size, exposed)
        self._paint_contours(painter, viewport)
        self.shapes.paint(painter, viewport, exposed, self.display, hidden_ids=self.hidden_ids)

    def _paint_overlay(self, painter: QPainter, viewport: Viewport) -> None:
        if self.overlay is None or self.picture is None:
            return
        size = self.picture.size
        target = viewport.rect_to_widget(QRectF(0, 0, size.width(), size.height()))
        painter.save()
        painter.setOpacity(self.overlay_opacity_01)
        # Always smooth: a heatmap's pixels are coarser than the photo's and mean nothing.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, self.overlay)
        painter.restore()

    def _paint_contours(self, painter: QPainter, viewport: Viewport) -> None:
        if self.contours.isEmpty():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(viewport.transform, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(outline_pen(QColor(0, 0, 0, 150), OUTLINE_PX + 2))
        painter.drawPath(self.contours)
        painter.setPen(outline_pen(QColor("white")))
        painter.drawPath(self.contours)
        painter.restore()


def rect_with_margin(viewport: Viewport, box: Box) -> QRect:
    """Return where a box and its outline are on the widget."""
    rect = viewport.box_to_widget(box).toAlignedRect()
    return rect.adjusted(-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX)


def _paint_grid(painter: QPainter, viewport: Viewport, image: QSize, exposed: QRectF) -> None:
    if viewport.scale < _GRID_FROM_SCALE:
        return
    visible = viewport.rect_to_image(exposed).toAlignedRect().adjusted(0, 0, 1, 1)
    visible = visible.intersected(QRect(0, 0, image.width(), image.height()))
    if visible.isEmpty():
        return
    painter.save()
    painter.setPen(QPen(_GRID_COLOUR, 0))
    left, top = visible.left(), visible.top()
    right, bottom = left + visible.width(), top + visible.height()
    for x in range(left, right + 1):
        painter.drawLine(viewport.to_widget(x, top), viewport.to_widget(x, bottom))
    for y in range(top, bottom + 1):
        painter.drawLine(viewport.to_widget(left, y), viewport.to_widget(right, y))
    painter.restore()
