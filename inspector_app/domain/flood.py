"""Pixels connected with the one that was pointed at."""

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.opencv import cv2

_SET = 255
_FILLED = 2


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


def enclosed_pixels(mask: Mask, x: int, y: int) -> Mask | None:
    """Return the place around (x, y) that the mask encloses; None if it is open or set already.

    The edge of the image closes a place too: a chip at the rim needs no line along it.
    """
    box = mask.box
    if box is None or not (box.left <= x < box.right and box.top <= y < box.bottom):
        return None
    is_set = mask.crop(box)
    if is_set[y - box.top, x - box.left]:
        return None
    # A frame stands for what lies beyond the box: reached by the fill, the place is open.
    at_edge = (box.top == 0, box.bottom == mask.height, box.left == 0, box.right == mask.width)
    walls = np.pad(is_set, 1).astype(np.uint8)
    edges = (walls[0], walls[-1], walls[:, 0], walls[:, -1])
    for edge, is_closed in zip(edges, at_edge, strict=True):
        if is_closed:
            edge[:] = _SET
    flags = 4 | cv2.FLOODFILL_FIXED_RANGE
    cv2.floodFill(walls, None, (x - box.left + 1, y - box.top + 1), _FILLED, 0, 0, flags)
    if any((edge == _FILLED).any() for edge in edges):
        return None
    return Mask.from_crop(
        walls[1:-1, 1:-1] == _FILLED, box.left, box.top, height=mask.height, width=mask.width
    )
