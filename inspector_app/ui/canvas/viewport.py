"""How image pixels map to widget pixels: one scale and one offset."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QTransform

from inspector_app.domain.geometry import Box, PointXY

MAX_SCALE = 64.0
FIT_MARGIN_PX = 8.0
"""Left free on each side of an image that is fitted in."""
_MIN_SIDE_PX = 16.0
"""The image is never zoomed smaller than this."""
_IN_SIGHT_PX = 48.0
"""At least this much of the image stays in the widget."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """Widget position = image position × scale + offset, in logical pixels."""

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    @classmethod
    def fitting(
        cls, image: QSize, widget: QSize, *, margin_px: float = FIT_MARGIN_PX
    ) -> "Viewport":
        """Return the viewport that shows the whole image, centred."""
        width, height = max(1, image.width()), max(1, image.height())
        free_x = max(_MIN_SIDE_PX, widget.width() - 2 * margin_px)
        free_y = max(_MIN_SIDE_PX, widget.height() - 2 * margin_px)
        scale = min(free_x / width, free_y / height, MAX_SCALE)
        return cls(
            scale, (widget.width() - width * scale) / 2, (widget.height() - height * scale) / 2
        )

    @property
    def transform(self) -> QTransform:
        return QTransform(self.scale, 0, 0, self.scale, self.left, self.top)

    def to_widget(self, x: float, y: float) -> QPointF:
        return QPointF(x * self.scale + self.left, y * self.scale + self.top)

    def to_image(self, position: QPointF) -> PointXY:
        return (position.x() - self.left) / self.scale, (position.y() - self.top) / self.scale

    def rect_to_widget(self, rect: QRectF) -> QRectF:
        return QRectF(
            self.to_widget(rect.left(), rect.top()), self.to_widget(rect.right(), rect.bottom())
        )

    def rect_to_image(self, rect: QRectF) -> QRectF:
        left, top = self.to_image(rect.topLeft())
        return QRectF(QPointF(left, top), QSizeF(rect.width(), rect.height()) / self.scale)

    def box_to_widget(self, box: Box) -> QRectF:
        return self.rect_to_widget(QRectF(box.left, box.top, box.width, box.height))

    def moved(self, dx: float, dy: float) -> "Viewport":
        return replace(self, left=self.left + dx, top=self.top + dy)

    def zoomed(self, scale: float, anchor: QPointF, image: QSize) -> "Viewport":
        """Return the viewport of another scale that keeps the image point under `anchor`."""
        smallest = min(1.0, _MIN_SIDE_PX / max(1, image.width(), image.height()))
        scale = min(max(scale, smallest), MAX_SCALE)
        x, y = self.to_image(anchor)
        return Viewport(scale, anchor.x() - x * scale, anchor.y() - y * scale)

    def kept_in_sight(self, image: QSize, widget: QSize) -> "Viewport":
        """Return the nearest viewport that still shows some of the image."""
        return replace(
            self,
            left=_clamped(self.left, image.width() * self.scale, widget.width()),
            top=_clamped(self.top, image.height() * self.scale, widget.height()),
        )


def _clamped(offset: float, extent: float, room: float) -> float:
    keep = min(_IN_SIGHT_PX, extent, room)
    return min(max(offset, keep - extent), room - keep)
