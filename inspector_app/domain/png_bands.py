"""PNG images decoded band by band: any size in little memory, and whole ones on two cores.

Rows are compressed as one stream, and each is stored as differences from its neighbours
(PNG, third edition, sections 9 and 10). The stream is unpacked piece by piece here; each band
of it is wrapped as a small PNG file of its own, with the row above it as its first, and
OpenCV undoes the differences. Both take about as long, so they can run beside each other.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from isal import igzip_lib
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.plain_rows import unreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_SAMPLES = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGBA: 4}
_CARRIERS = {
    1: (8, _GREY),
    2: (16, _GREY),
    3: (8, _RGB),
    4: (8, _RGBA),
    6: (16, _RGB),
    8: (16, _RGBA),
}
"""Bytes of a pixel → depth and colours of a PNG that carries any rows of such pixels."""
_BAND_BYTES = 2**21
"""Small enough to stay in a processor's cache on the way through the steps."""
_READ_BYTES = 2**18
_WORTH_A_THREAD_BYTES = 4 * 2**20
"""Of packed data; smaller images are there sooner without."""
_HEAD_BYTES = 4096
_INTERLACE_AT = 28
# Its stub says that the class is an instance.
_UNPACKING_FAULT = cast("type[Exception]", igzip_lib.IsalError)
_FAULTS = (_UNPACKING_FAULT, struct.error, EOFError, KeyError)
_REMEDY = "copy the file again from its source, or remove it from the folder"


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    colours: int
    palette: NDArray[np.uint8]
    """(256, 3) BGR; what is not in the file is black."""

    @property
    def pixel_bytes(self) -> int:
        return max(1, self.depth * _SAMPLES[self.colours] // 8)

    @property
    def row_bytes(self) -> int:
        return -(-self.width * self.depth * _SAMPLES[self.colours] // 8)


def is_in_bands(path: Path) -> bool:
    """Tell whether a file is a PNG whose rows follow each other, upright.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as stream:
        return _has_plain_rows(stream.read(_HEAD_BYTES))


def _has_plain_rows(head: bytes) -> bool:
    is_turned = b"eXIf" in head
    return (
        head.startswith(SIGNATURE)
        and len(head) > _INTERLACE_AT
        and not (head[_INTERLACE_AT] or is_turned)
    )


def png_bands(path: Path) -> Iterator[NDArray[Any]]:
    """Yield (h, w) or BGR (h, w, 3) of any depth, from the top; alpha is dropped.

    Raises:
        BadDataError: if the file is damaged or gone, or its rows are interlaced.
    """
    try:
        with path.open("rb") as stream:
            header = _read_header(stream, path)
            yield from _bands(stream, header)
    except OSError as error:
        raise unreadable(path, error) from error
    except _FAULTS as error:
        raise BadDataError(f"{path}: the PNG is damaged or ends too early", _REMEDY) from error


def large_png(data: bytes) -> NDArray[Any] | None:
    """Return the image of a large PNG file as `png_bands` would, unpacking the next band ahead.

    None for whatever is small, no PNG, turned, interlaced or damaged: others know better.
    """
    if len(data) < _WORTH_A_THREAD_BYTES or not _has_plain_rows(data[:_HEAD_BYTES]):
        return None
    stream = io.BytesIO(data)
    image, top = None, 0
    try:
        header = _read_header(stream, "")
        with ThreadPoolExecutor(1) as pool:
            for band in _bands(stream, header, pool):
                if image is None:
                    image = np.empty((header.height, *band.shape[1:]), band.dtype)
                image[top : top + len(band)] = band
                top += len(band)
    except _FAULTS:
        return None
    return image


def _read_header(stream: BinaryIO, path: Path | str) -> _Header:
    stream.seek(len(SIGNATURE))
    _, body = _chunk(stream)
    width, height, depth, colours, _, _, interlace = struct.unpack(">IIBBBBB", body)
    if interlace:
        raise BadDataError(f"{path}: its rows are interlaced", "save it without interlacing")
    palette = np.zeros((256, 3), np.uint8)
    while (place := stream.tell()) and (found := _chunk(stream))[0] != b"IDAT":
        if found[0] == b"PLTE":
            colours_rgb = np.frombuffer(found[1], np.uint8).reshape(-1, 3)
            palette[: len(colours_rgb)] = colours_rgb[:, ::-1]
    stream.seek(place)
    return _Header(width, height, depth, colours, palette)


def _chunk(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Return a chunk's name and content; of image data the content is left where it is."""
    length, name = struct.unpack(">I4s", stream.read(8))
    if name == b"IDAT":
        return name, b""
    body = stream.read(length)
    stream.seek(4, 1)
    return name, body


def _bands(
    stream: BinaryIO, header: _Header, pool: ThreadPoolExecutor | None = None
) -> Iterator[NDArray[Any]]:
    line_bytes = 1 + header.row_bytes
    rows_at_once = max(1, _BAND_BYTES // line_bytes)
    above = bytes(header.row_bytes)
    counts = [
        min(rows_at_once, header.height - top) for top in range(0, header.height, rows_at_once)
    ]
    source = _Unpacking(stream)
    pieces = (source.read(rows * line_bytes) for rows in counts)
    for rows, filtered in zip(counts, _ahead(pieces, pool) if pool else pieces, strict=True):
        band, above = _band(above, filtered, rows, header)
        yield band
    source.finish()


def _ahead(pieces: Iterator[bytes], pool: ThreadPoolExecutor) -> Iterator[bytes]:
    """Yield the same; while one is in use, the pool makes the next."""
    coming = pool.submit(next, pieces, None)
    while (piece := coming.result()) is not None:
        coming = pool.submit(next, pieces, None)
        yield piece


class _Unpacking:
    """The image data of a PNG file as one stream of bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        # Half the time of zlib's own.
        self._unpacker = igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_ZLIB)
        self._left = 0
        """Of the chunk that is being read."""

    def read(self, count: int) -> bytes:
        """Return so many bytes.

        Raises:
            EOFError: if there are not as many.
        """
        found = bytearray()
        while len(found) < count:
            found += self._unpacked(count - len(found))
        return bytes(found)

    def finish(self) -> None:
        """Read what follows the last row: the check sum of all of them.

        Raises:
            EOFError: if it is missing.
            IsalError: if the rows are not those that were packed.
        """
        while not self._unpacker.eof:
            self._unpacked(1)

    def _unpacked(self, most: int) -> bytes:
        packed = self._next_packed() if self._unpacker.needs_input else b""
        return self._unpacker.decompress(packed, most)

    def _next_packed(self) -> bytes:
        while not self._left:
            self._left, name = struct.unpack(">I4s", self._stream.read(8))
            if name != b"IDAT":
                raise EOFError(name)
            if not self._left:
                self._stream.seek(4, 1)
        data = self._stream.read(min(self._left, _READ_BYTES))
        if not data:
            raise EOFError
        self._left -= len(data)
        if not self._left:
            self._stream.seek(4, 1)
        return data


def _band(above: bytes, filtered: bytes, rows: int, header: _Header) -> tuple[NDArray[Any], bytes]:
    """Return the pixels of some rows, and the bytes of the last of them before it was packed."""
    found = _without_differences(above, filtered, rows, header)
    if header.depth == 8 and header.colours in (_GREY, _RGB):
        # OpenCV gives these as they are wanted.
        last = found[-1] if found.ndim == 2 else found[-1, :, ::-1]
        return found[1:], last.tobytes()
    raw = _bytes_of(found[1:]).reshape(rows, header.row_bytes)
    return _pixels(raw, header), raw[-1].tobytes()


def _without_differences(above: bytes, filtered: bytes, rows: int, header: _Header) -> NDArray[Any]:
    """Return (1 + rows, …) as OpenCV decodes them, the row above first."""
    depth, colours = _CARRIERS[header.pixel_bytes]
    width = header.row_bytes // header.pixel_bytes
    head = struct.pack(">IIBBBBB", width, rows + 1, depth, colours, 0, 0, 0)
    packed = zlib.compress(b"".join((b"\0", above, filtered)), 0)
    small = [SIGNATURE]
    for name, body in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b"")):
        check = zlib.crc32(body, zlib.crc32(name))
        small += [struct.pack(">I", len(body)), name, body, struct.pack(">I", check)]
    found = cv2.imdecode(np.frombuffer(b"".join(small), np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise EOFError
    return found


def _bytes_of(found: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the bytes in the order in which a PNG has them."""
    order = {3: (2, 1, 0), 4: (2, 1, 0, 3)}
    if found.ndim == 3:
        found = found[:, :, order[found.shape[2]]]
    if found.dtype == np.uint16:
        found = found.astype(">u2")
    return np.ascontiguousarray(found).view(np.uint8)


def _pixels(raw: NDArray[np.uint8], header: _Header) -> NDArray[Any]:
    """Return the pixels that rows of bytes stand for."""
    values: NDArray[Any] = raw
    if header.depth < 8:
        values = _unpacked_bits(raw, header.depth)[:, : header.width]
    elif header.depth == 16:
        values = raw.view(">u2").astype(np.uint16)
    if header.colours == _PALETTE:
        return np.asarray(header.palette[values])
    if header.depth < 8:
        return values * np.uint8(255 // (2**header.depth - 1))
    pixels = values.reshape(len(raw), header.width, -1)
    if header.colours in (_RGB, _RGBA):
        return np.ascontiguousarray(pixels[:, :, 2::-1])
    return np.ascontiguousarray(pixels[:, :, 0])


def _unpacked_bits(raw: NDArray[np.uint8], depth: int) -> NDArray[np.uint8]:
    shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
    split = (raw[:, :, None] >> shifts) & np.uint8(2**depth - 1)
    return split.reshape(len(raw), -1)
