"""The photo on the canvas, painted from the coarsest of its halvings that is fine enough."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from inspector_app.domain.opencv import cv2
from inspector_app.ui.canvas.arrays import rgb_image, rgb_view
from inspector_app.ui.canvas.viewport import Viewport

_SMOOTH_UP_TO = 2.0
"""Above this magnification single pixels are what the operator wants to see."""


@dataclass(frozen=True)
class Adjustment:
    """How the view brightens and stretches grey values; the file is never touched."""

    brightness: int = 0
    """-100…100; 100 adds half of the range."""
    contrast: int = 0
    """-100…100; 100 multiplies by four around the middle."""

    @property
    def is_neutral(self) -> bool:
        return self.brightness == 0 and self.contrast == 0

    @cached_property
    def table(self) -> NDArray[np.uint8]:
        """New value of each of the 256 grey values."""
        values = np.arange(256, dtype=np.float64)
        gain = 4.0 ** (self.contrast / 100)
        values = (values - 127.5) * gain + 127.5 + self.brightness * 1.275
        return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


class Picture:
    """An image and its halvings, which are made when first needed."""

    def __init__(self, image: QImage) -> None:
        if image.format() is not QImage.Format.Format_RGB888:
            image = image.convertToFormat(QImage.Format.Format_RGB888)
        self._levels = [image]

    @property
    def size(self) -> QSize:
        return self._levels[0].size()

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        exposed: QRectF,
        adjustment: Adjustment,
    ) -> None:
        """Paint what lies in `exposed` (widget coordinates)."""
        magnification = viewport.scale * painter.device().devicePixelRatioF()
        level = self._level(magnification)
        x_shrink = level.width() / self.size.width()
        y_shrink = level.height() / self.size.height()
        visible = viewport.rect_to_image(exposed)
        # Two more pixels on each side, so that smoothing sees the neighbours it would
        # see if everything were painted: partial repaints leave no seams.
        source = QRect(
            QRectF(
                visible.left() * x_shrink,
                visible.top() * y_shrink,
                visible.width() * x_shrink,
                visible.height() * y_shrink,
            ).toAlignedRect()
        ).adjusted(-2, -2, 2, 2)
        source = source.intersected(level.rect())
        if source.isEmpty():
            return
        target = viewport.rect_to_widget(
            QRectF(
                source.left() / x_shrink,
                source.top() / y_shrink,
                source.width() / x_shrink,
                source.height() / y_shrink,
            )
        )
        if not adjustment.is_neutral:
            level, source = _adjusted(level, source, adjustment)
        smooth = magnification <= _SMOOTH_UP_TO
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, level, QRectF(source))

    def _level(self, magnification: float) -> QImage:
        """Return the smallest halving that still has a pixel for each of the screen's."""
        wanted = 0
        while magnification * 2 ** (wanted + 1) <= 1.0:
            wanted += 1
        while len(self._levels) <= wanted and min(self._levels[-1].size().toTuple()) >= 2:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[min(wanted, len(self._levels) - 1)]


def _halved(image: QImage) -> QImage:
    size = (image.width() // 2, image.height() // 2)
    smaller = cv2.resize(rgb_view(image), size, interpolation=cv2.INTER_AREA)
    return rgb_image(np.asarray(smaller, np.uint8))


def _adjusted(level: QImage, source: QRect, adjustment: Adjustment) -> tuple[QImage, QRect]:
    rows = slice(source.top(), source.top() + source.height())
    columns = slice(source.left(), source.left() + source.width())
    pixels = cv2.LUT(np.ascontiguousarray(rgb_view(level)[rows, columns]), adjustment.table)
    part = rgb_image(np.asarray(pixels, np.uint8))
    return part, part.rect()
