"""Which part of a picture the click network looks at, and how that part maps onto its input."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.models.click.network import STRIDE
from training.segmenters.views import Pyramid

SIDE_PX = 224
"""The longer side of what the network sees. It was trained on scenes of 128, 192 and 256 px, and
sees large things whole up to here; at 256 a click takes a third longer."""
_MOST_FIRST = 3
_SMALLEST_FIRST_PX = 192
_MARGIN = 0.75
"""Around what was shown or found, as a share of its longer side: it may be larger than that."""
_SMALLEST_PX = 64
_MUCH_WIDER = 4.0

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture, scaled to sides that the network takes."""

    box: Box
    height: int
    width: int

    @classmethod
    def of(cls, box: Box) -> "Crop":
        scale = SIDE_PX / _longer_side(box)
        return cls(box, _side(box.height * scale), _side(box.width * scale))

    def is_much_wider_than(self, other: "Crop") -> bool:
        """Tell whether it shows so much more that it sees too little of a thing in the other."""
        return _longer_side(self.box) > _MUCH_WIDER * _longer_side(other.box)

    def pixels(self, picture: Pyramid) -> RgbImage:
        """Return the picture's part, (height, width, 3)."""
        scale = max(self.height / self.box.height, self.width / self.box.width)
        part = picture.crop(self.box, min(1.0, scale))
        is_smaller = part.shape[0] > self.height
        method = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(part, (self.width, self.height), interpolation=method))

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """Return x, y on the input of a pixel of the picture."""
        return (
            (x + 0.5 - self.box.left) * self.width / self.box.width - 0.5,
            (y + 0.5 - self.box.top) * self.height / self.box.height - 0.5,
        )

    def reduced(self, mask: BoolArray) -> Probabilities:
        """Return the part of an (H, W) mask of the picture as shares, (height, width)."""
        box = self.box
        part = mask[box.top : box.bottom, box.left : box.right].astype(np.float32)
        method = cv2.INTER_AREA if box.height > self.height else cv2.INTER_LINEAR
        return _resized(part, self.height, self.width, method)

    def carried(self, values: Probabilities, seen_from: "Crop") -> Probabilities:
        """Return another crop's probabilities as far as they lie in this one, else zero."""
        scale_x, shift_x = _from_axis(
            (self.box.left, self.box.width, self.width),
            (seen_from.box.left, seen_from.box.width, seen_from.width),
        )
        scale_y, shift_y = _from_axis(
            (self.box.top, self.box.height, self.height),
            (seen_from.box.top, seen_from.box.height, seen_from.height),
        )
        matrix = np.array([(scale_x, 0, shift_x), (0, scale_y, shift_y)])
        size = (self.width, self.height)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(values, matrix, size, flags=how), dtype=np.float32)

    def box_on_picture(self, box: Box) -> Box:
        """Return the picture's pixels below a box of the input."""
        across, down = self.box.width / self.width, self.box.height / self.height
        return Box(
            self.box.left + int(box.left * across),
            self.box.top + int(box.top * down),
            self.box.left + math.ceil(box.right * across),
            self.box.top + math.ceil(box.bottom * down),
        )

    def enlarged(self, values: Probabilities) -> Probabilities:
        """Return an answer of the network at the picture's resolution, of the box's size."""
        return _resized(values, self.box.height, self.box.width, cv2.INTER_LINEAR)


def first_crops(size: tuple[int, int], click: PromptPoint) -> list[Crop]:
    """Return crops from the whole picture (height, width) to what is close by the click.

    Nothing is known yet of how large the clicked thing is.
    """
    longest = max(size)
    smallest = min(longest, _SMALLEST_FIRST_PX)
    count = min(_MOST_FIRST, 1 + math.ceil(math.log(longest / smallest, 2.0)))
    sides = np.geomspace(longest, smallest, count)
    return [Crop.of(_square_about(size, click.x, click.y, float(side))) for side in sides]


def crop_about(size: tuple[int, int], box: Box | None, points: Sequence[PromptPoint]) -> Crop:
    """Return the crop that shows a mask and all clicks with some surroundings."""
    xs = [point.x for point in points] + ([box.left, box.right] if box else [])
    ys = [point.y for point in points] + ([box.top, box.bottom] if box else [])
    longer = max(max(xs) - min(xs), max(ys) - min(ys))
    side = max(_SMALLEST_PX, longer * (1 + 2 * _MARGIN))
    return Crop.of(_square_about(size, (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, side))


def wider(size: tuple[int, int], crop: Crop) -> Crop:
    """Return the crop with twice the sides, as far as the picture goes."""
    box = crop.box
    side = 2.0 * _longer_side(box)
    return Crop.of(
        _square_about(size, (box.left + box.right) / 2, (box.top + box.bottom) / 2, side)
    )


def leaves_open(crop: Crop, size: tuple[int, int], mask: BoolArray) -> bool:
    """Tell whether a mask of a crop reaches a side beyond which the picture goes on."""
    box, (height, width) = crop.box, size
    return bool(
        (box.top > 0 and mask[0].any())
        or (box.bottom < height and mask[-1].any())
        or (box.left > 0 and mask[:, 0].any())
        or (box.right < width and mask[:, -1].any())
    )


def _square_about(size: tuple[int, int], x: float, y: float, side: float) -> Box:
    """Return a square moved, and where there is no room cut, so that it lies in the picture."""
    height, width = size
    across, down = min(width, max(1, round(side))), min(height, max(1, round(side)))
    left = int(np.clip(round(x - across / 2), 0, width - across))
    top = int(np.clip(round(y - down / 2), 0, height - down))
    return Box(left, top, left + across, top + down)


def _from_axis(wanted: tuple[int, int, int], given: tuple[int, int, int]) -> tuple[float, float]:
    """Return scale and shift from places on one input to those on another.

    Args:
        wanted, given: where a crop starts, its length on the picture and on the input.
    """
    step, pace = wanted[1] / wanted[2], given[2] / given[1]
    return step * pace, (step / 2 + wanted[0] - given[0]) * pace - 0.5


def _longer_side(box: Box) -> int:
    return max(box.width, box.height)


def _side(length: float) -> int:
    return max(STRIDE, round(length / STRIDE) * STRIDE)


def _resized(values: Probabilities, height: int, width: int, method: int) -> Probabilities:
    if values.shape == (height, width):
        return values
    return np.asarray(cv2.resize(values, (width, height), interpolation=method), dtype=np.float32)
