"""Images too large to be decoded whole: which they are, and parts of them as 8-bit colours."""

import struct
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.bmp_rows import bmp_rows, bmp_size
from inspector_app.domain.deep import DeepFacts, Window, deep_facts, through_window
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import MOST_PIXELS
from inspector_app.domain.opencv import cv2
from inspector_app.domain.pages import first_page_size
from inspector_app.domain.picture import RgbImage, read_size, rgb_from_bgr
from inspector_app.domain.plain_rows import unreadable
from inspector_app.domain.png_bands import SIGNATURE
from inspector_app.domain.tiff_pages import file_and_page, is_tiff, open_page
from inspector_app.domain.tiff_segments import TiffSegments
from inspector_app.domain.unpacked import Unpacked

HUGE_PX = 100_000_000
"""Larger TIFF files are read in parts."""
LARGEST_WHOLE_PX = 178_956_970
"""What is decoded whole where it cannot be read in parts: Pillow's limit."""
_COARSER_IF_COMPRESSED = 4
_SAMPLES_PER_SIDE = 12
_SAMPLE_PX = 256
_HEAD_BYTES = 64
_FEWEST_BYTES = 1_000_000
"""JPEG and WebP files below this are no larger than can be decoded whole."""


class _Source(Protocol):
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    def read(self, box: Box) -> NDArray[Any]: ...


class HugeImage:
    """A file of which any part can be had; used by several threads at once."""

    def __init__(self, path: Path, unpack_folder: Path) -> None:
        """Read the header.

        Args:
            unpack_folder: where formats are unpacked that have no parts.

        Raises:
            BadDataError: if the file cannot be read in parts.
        """
        self._source = _source_of(path, unpack_folder)
        self.path = path
        self.width, self.height = self._source.width, self._source.height
        if self.width * self.height > MOST_PIXELS:
            raise BadDataError(
                f"{path}: {self.width} × {self.height} px are more than regions can be counted in",
                "cut it into parts",
            )

    def is_at_hand(self, box: Box) -> bool:
        """Tell whether a box can be read before what lies above it was unpacked."""
        return not isinstance(self._source, Unpacked) or self._source.is_at_hand(box)

    def read(self, box: Box, *, halvings: int = 0) -> RgbImage:
        """Return a box inside the image, every 2ⁿ × 2ⁿ pixels averaged; what is over is cut off.

        Deep values are stretched between the percentiles of a sample of the whole image,
        the same for every part.

        Raises:
            KnownError: if the file is damaged there, or gone, or cannot be unpacked.
        """
        return self.seen(self.read_values(box, halvings=halvings))

    def read_values(self, box: Box, *, halvings: int = 0) -> NDArray[Any]:
        """Likewise, as (h, w) or BGR (h, w, 3) in the file's own values."""
        pixels = self._source.read(box)
        if not halvings:
            return pixels
        # One step gives the same as several: whole blocks have whole numbers of pixels.
        step = 2**halvings
        height, width = box.height // step, box.width // step
        pixels = pixels[: height * step, : width * step]
        return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))

    def shown_values(self, box: Box, *, halvings: int = 0) -> NDArray[Any]:
        """Likewise, as RGB where the file has eight bits, else in its own values."""
        # What deep values are seen with is found out here, and not where they are painted.
        is_deep = self.facts is not None
        values = self.read_values(box, halvings=halvings)
        return values if is_deep else self.seen(values)

    def seen(self, values: NDArray[Any], window: Window | None = None) -> RgbImage:
        """Return values of the file as 8-bit colours, deep ones through a window or as usual."""
        if values.dtype != np.uint8 and self.facts is not None:
            values = through_window(values, window or self.facts.auto)
        return rgb_from_bgr(values)

    def sampled(self, longest_px: int) -> RgbImage:
        """Return a picture of so many pixels along the longer side, from few of the image's own.

        Of a compressed TIFF fewer are taken: each costs the decoding of its strip or tile.
        """
        step = -(-max(self.width, self.height) // longest_px)
        if isinstance(self._source, Unpacked):
            return rgb_from_bgr(self._source.every(step))
        has_plain_rows = not isinstance(self._source, TiffSegments) or self._source.has_plain_rows
        coarse = step if has_plain_rows else step * _COARSER_IF_COMPRESSED
        tops, lefts = range(0, self.height, coarse), range(0, self.width, coarse)
        if has_plain_rows:
            rows = [self.read(Box(0, top, self.width, top + 1))[:, :: lefts.step] for top in tops]
        else:
            rows = [self._pixels_of_row(top, lefts) for top in tops]
        size = (-(-self.width // step), -(-self.height // step))
        found = cv2.resize(np.concatenate(rows), size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(found, np.uint8)

    def _pixels_of_row(self, top: int, lefts: range) -> RgbImage:
        return np.concatenate(
            [self.read(Box(left, top, left + 1, top + 1)) for left in lefts], axis=1
        )

    @cached_property
    def facts(self) -> DeepFacts | None:
        """What a sample tells of the file's values; None of one of eight bits.

        Raises:
            KnownError: as `read`.
        """
        if self._source.read(Box(0, 0, 1, 1)).dtype == np.uint8:
            return None
        side = min(_SAMPLE_PX, self.width, self.height)
        lefts = np.linspace(0, self.width - side, _SAMPLES_PER_SIDE).astype(int)
        tops = np.linspace(0, self.height - side, _SAMPLES_PER_SIDE).astype(int)
        places = [(int(left), int(top)) for top in tops for left in lefts]
        parts = [self._source.read(Box(x, y, x + side, y + side)) for x, y in places]
        return deep_facts(np.stack(parts))


def _source_of(path: Path, unpack_folder: Path) -> _Source:
    if is_tiff(file_and_page(path)[0].name):
        return TiffSegments(path)
    try:
        if (rows := bmp_rows(path)) is not None:
            return rows
        with path.open("rb") as stream:
            width, height = read_size(stream, name=str(path))
    except OSError as error:
        raise unreadable(path, error) from error
    return Unpacked(path, unpack_folder, width=width, height=height)


def tiff_size(path: Path) -> tuple[int, int] | None:
    """Return (width, height) of a TIFF file's page, None for what is none in spite of its name."""
    try:
        with open_page(path) as stream:
            return first_page_size(stream)
    except (OSError, BadDataError):
        return None


def large_size(path: Path) -> tuple[int, int] | None:
    """Return (width, height) of a file that may be large; None for others and what is no image.

    Much quicker for small files than `read_size`: every image on its way passes here.
    """
    if is_tiff(file_and_page(path)[0].name):
        return tiff_size(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
            if head.startswith(SIGNATURE):
                width, height = struct.unpack_from(">II", head.ljust(_HEAD_BYTES), 16)
                return width, height
            if (size := bmp_size(head)) is not None:
                return size
            if stream.seek(0, 2) < _FEWEST_BYTES:
                return None
            stream.seek(0)
            return read_size(stream, name=str(path))
    except (OSError, BadDataError):
        return None


def open_huge(path: Path, unpack_folder: Path) -> HugeImage | None:
    """Return the image if it is to be read in parts, None for every other file.

    Raises:
        BadDataError: if it is too large to be decoded whole and cannot be read in parts.
    """
    size = large_size(path)
    is_in_parts = is_tiff(file_and_page(path)[0].name)
    if size is None or size[0] * size[1] <= (HUGE_PX if is_in_parts else LARGEST_WHOLE_PX):
        return None
    try:
        return HugeImage(path, unpack_folder)
    except BadDataError:
        if size[0] * size[1] <= LARGEST_WHOLE_PX:
            return None
        raise


def refuse_huge(path: Path) -> None:
    """Raise for an image that is too large to be learned from or judged whole.

    Raises:
        BadDataError: naming size and remedy.
    """
    size = large_size(path)
    if size is not None and size[0] * size[1] > LARGEST_WHOLE_PX:
        raise BadDataError(
            f"{path}: {size[0]} × {size[1]} px are too many for one image",
            "cut it into tiles of at most 100 megapixels first",
        )
