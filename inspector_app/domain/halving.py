"""A large photo is shown from a copy whose sides were halved often enough: how often, and how."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2

_BAND_ROWS = 64


def halvings_for(magnification: float, shortest_px: int) -> int:
    """Return the most halvings that still leave a pixel for each of the screen's.

    Args:
        magnification: the screen's pixels per image pixel, 0 < m.
        shortest_px: of the image's sides; at least one pixel of it is left.
    """
    halvings = 0
    while magnification * 2 ** (halvings + 1) <= 1.0 and shortest_px >= 2 ** (halvings + 1):
        halvings += 1
    return halvings


def halved_size(width: int, height: int, halvings: int) -> tuple[int, int]:
    return width >> halvings, height >> halvings


def halve(pixels: NDArray[np.uint8], halvings: int, halved: NDArray[Any]) -> None:
    """Average every 2ⁿ × 2ⁿ pixels of (H, W, 3) into `halved`; what is over at the edge is cut off.

    Args:
        halved: (H >> n, W >> n, 3) uint8, written into.
    """
    for top, band in _bands(pixels, halvings, len(halved)):
        halved[top : top + len(band)] = band


def _bands(
    pixels: NDArray[np.uint8], halvings: int, height: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    # In bands: what lies between fits the processor's cache, and no large array is allocated
    # for it, which would take longer than the averaging.
    step = 2**halvings
    width = pixels.shape[1] // step
    for top in range(0, height, _BAND_ROWS):
        rows = min(_BAND_ROWS, height - top)
        band = pixels[top * step : (top + rows) * step, : width * step]
        for _ in range(halvings):
            size = (band.shape[1] // 2, band.shape[0] // 2)
            band = np.asarray(cv2.resize(band, size, interpolation=cv2.INTER_AREA), np.uint8)
        yield top, band
