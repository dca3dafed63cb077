"""Parts of a picture at a size that costs the same for a small and a large picture."""

import math
from typing import Self

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage

_COARSEST_PX = 256


class Pyramid:
    """A picture and its halves, quarters, …, so that no view has to reduce it as a whole."""

    def __init__(self, image: RgbImage) -> None:
        self.height, self.width = image.shape[:2]
        self._levels = [image]
        while max(self._levels[-1].shape[:2]) > _COARSEST_PX:
            height, width = self._levels[-1].shape[:2]
            half = ((width + 1) // 2, (height + 1) // 2)
            reduced = cv2.resize(self._levels[-1], half, interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(reduced, dtype=np.uint8))

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    def crop(self, box: Box, scale: float) -> RgbImage:
        """Return a part of the picture at the coarsest level that is as fine as `scale`."""
        level = min(int(-math.log2(scale)), len(self._levels) - 1)
        step = 2**level
        rows = slice(box.top // step, -(-box.bottom // step))
        columns = slice(box.left // step, -(-box.right // step))
        return self._levels[level][rows, columns]


class View:
    """A part of a picture, reduced to at most `side_px`; never enlarged."""

    def __init__(self, picture: Pyramid, box: Box, side_px: int) -> None:
        self.box = box
        self.scale = min(1.0, side_px / max(box.width, box.height))
        self.shape = (max(1, round(box.height * self.scale)), max(1, round(box.width * self.scale)))
        self.rgb = self._reduce(picture.crop(box, self.scale))
        height, width = picture.shape
        self._open_sides = (box.top > 0, box.bottom < height, box.left > 0, box.right < width)

    @classmethod
    def around(cls, picture: Pyramid, x: int, y: int, radius_px: int, side_px: int) -> Self:
        """Return the square view about a pixel, cut off at the picture's edges."""
        height, width = picture.shape
        square = Box(x - radius_px, y - radius_px, x + radius_px + 1, y + radius_px + 1)
        return cls(picture, square.clipped(width, height) or Box(0, 0, width, height), side_px)

    def place_of(self, x: float, y: float) -> tuple[int, int]:
        """Return (row, column) of a picture's pixel, which may lie outside the view."""
        return int((y - self.box.top) * self.scale), int((x - self.box.left) * self.scale)

    def reduce_mask(self, mask: BoolArray) -> BoolArray:
        """Return the view's part of an (H, W) mask of the whole picture."""
        part = mask[self.box.top : self.box.bottom, self.box.left : self.box.right]
        step = max(1, int(0.5 / self.scale))
        return np.asarray(self._reduce(part[::step, ::step].astype(np.uint8) * 255) > 127)

    def enlarge_mask(self, mask: BoolArray) -> BoolArray:
        """Return a mask of the view at the picture's resolution, its outline smoothed."""
        size = (self.box.width, self.box.height)
        grey = mask.astype(np.uint8) * 255
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR) > 127)

    def crossings(self, mask: BoolArray) -> int:
        """Count the mask's pixels at the view's sides, where the picture goes on."""
        sides = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
        pairs = zip(sides, self._open_sides, strict=True)
        return sum(int(np.count_nonzero(side)) for side, is_open in pairs if is_open)

    def _reduce(self, array: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if array.shape[:2] == self.shape:
            return np.ascontiguousarray(array)
        height, width = self.shape
        reduced = cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(reduced, dtype=np.uint8)
