"""Large PNG, JPEG, BMP and WebP files as plain rows: unpacked once into a file beside others.

None of these formats gives a part without what lies above it. A PNG is unpacked in bands;
the others are decoded as a whole, where the memory suffices.
"""

import contextlib
import shutil
import threading
import time
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError, DiskFullError, KnownError, OutOfMemoryError
from inspector_app.domain.files import known_write_errors, state_key
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_bgr
from inspector_app.domain.plain_rows import PlainRows, unreadable
from inspector_app.domain.png_bands import is_in_bands, png_bands

_KEPT_BYTES = 16 * 2**30
_FREE_BYTES = 2**30
"""Left on the drive for everybody else."""
_ABANDONED_S = 86_400.0
_PART = ".part"
_JPEG = b"\xff\xd8\xff"
_JPEG_REDUCTION = 8
_WHOLE_ROWS = 1024
"""Of an image decoded as a whole, written at a time."""


class Unpacked:
    """Rows of an image, as far as they are needed; used by several threads at once."""

    def __init__(self, path: Path, folder: Path, *, width: int, height: int) -> None:
        """Look for what an earlier time has left in `folder`.

        Args:
            width, height: of the upright image.

        Raises:
            BadDataError: if the file is gone.
        """
        self.path, self.width, self.height = path, width, height
        self._folder = folder
        self._lock = threading.Lock()
        self._rows = _kept_rows(folder, path, width, height)
        self._row_count = height if self._rows is not None else 0
        self._bands: Iterator[NDArray[Any]] | None = None
        self._failure: KnownError | None = None
        """Met once, it is met again: what follows cannot be put in its place."""

    def is_at_hand(self, box: Box) -> bool:
        """Tell whether reading a box costs no more than that."""
        return box.bottom <= self._row_count

    def read(self, box: Box) -> NDArray[Any]:
        """Return (h, w) or BGR (h, w, 3) of a box; what lies above is unpacked first.

        Raises:
            BadDataError: if the file is damaged or gone.
            DiskFullError: if it has no room unpacked.
            OutOfMemoryError: if it has to be decoded as a whole, and that takes too much.
        """
        if self._row_count == self.height and self._rows is not None:
            return self._rows.read(box)
        # Also what is at hand: its file gets another name in the end.
        with self._lock:
            while not self.is_at_hand(box) or self._rows is None:
                self._try_to_unpack_band()
            return self._rows.read(box)

    def every(self, step: int) -> NDArray[Any]:
        """Return every so many-th pixel in both directions; nothing is written.

        Of a JPEG about as many, each the mean of its neighbourhood.
        """
        if self._row_count == self.height:
            tops = range(0, self.height, step)
            rows = [self.read(Box(0, top, self.width, top + 1)) for top in tops]
            return np.concatenate(rows)[:, ::step]
        if step >= _JPEG_REDUCTION and (small := _reduced_jpeg(self.path)) is not None:
            coarse = step // _JPEG_REDUCTION
            return small[::coarse, ::coarse]
        found, top = [], 0
        for band in decoded_bands(self.path, self.width, self.height):
            found.append(band[-top % step :: step, ::step])
            top += len(band)
        return np.concatenate(found)

    def _try_to_unpack_band(self) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            self._unpack_band()
        except KnownError as error:
            self._failure = error
            raise

    def _unpack_band(self) -> None:
        if self._bands is None:
            self._bands = decoded_bands(self.path, self.width, self.height)
        band = next(self._bands, None)
        if band is None or band.shape[1] != self.width:
            raise BadDataError(f"{self.path}: has another size than it says", "save it anew")
        with known_write_errors(self._folder):
            if self._rows is None:
                self._rows = self._begin(band)
            with self._rows.path.open("ab") as file:
                file.write(np.ascontiguousarray(band).data)
            if self._row_count + len(band) == self.height:
                self._rows = self._keep(self._rows)
        self._row_count += len(band)
        if self._row_count == self.height:
            self._bands = None

    def _begin(self, band: NDArray[Any]) -> PlainRows:
        self._folder.mkdir(parents=True, exist_ok=True)
        room = self.height * band[0].nbytes
        _prune(self._folder, room)
        free = shutil.disk_usage(self._folder).free
        if free < room + _FREE_BYTES:
            raise DiskFullError(
                f"{self.path}: unpacked it takes {room / 2**30:.1f} GB, "
                f"and {self._folder} has {free / 2**30:.1f} GB left",
                "free some space and try again",
            )
        path = self._folder / f"{uuid.uuid4().hex}{_PART}"
        path.touch()
        weakref.finalize(self, _remove, path)
        samples = 1 if band.ndim == 2 else band.shape[2]
        return PlainRows(path, self.width, self.height, samples, band.dtype)

    def _keep(self, rows: PlainRows) -> PlainRows:
        target = self._folder / _name(self.path, rows)
        rows.path.replace(target)
        return replace(rows, path=target)


def decoded_bands(path: Path, width: int, height: int) -> Iterator[NDArray[Any]]:
    """Yield an image from the top, in its own values.

    Raises:
        BadDataError: if it is damaged or gone.
        OutOfMemoryError: if it has to be decoded as a whole, and that takes too much.
    """
    try:
        data = b"" if is_in_bands(path) else path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if not data:
        yield from png_bands(path)
        return
    _refuse_if_too_large(path, width, height)
    whole = decode_bgr(data, name=str(path))
    del data
    for top in range(0, height, _WHOLE_ROWS):
        yield whole[top : top + _WHOLE_ROWS]


def _reduced_jpeg(path: Path) -> NDArray[Any] | None:
    """Return a JPEG at an eighth of its size, which takes little time and memory; else None."""
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_JPEG))
            if head != _JPEG:
                return None
            data = head + stream.read()
    except OSError as error:
        raise unreadable(path, error) from error
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_8)


def _refuse_if_too_large(path: Path, width: int, height: int) -> None:
    # Three bytes a pixel, and OpenCV turns a photo that was taken sideways in a second copy.
    needed, free = 6 * width * height, psutil.virtual_memory().available
    if needed > free:
        raise OutOfMemoryError(
            f"{path}: decoding {width} × {height} px of this format takes up to "
            f"{needed / 2**30:.1f} GB of memory, and {free / 2**30:.1f} GB are free",
            "save it as PNG or as a TIFF in tiles, or close other programs",
        )


def _name(path: Path, rows: PlainRows) -> str:
    return f"{state_key(path)}-{rows.samples}-{rows.dtype.str[1:]}"


def _kept_rows(folder: Path, path: Path, width: int, height: int) -> PlainRows | None:
    for found in folder.glob(f"{state_key(path)}-*"):
        with contextlib.suppress(ValueError, TypeError, OSError):
            samples, kind = found.name.split("-")[1:]
            rows = PlainRows(found, width, height, int(samples), np.dtype(kind))
            if found.stat().st_size == width * height * rows.samples * rows.dtype.itemsize:
                # The age of a file says when it was used last.
                found.touch()
                return rows
    return None


def _prune(folder: Path, room: int) -> None:
    """Delete what was used longest ago beyond the total size, and what a crash has left."""
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            status = path.stat()
            if path.suffix != _PART:
                found.append((status.st_mtime, status.st_size, path))
            elif status.st_mtime < time.time() - _ABANDONED_S:
                _remove(path)
    total = room
    for _, size, path in sorted(found, reverse=True):
        total += size
        if total > _KEPT_BYTES:
            _remove(path)


def _remove(path: Path) -> None:
    # Another process may have it open; on Windows it stays until the next time.
    with contextlib.suppress(OSError):
        path.unlink()
