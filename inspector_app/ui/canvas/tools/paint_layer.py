"""The pixels a brush or an eraser is working on, shown while it works."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from inspector_app.domain.geometry import Box, PointXY
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.arrays import writable_index_view
from inspector_app.ui.canvas.outlines import translucent
from inspector_app.ui.canvas.tools.dabs import dab
from inspector_app.ui.canvas.viewport import Viewport

_ALPHA_01 = 0.45


class PaintLayer:
    """An image-sized bitmap of which only the used part is ever read, written or painted.

    Kept between strokes: making it is the only step whose cost grows with the image.
    """

    def __init__(self, size: QSize) -> None:
        self._image = QImage(size, QImage.Format.Format_Indexed8)
        self._image.fill(0)
        self._pixels = writable_index_view(self._image)
        self._used: Box | None = None

    @property
    def size(self) -> QSize:
        return self._image.size()

    def start(self, mask: Mask | None, colour: QColor) -> None:
        """Begin with the pixels of a mask, or none."""
        self._clear()
        self._image.setColorTable([0, translucent(colour, _ALPHA_01).rgba()])
        # Setting colours may have moved the image to other memory.
        self._pixels = writable_index_view(self._image)
        if mask is not None and (box := mask.box) is not None:
            self._pixels[box.top : box.bottom, box.left : box.right] = mask.crop(box)
            self._used = box

    def dab(self, start: PointXY, end: PointXY, *, diameter_px: int, value: int) -> Box | None:
        """Paint (1) or erase (0) on the way from start to end; return the box that changed."""
        box = dab(self._pixels, start, end, diameter_px=diameter_px, value=value)
        if box is not None and value:
            self._used = box if self._used is None else _hull(self._used, box)
        return box

    def mask(self) -> Mask:
        """Return the pixels that are set now."""
        height, width = self._pixels.shape
        box = self._used or Box(0, 0, 1, 1)
        crop = self._pixels[box.top : box.bottom, box.left : box.right]
        return Mask.from_crop(crop, box.left, box.top, height=height, width=width)

    def paint(self, painter: QPainter, viewport: Viewport, room: QRectF) -> None:
        """Paint what is used and lies in `room`, in widget coordinates."""
        if self._used is None:
            return
        visible = viewport.rect_to_image(room).toAlignedRect()
        used = QRectF(self._used.left, self._used.top, self._used.width, self._used.height)
        source = used.intersected(QRectF(visible.adjusted(-1, -1, 1, 1)))
        if not source.isEmpty():
            painter.drawImage(viewport.rect_to_widget(source), self._image, source)

    def _clear(self) -> None:
        if self._used is not None:
            box = self._used
            self._pixels[box.top : box.bottom, box.left : box.right] = 0
            self._used = None


def _hull(first: Box, second: Box) -> Box:
    return Box(
        min(first.left, second.left),
        min(first.top, second.top),
        max(first.right, second.right),
        max(first.bottom, second.bottom),
    )
