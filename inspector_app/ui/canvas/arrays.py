"""QImages as arrays and back."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Pixels = NDArray[np.uint8]


def rgb_view(image: QImage) -> Pixels:
    """Return (H, W, 3) uint8 over the bytes of an RGB888 image, valid as long as the image is."""
    return _lines(image, image.constBits(), 3).reshape(image.height(), image.width(), 3)


def writable_rgb_view(image: QImage) -> Pixels:
    """Return the same to write into; an image that shares its bytes gets bytes of its own."""
    return _lines(image, image.bits(), 3).reshape(image.height(), image.width(), 3)


def writable_index_view(image: QImage) -> Pixels:
    """Return (H, W) uint8 to write into the bytes of an Indexed8 image, valid as long as it is."""
    return _lines(image, image.bits(), 1)


def _lines(image: QImage, data: bytes | bytearray | memoryview, channels: int) -> Pixels:
    # Lines are padded to four bytes; reshaping what is cut out keeps it a view, as
    # channels lie beside each other within a line.
    rows = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * channels]


def rgb_image(pixels: Pixels) -> QImage:
    """Return an RGB888 image with a copy of (H, W, 3) uint8."""
    height, width, _ = pixels.shape
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()
