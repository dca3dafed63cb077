"""Which images look the same: a hash of 64 bits that small changes of a picture hardly change.

After Zauner, “Implementation and Benchmarking of Perceptual Image Hash Functions” (2010),
section 3.2: the low frequencies of a cosine transform, each above or below their median.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    return bool(_are_alike(_without_brightness(first[None]), _without_brightness(second[None]))[0])


def perceptual_hash(small: NDArray[np.uint8]) -> int:
    """Return the hash of a small picture, 64 bits."""
    # Without the first row and column, which hold little but the brightness of bands.
    low = cv2.dct(small.astype(np.float32))[1 : _KEPT + 1, 1 : _KEPT + 1]
    bits = (low > np.median(low)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@dataclass(frozen=True, slots=True)
class Alikes:
    """What one picture was compared with, and what of it looks the same."""

    index: int
    compared: int
    others: tuple[int, ...]
    """Indexes, ascending, all above `index`."""


def find_alikes(pictures: Sequence[NDArray[np.uint8]], groups: Sequence[int]) -> Iterator[Alikes]:
    """Compare every small picture with the later ones of other groups.

    The hashes propose, the pixels decide. Where nothing is near, 20,000 pictures take about two
    seconds; a pair whose hashes are near costs a microsecond more.
    """
    if not pictures:
        return
    packed = np.asarray([perceptual_hash(picture) for picture in pictures], np.uint64)
    grouped = np.asarray(groups)
    level = _without_brightness(np.asarray(pictures, np.uint8))
    for index in range(len(packed)):
        later = slice(index + 1, None)
        is_other = grouped[later] != grouped[index]
        is_near = np.bitwise_count(packed[later] ^ packed[index]) <= NEAR_BITS
        near = index + 1 + np.flatnonzero(is_other & is_near)
        alike = near[_are_alike(level[near], level[index])]
        yield Alikes(index, int(is_other.sum()), tuple(alike.tolist()))


def _without_brightness(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (N, P) float32, of mean 0, of (N, H, W) pictures."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    return np.asarray(flat - flat.mean(axis=1, keepdims=True))


def _are_alike(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return (N,) for (N, P) against (P,) or (N, P)."""
    difference = np.abs(first - second)
    # As the 99th percentile, which is found by sorting: the outliers are counted instead.
    allowed = difference.shape[1] // 100
    return np.asarray((difference > _LARGEST_DIFFERENCE).sum(axis=1) <= allowed)
