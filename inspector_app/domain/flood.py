"""Pixels like the one that was pointed at and connected with it."""

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2

_SET = 255


def similar_pixels(image: NDArray[np.uint8], x: int, y: int, *, tolerance: int) -> BoolArray:
    """Return (H, W) bool: the connected pixels whose every channel is near the seed's.

    Args:
        image: (H, W, 3) or (H, W), uint8.
        x, y: the seed, inside the image.
        tolerance: largest difference from the seed in a channel, 0…255.

    Diagonal neighbours are not connected: a fill must not leak through a thin scratch.
    """
    height, width = image.shape[:2]
    # OpenCV wants a frame of one pixel around the image.
    found = np.zeros((height + 2, width + 2), np.uint8)
    reach = (tolerance,) * 3
    flags = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | (_SET << 8)
    # A copy: OpenCV takes no read-only image, although it only writes to the mask here.
    cv2.floodFill(image.copy(), found, (x, y), (0, 0, 0), reach, reach, flags)
    return np.asarray(found[1:-1, 1:-1] == _SET)
