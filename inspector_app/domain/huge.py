"""Images too large to be decoded whole: which they are, and parts of them as 8-bit colours."""

from functools import cached_property
from pathlib import Path

import numpy as np

from inspector_app.domain.deep import Window, auto_window, through_window
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import MOST_PIXELS
from inspector_app.domain.opencv import cv2
from inspector_app.domain.pages import first_page_size
from inspector_app.domain.picture import RgbImage, rgb_from_bgr
from inspector_app.domain.tiff_pages import file_and_page, is_tiff, open_page
from inspector_app.domain.tiff_segments import TiffSegments

HUGE_PX = 100_000_000
"""Larger TIFF files are read in parts."""
LARGEST_WHOLE_PX = 178_956_970
"""What is decoded whole where it cannot be read in parts: Pillow's limit."""
_COARSER_IF_COMPRESSED = 4
_SAMPLES_PER_SIDE = 12
_SAMPLE_PX = 256


class HugeImage:
    """A file of which any part can be had; used by several threads at once."""

    def __init__(self, path: Path) -> None:
        """Read the header.

        Raises:
            BadDataError: if the file cannot be read in parts.
        """
        self._segments = TiffSegments(path)
        self.path = path
        self.width, self.height = self._segments.width, self._segments.height
        if self.width * self.height > MOST_PIXELS:
            raise BadDataError(
                f"{path}: {self.width} × {self.height} px are more than regions can be counted in",
                "cut it into parts",
            )

    def read(self, box: Box, *, halvings: int = 0) -> RgbImage:
        """Return a box inside the image, every 2ⁿ × 2ⁿ pixels averaged; what is over is cut off.

        Deep values are stretched between the percentiles of a sample of the whole image,
        the same for every part.

        Raises:
            BadDataError: if the file is damaged there, or gone.
        """
        pixels = self._segments.read(box)
        if halvings:
            # One step gives the same as several: whole blocks have whole numbers of pixels.
            step = 2**halvings
            height, width = box.height // step, box.width // step
            pixels = pixels[: height * step, : width * step]
            pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))
        if pixels.dtype != np.uint8:
            pixels = through_window(pixels, self._window)
        return rgb_from_bgr(pixels)

    def sampled(self, longest_px: int) -> RgbImage:
        """Return a picture of so many pixels along the longer side, from few of the image's own.

        Of a compressed file fewer are taken: each costs the decoding of its strip or tile.
        """
        longest = max(self.width, self.height)
        step = -(-longest // longest_px)
        coarse = step if self._segments.has_plain_rows else step * _COARSER_IF_COMPRESSED
        tops, lefts = range(0, self.height, coarse), range(0, self.width, coarse)
        found = np.concatenate([self._pixels_of_row(top, lefts) for top in tops])
        size = (-(-self.width // step), -(-self.height // step))
        return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _pixels_of_row(self, top: int, lefts: range) -> RgbImage:
        if self._segments.has_plain_rows:
            return self.read(Box(0, top, self.width, top + 1))[:, :: lefts.step]
        return np.concatenate(
            [self.read(Box(left, top, left + 1, top + 1)) for left in lefts], axis=1
        )

    @cached_property
    def _window(self) -> Window:
        side = min(_SAMPLE_PX, self.width, self.height)
        lefts = np.linspace(0, self.width - side, _SAMPLES_PER_SIDE).astype(int)
        tops = np.linspace(0, self.height - side, _SAMPLES_PER_SIDE).astype(int)
        places = [(int(left), int(top)) for top in tops for left in lefts]
        parts = [self._segments.read(Box(x, y, x + side, y + side)) for x, y in places]
        return auto_window(np.stack(parts))


def tiff_size(path: Path) -> tuple[int, int] | None:
    """Return (width, height) of a TIFF file's page, None for a file that is none."""
    if not is_tiff(file_and_page(path)[0].name):
        return None
    try:
        with open_page(path) as stream:
            return first_page_size(stream)
    except (OSError, BadDataError):
        return None


def open_huge(path: Path) -> HugeImage | None:
    """Return the image if it is to be read in parts, None for every other file.

    Raises:
        BadDataError: if it is too large to be decoded whole and cannot be read in parts.
    """
    size = tiff_size(path)
    if size is None or size[0] * size[1] <= HUGE_PX:
        return None
    try:
        return HugeImage(path)
    except BadDataError:
        if size[0] * size[1] <= LARGEST_WHOLE_PX:
            return None
        raise


def refuse_huge(path: Path) -> None:
    """Raise for an image that is too large to be learned from or judged whole.

    Raises:
        BadDataError: naming size and remedy.
    """
    size = tiff_size(path)
    if size is not None and size[0] * size[1] > LARGEST_WHOLE_PX:
        raise BadDataError(
            f"{path}: {size[0]} × {size[1]} px are too many for one image",
            "cut it into tiles of at most 100 megapixels first",
        )
