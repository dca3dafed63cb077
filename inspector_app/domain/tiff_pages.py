"""One page of a TIFF file as if it were the file's first, for every decoder there is.

A page that is not the first is named by a path below its file, ``stack.tif/page 3``. No such
file can exist, so whoever does not know of pages fails instead of taking the first one.
"""

import io
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from inspector_app.domain.errors import BadDataError

MOST_PAGES = 1000
"""No more are looked at: in a damaged file the last may point back at the first."""
TIFF_SUFFIXES = (".tif", ".tiff")
SUBFILE_TYPE = 254
REDUCED_OR_MASK = 1 | 4
"""Bits of the subfile type: a smaller copy of another page, or its mask (TIFF 6.0, section 8)."""

_NAME = re.compile(r"page ([1-9]\d{0,3})")
_SHORT = 3


def is_tiff(name: str) -> bool:
    """Tell by a file's name."""
    # Not through Path, which takes twenty times as long: every image of a folder is asked.
    return name.lower().endswith(TIFF_SUFFIXES)


def page_path(path: Path, page: int) -> Path:
    """Return the path that names a page; the first (1, or 0 for not chosen) is the file itself."""
    return path / f"page {page}" if page > 1 else path


def file_and_page(path: Path) -> tuple[Path, int]:
    """Return the file on disk and the page, from 1."""
    found = _NAME.fullmatch(path.name)
    if found and is_tiff(path.parent.name):
        return path.parent, int(found[1])
    return path, 1


def open_page(path: Path) -> BinaryIO:
    """Open an image file for reading; the page that the path names is its first.

    Raises:
        OSError: as for any file.
        BadDataError: if there is no such page.
    """
    file, page = file_and_page(path)
    stream = file.open("rb")
    if page == 1:
        return stream
    try:
        form = _form_of(stream)
        offset = _page_offset(stream, form, page)
    except (struct.error, KeyError, StopIteration) as error:
        stream.close()
        raise BadDataError(f"{path}: there is no such page", "choose another page") from error
    stream.seek(0)
    head = stream.read(form.first_at) + struct.pack(form.offset, offset)
    stream.seek(0)
    return io.BufferedReader(_WithHead(stream, head))


def read_page(path: Path) -> bytes:
    """Return the bytes of an image file; the page that the path names is its first.

    Raises:
        OSError: as for any file.
        BadDataError: if there is no such page.
    """
    file, page = file_and_page(path)
    if page == 1:
        return file.read_bytes()
    with open_page(path) as stream:
        return stream.read()


class _WithHead(io.RawIOBase):
    """A file whose first bytes are others."""

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self._stream = stream
        self._head = head

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        start = self._stream.tell()
        data = self._stream.read(len(buffer))
        head = self._head[start : start + len(data)]
        buffer[: len(data)] = head + data[len(head) :]
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Form(NamedTuple):
    """How numbers are stored in a TIFF file or a BigTIFF file."""

    order: str
    first_at: int
    """Where the first directory's place is written."""
    offset: str
    length: str
    """Of the number of a directory's entries."""
    entry_bytes: int


def _form_of(stream: BinaryIO) -> _Form:
    order = {b"II": "<", b"MM": ">"}[stream.read(2)]
    (version,) = struct.unpack(f"{order}H", stream.read(2))
    return {
        42: _Form(order, 4, f"{order}I", f"{order}H", 12),
        43: _Form(order, 8, f"{order}Q", f"{order}Q", 20),
    }[version]


def _page_offset(stream: BinaryIO, form: _Form, page: int) -> int:
    """Return where the directory of a page lies; smaller copies and masks are no pages."""
    pages = (offset for offset, is_page in _directories(stream, form) if is_page)
    for _ in range(page - 1):
        next(pages)
    return next(pages)


def _directories(stream: BinaryIO, form: _Form) -> Iterator[tuple[int, bool]]:
    """Yield place and whether it is a page's."""
    offset_at = form.first_at
    for _ in range(MOST_PAGES):
        stream.seek(offset_at)
        (offset,) = _unpacked(stream, form.offset)
        if not offset:
            return
        stream.seek(offset)
        (count,) = _unpacked(stream, form.length)
        offset_at = stream.tell() + count * form.entry_bytes
        entries = stream.read(min(count, 0xFFFF) * form.entry_bytes)
        yield offset, not _subfile_type(entries, form) & REDUCED_OR_MASK


def _subfile_type(entries: bytes, form: _Form) -> int:
    value_at = 4 + struct.calcsize(form.offset)
    for start in range(0, len(entries) - form.entry_bytes + 1, form.entry_bytes):
        tag, kind = struct.unpack_from(f"{form.order}HH", entries, start)
        if tag == SUBFILE_TYPE:
            width = "H" if kind == _SHORT else "I"
            return int(struct.unpack_from(f"{form.order}{width}", entries, start + value_at)[0])
    return 0


def _unpacked(stream: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, stream.read(struct.calcsize(form)))
