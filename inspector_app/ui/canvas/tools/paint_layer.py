"""The pixels a brush or an eraser is working on, shown while it works."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from inspector_app.domain.geometry import Box, PointXY
from inspector_app.domain.looking import hull
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.arrays import writable_index_view
from inspector_app.ui.canvas.outlines import translucent
from inspector_app.ui.canvas.tools.dabs import dab
from inspector_app.ui.canvas.viewport import Viewport

_ALPHA_01 = 0.45


class PaintLayer:
    """A bitmap of an image, or of a room in it, of which only the used part is ever touched.

    Kept between strokes: making it is the only step whose cost grows with the room.
    """

    def __init__(self, size: QSize, room: Box) -> None:
        """Cover `room` of an image of this size; what is painted beside it is lost."""
        self.size = size
        self.room = room
        self._image = QImage(room.width, room.height, QImage.Format.Format_Indexed8)
        self._image.fill(0)
        self._pixels = writable_index_view(self._image)
        self._used: Box | None = None

    def start(self, mask: Mask | None, colour: QColor) -> None:
        """Begin with the pixels of a mask, all in the room, or none."""
        self._clear()
        self._image.setColorTable([0, translucent(colour, _ALPHA_01).rgba()])
        # Setting colours may have moved the image to other memory.
        self._pixels = writable_index_view(self._image)
        if mask is not None and (box := mask.box) is not None:
            used = box.moved(-self.room.left, -self.room.top)
            self._pixels[used.top : used.bottom, used.left : used.right] = mask.crop(box)
            self._used = used

    def dab(self, start: PointXY, end: PointXY, *, diameter_px: int, value: int) -> Box | None:
        """Paint (1) or erase (0) on the way from start to end; return the box that changed."""
        left, top = self.room.left, self.room.top
        start, end = (start[0] - left, start[1] - top), (end[0] - left, end[1] - top)
        box = dab(self._pixels, start, end, diameter_px=diameter_px, value=value)
        if box is None:
            return None
        if value:
            self._used = box if self._used is None else hull(self._used, box)
        return box.moved(left, top)

    def mask(self) -> Mask:
        """Return the pixels that are set now, as a mask of the whole image."""
        box = self._used or Box(0, 0, 1, 1)
        crop = self._pixels[box.top : box.bottom, box.left : box.right]
        return Mask.from_crop(
            crop,
            box.left + self.room.left,
            box.top + self.room.top,
            height=self.size.height(),
            width=self.size.width(),
        )

    def paint(self, painter: QPainter, viewport: Viewport, room: QRectF) -> None:
        """Paint what is used and lies in `room`, in widget coordinates."""
        if self._used is None:
            return
        visible = QRectF(viewport.rect_to_image(room).toAlignedRect().adjusted(-1, -1, 1, 1))
        left, top = self.room.left, self.room.top
        used = QRectF(self._used.left, self._used.top, self._used.width, self._used.height)
        source = used.intersected(visible.translated(-left, -top))
        if not source.isEmpty():
            target = viewport.rect_to_widget(source.translated(left, top))
            painter.drawImage(target, self._image, source)

    def _clear(self) -> None:
        if self._used is not None:
            box = self._used
            self._pixels[box.top : box.bottom, box.left : box.right] = 0
            self._used = None
