"""What changes rarely, kept as pixels: photo, heatmap, contours and the regions at rest."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPalette, QPen, QRegion
from PySide6.QtWidgets import QWidget

from inspector_app.domain.mask import Polygon
from inspector_app.ui.canvas.picture import Adjustment, Picture
from inspector_app.ui.canvas.shapes import (
    RegionDisplay,
    Shapes,
    outline_pen,
    polygon_path,
)
from inspector_app.ui.canvas.viewport import Viewport

_GRID_FROM_SCALE = 16.0
_CONTOUR_PX = 2
_GRID_COLOUR = QColor(128, 128, 128, 90)


class Backdrop:
    """The layers of a canvas below everything that follows the mouse.

    They are painted once into an image of the widget's size; only what was
    invalidated is painted again.
    """

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.adjustment = Adjustment()
        self.overlay: QImage | None = None
        self.overlay_opacity_01 = 1.0
        self.contours = QPainterPath()
        self.shapes = Shapes()
        self.display = RegionDisplay.FULL
        self.hidden_ids: frozenset[str] = frozenset()
        """Regions that are drawn elsewhere: selected, or being painted into."""
        self._pixels = QImage()
        self._stale = QRegion()

    def set_contours(self, polygons: Sequence[Polygon]) -> None:
        self.contours = polygon_path(polygons)

    def invalidate(self, rect: QRect | None = None) -> None:
        """Have a part (widget coordinates), or everything, painted again."""
        self._stale += QRegion(rect) if rect is not None else QRegion(0, 0, 1 << 24, 1 << 24)

    def paint(self, painter: QPainter, widget: QWidget, viewport: Viewport, exposed: QRect) -> None:
        """Paint the exposed part of the widget."""
        ratio = widget.devicePixelRatioF()
        self._fit_pixels(widget.size(), ratio)
        stale = self._stale.intersected(widget.rect())
        if not stale.isEmpty():
            ground = widget.palette().color(QPalette.ColorRole.Mid)
            self._repaint(stale, viewport, ground)
        self._stale = QRegion()
        source = QRectF(
            exposed.x() * ratio,
            exposed.y() * ratio,
            exposed.width() * ratio,
            exposed.height() * ratio,
        )
        painter.drawImage(QRectF(exposed), self._pixels, source)

    def _fit_pixels(self, size: QSize, ratio: float) -> None:
        device_size = (QSize(size) * ratio).expandedTo(QSize(1, 1))
        if self._pixels.size() != device_size or self._pixels.devicePixelRatio() != ratio:
            self._pixels = QImage(device_size, QImage.Format.Format_RGB32)
            self._pixels.setDevicePixelRatio(ratio)
            self.invalidate()

    def _repaint(self, stale: QRegion, viewport: Viewport, ground: QColor) -> None:
        painter = QPainter(self._pixels)
        painter.setClipRegion(stale)
        exposed = QRectF(stale.boundingRect())
        painter.fillRect(exposed, ground)
        if self.picture is not None:
            self.picture.paint(painter, viewport, exposed, self.adjustment)
            self._paint_overlay(painter, viewport)
            _paint_grid(painter, viewport, self.picture.size, exposed)
            self._paint_contours(painter, viewport)
            self.shapes.paint(painter, viewport, exposed, self.display, hidden_ids=self.hidden_ids)
        painter.end()

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
        painter.setPen(outline_pen(QColor(0, 0, 0, 150), _CONTOUR_PX + 2))
        painter.drawPath(self.contours)
        painter.setPen(outline_pen(QColor("white"), _CONTOUR_PX))
        painter.drawPath(self.contours)
        painter.restore()


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
