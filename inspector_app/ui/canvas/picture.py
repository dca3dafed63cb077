"""The photo on the canvas, painted from the coarsest of its halvings that is fine enough."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from inspector_app.domain.geometry import Box
from inspector_app.domain.halving import halve, halved_size, halvings_for
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.arrays import rgb_image, rgb_view, writable_rgb_view
from inspector_app.ui.canvas.viewport import Viewport

SMOOTH_UP_TO = 2.0
"""Above this magnification single pixels are what the operator wants to see."""
FILLED_ROWS = 32
"""An image that grows does so by as many rows, so that its halvings can grow with it."""


OnRead = Callable[[NDArray[np.uint8] | None], None]


class Paintable(Protocol):
    """What a canvas shows: an image in memory, or one that is read in parts."""

    @property
    def size(self) -> QSize: ...

    def pixels(self, box: Box) -> NDArray[np.uint8] | None:
        """Return the (h, w, 3) RGB pixels of a box inside it; None where they are not there."""

    def read(self, box: Box, on_read: OnRead) -> None:
        """Have the same called with them, at once or as soon as they are read."""

    def paint(
        self, painter: QPainter, viewport: Viewport, exposed: QRectF, adjustment: Adjustment
    ) -> None:
        """Paint what lies in `exposed` (widget coordinates)."""


class Picture:
    """An image and its halvings, which are made when first needed unless they are given."""

    def __init__(self, image: QImage, halvings: Mapping[int, QImage] | None = None) -> None:
        if image.format() is not QImage.Format.Format_RGB888:
            image = image.convertToFormat(QImage.Format.Format_RGB888)
        self._levels = {**(halvings or {}), 0: image}
        """By the number of halvings."""

    @classmethod
    def blank(cls, width: int, height: int) -> "Picture":
        """Return a black image that is to be filled; its halvings are there from the start."""
        picture = cls(_black(width, height))
        halvings = 1
        while 2**halvings <= FILLED_ROWS and min(width, height) >> halvings:
            picture._levels[halvings] = _black(width >> halvings, height >> halvings)
            halvings += 1
        return picture

    @property
    def size(self) -> QSize:
        return self._levels[0].size()

    def pixels(self, box: Box) -> NDArray[np.uint8]:
        """Return the (box.height, box.width, 3) RGB pixels of a box inside the image, as a view."""
        return rgb_view(self._levels[0])[box.top : box.bottom, box.left : box.right]

    def read(self, box: Box, on_read: OnRead) -> None:
        on_read(self.pixels(box))

    def whole(self) -> NDArray[np.uint8]:
        """Return a copy of all pixels."""
        return rgb_view(self._levels[0]).copy()

    def fill(self, top: int, rows: NDArray[np.uint8]) -> None:
        """Put (h, w, 3) RGB rows in; halvings made before follow.

        `top` must be a multiple of `FILLED_ROWS`, and so must h unless the image ends there.
        """
        writable_rgb_view(self._levels[0])[top : top + len(rows)] = rows
        band = rgb_image(rows)
        for halvings, level in list(self._levels.items())[1:]:
            if 2**halvings > FILLED_ROWS:
                del self._levels[halvings]
            elif band.height() >> halvings:
                part = _shrunk(band, halvings)
                first = top >> halvings
                writable_rgb_view(level)[first : first + part.height()] = rgb_view(part)

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        exposed: QRectF,
        adjustment: Adjustment,
    ) -> None:
        """Paint what lies in `exposed` (widget coordinates)."""
        magnification = viewport.scale * painter.device().devicePixelRatioF()
        halvings = halvings_for(magnification, min(self.size.width(), self.size.height()))
        level = self._level(halvings)
        step = 2**halvings
        # Two more pixels on each side, so that smoothing sees the neighbours it would
        # see if everything were painted: partial repaints leave no seams.
        visible = scaled(viewport.rect_to_image(exposed), 1 / step)
        source = visible.toAlignedRect().adjusted(-2, -2, 2, 2).intersected(level.rect())
        if source.isEmpty():
            return
        target = viewport.rect_to_widget(scaled(QRectF(source), step))
        if not adjustment.is_neutral:
            level, source = _adjusted(level, source, adjustment)
        smooth = magnification <= SMOOTH_UP_TO
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, level, QRectF(source))

    def _level(self, halvings: int) -> QImage:
        if halvings not in self._levels:
            self._levels[halvings] = _shrunk(self._levels[0], halvings)
        return self._levels[halvings]


def _black(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(0)
    return image


def scaled(rect: QRectF, factor: float) -> QRectF:
    return QRectF(
        rect.left() * factor, rect.top() * factor, rect.width() * factor, rect.height() * factor
    )


def _shrunk(image: QImage, halvings: int) -> QImage:
    size = halved_size(image.width(), image.height(), halvings)
    result = QImage(*size, QImage.Format.Format_RGB888)
    halve(rgb_view(image), halvings, writable_rgb_view(result))
    return result


def _adjusted(level: QImage, source: QRect, adjustment: Adjustment) -> tuple[QImage, QRect]:
    rows = slice(source.top(), source.top() + source.height())
    columns = slice(source.left(), source.left() + source.width())
    part = rgb_image(adjustment.applied(rgb_view(level)[rows, columns]))
    return part, part.rect()
