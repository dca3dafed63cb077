"""Parts of TIFF files, without reading the rest of them."""

import struct
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.domain.plain_rows import PlainRows, unreadable
from inspector_app.domain.tiff_pages import file_and_page, open_page

_CACHED_BYTES = 192 * 2**20
"""Strips and tiles just decoded: neighbours on the screen need the same ones."""
_LARGEST_SEGMENT_PX = 2**27
_NO_COMPRESSION = 1
_COPIED_TAGS = (258, 259, 262, 266, 277, 284, 317, 320, 338, 339, 347, 530, 532)
"""What a decoder has to know of a strip or a tile: depth, compression, colours, predictor…"""
_REMEDY = "save it as a TIFF in tiles, uncompressed or with Deflate, LZW or JPEG"


class TiffSegments:
    """A page of a TIFF file by its strips or tiles; used by several threads at once."""

    def __init__(self, path: Path) -> None:
        """Read the file's directory.

        Raises:
            BadDataError: if it is no TIFF, or cannot be read in parts.
        """
        # Imported here: it takes a third of a second.
        import tifffile  # noqa: PLC0415

        self.path = path
        self._lock = threading.Lock()
        self._cache: OrderedDict[int, NDArray[Any]] = OrderedDict()
        self._cached_bytes = 0
        try:
            with open_page(path) as stream, tifffile.TiffFile(stream) as file:
                self._take(file.pages[0], file.byteorder)
        except (OSError, tifffile.TiffFileError, IndexError, struct.error) as error:
            raise BadDataError(f"{path}: not a TIFF that can be read ({error})", _REMEDY) from error
        self._refuse_unsuitable()

    def _take(self, page: Any, byteorder: str) -> None:
        self.width, self.height = int(page.imagewidth), int(page.imagelength)
        self._byteorder = byteorder
        self._offsets, self._lengths = page.dataoffsets, page.databytecounts
        self._samples, self._bits = int(page.samplesperpixel), int(page.bitspersample)
        self._is_tiled = bool(page.is_tiled)
        if self._is_tiled:
            self._segment_width, self._segment_height = int(page.tilewidth), int(page.tilelength)
        else:
            self._segment_width = self.width
            self._segment_height = min(int(page.rowsperstrip), self.height)
        self._tags = _raw_tags(page, byteorder)
        self._rows = None if self._is_tiled else _plain_rows(page, byteorder, self.path)
        self._is_upright = int(page.tags.valueof("Orientation", 1)) == 1
        self._is_interleaved = self._samples == 1 or int(page.planarconfig) == 1

    def _refuse_unsuitable(self) -> None:
        why = ""
        if not self._is_upright:
            why = "it is stored turned or mirrored"
        elif not self._is_interleaved:
            why = "its colours are stored apart"
        elif not self.has_plain_rows and self._segment_px > _LARGEST_SEGMENT_PX:
            why = f"it is compressed in one piece of {self._segment_height} rows"
        if why:
            raise BadDataError(f"{self.path}: cannot be opened in parts: {why}", _REMEDY)

    @property
    def has_plain_rows(self) -> bool:
        """Pixels lie in the file as in memory: any part costs what itself takes."""
        return self._rows is not None

    @property
    def _segment_px(self) -> int:
        return self._segment_width * self._segment_height

    @property
    def _across(self) -> int:
        return -(-self.width // self._segment_width)

    def read(self, box: Box) -> NDArray[Any]:
        """Return (h, w) or BGR (h, w, 3) of a box inside the image, in the file's own values.

        Raises:
            BadDataError: if the file is damaged there, or gone.
        """
        if self._rows is not None:
            return self._rows.read(box)
        result: NDArray[Any] | None = None
        for row in range(box.top // self._segment_height, -(-box.bottom // self._segment_height)):
            for column in range(
                box.left // self._segment_width, -(-box.right // self._segment_width)
            ):
                part = self._segment(row * self._across + column)
                if result is None:
                    result = np.zeros((box.height, box.width, *part.shape[2:]), part.dtype)
                _paste(part, column * self._segment_width, row * self._segment_height, result, box)
        assert result is not None
        return result

    # strips and tiles

    def _segment(self, index: int) -> NDArray[Any]:
        with self._lock:
            if (known := self._cache.get(index)) is not None:
                self._cache.move_to_end(index)
                return known
        made = self._decoded(index)
        with self._lock:
            # Another thread may have made the same one meanwhile.
            self._cached_bytes += made.nbytes if index not in self._cache else 0
            self._cache[index] = made
            while self._cached_bytes > _CACHED_BYTES and len(self._cache) > 1:
                _, oldest = self._cache.popitem(last=False)
                self._cached_bytes -= oldest.nbytes
        return made

    def _decoded(self, index: int) -> NDArray[Any]:
        rows = self._segment_height
        if not self._is_tiled:
            rows = min(rows, self.height - index * rows)
        try:
            with file_and_page(self.path)[0].open("rb") as file:
                file.seek(self._offsets[index])
                data = file.read(self._lengths[index])
        except OSError as error:
            raise unreadable(self.path, error) from error
        wrapped = _small_tiff(self._tags, self._byteorder, self._segment_width, rows, data)
        pixels = cv2.imdecode(
            np.frombuffer(wrapped, np.uint8), cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
        )
        if pixels is None:
            raise BadDataError(f"{self.path}: strip or tile {index} cannot be decoded", _REMEDY)
        return np.asarray(pixels)


def _plain_rows(page: Any, byteorder: str, path: Path) -> PlainRows | None:
    """Return the rows if they follow each other in the file, as grey values or red, green, blue."""
    bits, samples = int(page.bitspersample), int(page.samplesperpixel)
    is_usual = bits in (8, 16) and (int(page.photometric), samples) in ((1, 1), (2, 3))
    is_whole_numbers = int(page.sampleformat or 1) == 1
    is_packed = int(page.compression) != _NO_COMPRESSION or int(page.fillorder) != 1
    ends = np.add(page.dataoffsets[:-1], page.databytecounts[:-1])
    has_gaps = not np.array_equal(ends, page.dataoffsets[1:])
    if not is_usual or not is_whole_numbers or is_packed or has_gaps:
        return None
    return PlainRows(
        file_and_page(path)[0],
        int(page.imagewidth),
        int(page.imagelength),
        samples,
        np.dtype(f"{byteorder}u{bits // 8}"),
        offset=page.dataoffsets[0],
        is_rgb=samples == 3,
    )


def _paste(part: NDArray[Any], left: int, top: int, target: NDArray[Any], box: Box) -> None:
    """Copy what two rectangles share; `part` lies at left, top and `target` is the box."""
    height, width = part.shape[:2]
    x0, x1 = max(left, box.left), min(left + width, box.right)
    y0, y1 = max(top, box.top), min(top + height, box.bottom)
    target[y0 - box.top : y1 - box.top, x0 - box.left : x1 - box.left] = part[
        y0 - top : y1 - top, x0 - left : x1 - left
    ]


_RawTags = dict[int, tuple[int, int, bytes]]
"""Number → type, count and value as stored."""


def _raw_tags(page: Any, byteorder: str) -> _RawTags:
    found: _RawTags = {}
    for number in _COPIED_TAGS:
        tag = page.tags.get(number)
        if tag is None:
            continue
        value = tag.value
        if isinstance(value, bytes):
            found[number] = (7, len(value), value)
        else:
            values = [int(one) for one in np.atleast_1d(value).ravel()]
            found[number] = (3, len(values), struct.pack(f"{byteorder}{len(values)}H", *values))
    return found


def _small_tiff(tags: _RawTags, byteorder: str, width: int, height: int, data: bytes) -> bytes:
    """Return a TIFF file of one strip, which every decoder takes (TIFF 6.0, section 2)."""
    body = data + b"\0" * (len(data) % 2)
    sizes = {256: width, 257: height, 273: 8, 278: height, 279: len(data)}
    entries = dict(tags)
    for number, value in sizes.items():
        entries[number] = (4, 1, struct.pack(f"{byteorder}I", value))
    table, extra = b"", b""
    extra_offset = 8 + len(body) + 2 + 12 * len(entries) + 4
    for number, (kind, count, stored) in sorted(entries.items()):
        field = stored
        if len(stored) > 4:
            field = struct.pack(f"{byteorder}I", extra_offset + len(extra))
            extra += stored + b"\0" * (len(stored) % 2)
        table += struct.pack(f"{byteorder}HHI", number, kind, count) + field.ljust(4, b"\0")
    mark = b"II" if byteorder == "<" else b"MM"
    head = mark + struct.pack(f"{byteorder}HI", 42, 8 + len(body))
    return head + body + struct.pack(f"{byteorder}H", len(entries)) + table + bytes(4) + extra
