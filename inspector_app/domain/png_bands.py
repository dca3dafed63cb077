"""A PNG file of any size, decoded band by band: no more of it is in memory than one band.

Rows are compressed as one stream, and each is stored as differences from its neighbours
(PNG, third edition, sections 9 and 10). The stream is unpacked piece by piece here; each band
of it is wrapped as a small PNG file of its own, with the row above it as its first, and
OpenCV undoes the differences.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
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
_BAND_BYTES = 16 * 2**20
_READ_BYTES = 2**20
_HEAD_BYTES = 4096
_INTERLACE_AT = 28
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
        head = stream.read(_HEAD_BYTES)
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
    except (zlib.error, struct.error, EOFError, KeyError) as error:
        raise BadDataError(f"{path}: the PNG is damaged or ends too early", _REMEDY) from error


def _read_header(stream: BinaryIO, path: Path) -> _Header:
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


def _bands(stream: BinaryIO, header: _Header) -> Iterator[NDArray[Any]]:
    line_bytes = 1 + header.row_bytes
    rows_at_once = max(1, _BAND_BYTES // line_bytes)
    source = _Unpacking(stream)
    above = bytes(header.row_bytes)
    for top in range(0, header.height, rows_at_once):
        rows = min(rows_at_once, header.height - top)
        raw = _without_differences(above, source.read(rows * line_bytes), rows, header)
        above = raw[-1].tobytes()
        yield _pixels(raw, header)


class _Unpacking:
    """The image data of a PNG file as one stream of bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unpacker = zlib.decompressobj()
        self._left = 0
        """Of the chunk that is being read."""

    def read(self, count: int) -> bytes:
        """Return so many bytes.

        Raises:
            EOFError: if there are not as many.
        """
        found = bytearray()
        while len(found) < count:
            packed = self._unpacker.unconsumed_tail or self._next_packed()
            found += self._unpacker.decompress(packed, count - len(found))
        return bytes(found)

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


def _without_differences(
    above: bytes, filtered: bytes, rows: int, header: _Header
) -> NDArray[np.uint8]:
    """Return (rows, row_bytes): the bytes of the rows as they were before they were packed."""
    depth, colours = _CARRIERS[header.pixel_bytes]
    width = header.row_bytes // header.pixel_bytes
    head = struct.pack(">IIBBBBB", width, rows + 1, depth, colours, 0, 0, 0)
    packed = zlib.compress(b"\0" + above + filtered, 0)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    small = SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    found = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise EOFError
    order = {3: (2, 1, 0), 4: (2, 1, 0, 3)}
    if found.ndim == 3:
        found = found[:, :, order[found.shape[2]]]
    if found.dtype == np.uint16:
        found = found.astype(">u2")
    return np.ascontiguousarray(found[1:]).view(np.uint8).reshape(rows, header.row_bytes)


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
