"""Uncompressed BMP files, whose rows lie in the file as they are."""

import struct
from pathlib import Path

import numpy as np

from inspector_app.domain.plain_rows import PlainRows

_HEAD = struct.Struct("<2s8xIIiiHHI")
"""Mark, where the pixels begin, header size, width, height, planes, bits, compression."""
_FILE_HEADER_BYTES = 14
_SAMPLES = {8: 1, 24: 3, 32: 4}


def bmp_size(head: bytes) -> tuple[int, int] | None:
    """Return (width, height) from a file's first bytes, None if it is no BMP."""
    if len(head) < _HEAD.size or not head.startswith(b"BM"):
        return None
    _, _, _, width, height, *_ = _HEAD.unpack_from(head)
    return width, abs(height)


def bmp_rows(path: Path) -> PlainRows | None:
    """Return where the rows are, None if they are compressed or hold numbers of colours.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        if bmp_size(head) is None:
            return None
        _, offset, header_bytes, width, height, _, bits, compression = _HEAD.unpack(head)
        file.seek(_FILE_HEADER_BYTES + header_bytes)
        palette = np.frombuffer(file.read(4 * 256), np.uint8)
    if bits not in _SAMPLES or compression or (bits == 8 and not _is_grey(palette)):
        return None
    return PlainRows(
        path,
        width,
        abs(height),
        _SAMPLES[bits],
        np.dtype(np.uint8),
        offset=offset,
        row_bytes=(width * bits + 31) // 32 * 4,
        is_bottom_up=height > 0,
    )


def _is_grey(palette: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bool:
    """Tell whether every value stands for itself."""
    if palette.size != 4 * 256:
        return False
    colours = palette.reshape(256, 4)[:, :3]
    return bool((colours == np.arange(256)[:, None]).all())
