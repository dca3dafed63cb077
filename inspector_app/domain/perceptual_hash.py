"""Which images look the same: a hash of 64 bits that small changes of a picture hardly change.

After Zauner, “Implementation and Benchmarking of Perceptual Image Hash Functions” (2010),
section 3.2: the low frequencies of a cosine transform, each above or below their median.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2

_SIDE_PX = 32
_KEPT = 8
NEAR_BITS = 4
"""Largest distance of what may be near-duplicates. Parts under one fixed camera look alike to a
hash as coarse as this, so it is stricter than the 10 bits usual for photos of everything."""
_LARGEST_DIFFERENCE = 12.0
"""In grey values, at 99 of 100 pixels. Measured on MVTec's bottle: a copy saved as JPEG, reduced
or brightened differs by up to 10, two good bottles whose hashes are near by more than 12."""


def small_picture(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what is compared of an (H, W, 3) or (H, W) uint8 image: 32 × 32 grey values."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def look_alike(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Tell whether two small pictures show the same, brightness aside."""
    one, other = first.astype(np.float32), second.astype(np.float32)
    difference = np.abs((one - one.mean()) - (other - other.mean()))
    return bool(np.percentile(difference, 99) <= _LARGEST_DIFFERENCE)


def perceptual_hash(small: NDArray[np.uint8]) -> int:
    """Return the hash of a small picture, 64 bits."""
    # Without the first row and column, which hold little but the brightness of bands.
    low = cv2.dct(small.astype(np.float32))[1 : _KEPT + 1, 1 : _KEPT + 1]
    bits = (low > np.median(low)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def near_pairs(hashes: Sequence[int], *, most_bits: int = NEAR_BITS) -> list[tuple[int, int, int]]:
    """Return (first, second, differing bits) of every pair of indexes that look the same.

    Every pair is compared, 64 bits at a time: 20,000 images take about two seconds.
    """
    packed = np.asarray(hashes, np.uint64)
    found: list[tuple[int, int, int]] = []
    for first in range(len(packed) - 1):
        bits = np.bitwise_count(packed[first + 1 :] ^ packed[first])
        for offset in np.flatnonzero(bits <= most_bits).tolist():
            found.append((first, first + 1 + offset, int(bits[offset])))
    return found
