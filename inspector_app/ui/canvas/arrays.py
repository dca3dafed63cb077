"""QImages as arrays and back."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Pixels = NDArray[np.uint8]


def rgb_view(image: QImage) -> Pixels:
    """Return (H, W, 3) uint8 over the bytes of an RGB888 image, valid as long as the image is."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)


def index_view(image: QImage) -> Pixels:
    """Return (H, W) uint8 to write into the bytes of an Indexed8 image, valid as long as it is."""
    rows = np.frombuffer(image.bits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()]


def rgb_image(pixels: Pixels) -> QImage:
    """Return an RGB888 image with a copy of (H, W, 3) uint8."""
    height, width, _ = pixels.shape
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()
