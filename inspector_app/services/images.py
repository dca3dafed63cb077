"""Images for the canvas: decoded in threads, neighbours ahead of time, within a memory bound."""

import errno
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from inspector_app.domain.deep import DeepImage
from inspector_app.domain.errors import BadDataError, KnownError, OutOfMemoryError
from inspector_app.domain.halving import halve, halved_size
from inspector_app.domain.huge import HugeImage, open_huge
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage, decode_bgr, rgb_from_bgr
from inspector_app.domain.tiff_pages import read_page
from inspector_app.paths import unpacked_folder
from inspector_app.services.background import Background, Task

_MAX_WAITING = 4
"""Requests kept while all threads are busy; leafing quickly, only the last ones matter."""
_DEPTH = "depth"
"""Key of the QImage's text that tells the file's number type, where it is not 8 bits."""
_SMALL_PX = 512
"""Halving an image of such sides takes no time."""
_REQUEST_PRIORITY = 10
_PREFETCH_PRIORITY = 5


class Images(QObject):
    """A cache of decoded images; answers at once or by signal."""

    loaded = Signal(str, QImage)
    """Path as asked for, and an RGB888 image."""
    huge_opened = Signal(str, object)
    """Path as asked for, and a HugeImage: a file that is read in parts and not kept here."""
    failed = Signal(str, str)
    """Path as asked for, and a sentence for the operator."""

    def __init__(
        self, background: Background, *, max_bytes: int = 512 * 2**20, parent: QObject | None = None
    ) -> None:
        """Keep at most `max_bytes` of pixels, or a single larger image.

        What is being decoded comes on top.
        """
        super().__init__(parent)
        self._background = background
        self._cache = _ImageCache(max_bytes)
        self._running: dict[str, Task] = {}
        self._awaited: set[str] = set()
        """Running and to be announced; the rest of what runs is prefetch."""
        self._waiting: list[str] = []
        self._wishes: list[str] = []
        self._max_running = max(2, min(4, QThread.idealThreadCount()))

    @property
    def cached_bytes(self) -> int:
        return self._cache.size_bytes

    def cached(self, path: Path) -> QImage | None:
        return self._cache.get(str(path))

    def halvings(self, path: Path) -> Mapping[int, QImage]:
        """Return smaller copies of a cached image, by how often their sides are halved."""
        return self._cache.halvings(str(path))

    def request(self, path: Path) -> None:
        """Ask for an image; `loaded` or `failed` follows, from the cache at once in the same call.

        While several requests wait for a free thread the latest goes first, and
        only the last few are kept: one that was left behind gets no answer.
        """
        key = str(path)
        if (image := self._cache.get(key)) is not None:
            self.loaded.emit(key, image)
        elif key in self._running:
            self._awaited.add(key)
        else:
            self._waiting = [*(k for k in self._waiting if k != key), key][-_MAX_WAITING:]
            self._start_next()

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Decode these next, after what was requested; replaces the previous wish list."""
        self._wishes = [str(path) for path in paths]
        self._start_next()

    def forget(self, path: Path) -> None:
        """Drop an image from the cache, because its file may have changed."""
        self._cache.discard(str(path))

    def _start_next(self) -> None:
        while self._waiting and len(self._running) < self._max_running:
            key = self._waiting.pop()
            self._awaited.add(key)
            self._start(key, priority=_REQUEST_PRIORITY)
        # One thread stays free, so that a request never waits behind a wish.
        while len(self._running) < self._max_running - 1 and (key := self._next_wish()):
            self._start(key, priority=_PREFETCH_PRIORITY)

    def _next_wish(self) -> str:
        for key in self._wishes:
            if key not in self._cache and key not in self._running:
                return key
        return ""

    def _start(self, key: str, *, priority: int) -> None:
        self._running[key] = self._background.run(
            partial(_open, Path(key)),
            partial(self._on_loaded, key),
            partial(self._on_failed, key),
            priority=priority,
        )

    def _on_loaded(self, key: str, found: "_Decoded | HugeImage") -> None:
        del self._running[key]
        is_awaited = key in self._awaited
        self._awaited.discard(key)
        if isinstance(found, HugeImage):
            self._on_huge(key, found, is_awaited=is_awaited)
            return
        # What nobody wishes any more would only push out what somebody does.
        if is_awaited or key in self._wishes:
            self._cache.put(key, found)
        if key in self._wishes:
            self._wishes.remove(key)
        self._start_next()
        if is_awaited:
            self.loaded.emit(key, found.image)

    def _on_huge(self, key: str, image: HugeImage, *, is_awaited: bool) -> None:
        if key in self._wishes:
            self._wishes.remove(key)
        self._start_next()
        if is_awaited:
            self.huge_opened.emit(key, image)

    def _on_failed(self, key: str, error: Exception) -> None:
        del self._running[key]
        is_awaited = key in self._awaited
        self._awaited.discard(key)
        if key in self._wishes:
            self._wishes.remove(key)
        self._start_next()
        if not isinstance(error, KnownError):
            self._background.bug_found.emit(error)
        if is_awaited:
            self.failed.emit(key, str(error))


@dataclass(frozen=True, slots=True)
class _Decoded:
    image: QImage
    halvings: dict[int, QImage]

    @property
    def size_bytes(self) -> int:
        return sum(one.sizeInBytes() for one in (self.image, *self.halvings.values()))


class _ImageCache:
    """The images used last, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._images: OrderedDict[str, _Decoded] = OrderedDict()
        self.size_bytes = 0

    def __contains__(self, key: str) -> bool:
        return key in self._images

    def get(self, key: str) -> QImage | None:
        if (found := self._images.get(key)) is None:
            return None
        self._images.move_to_end(key)
        return found.image

    def halvings(self, key: str) -> Mapping[int, QImage]:
        found = self._images.get(key)
        return found.halvings if found is not None else {}

    def put(self, key: str, found: _Decoded) -> None:
        self.discard(key)
        self._images[key] = found
        self.size_bytes += found.size_bytes
        # The last one stays however large it is: its copies are asked for as soon as it is loaded.
        while self.size_bytes > self._max_bytes and len(self._images) > 1:
            _, oldest = self._images.popitem(last=False)
            self.size_bytes -= oldest.size_bytes

    def discard(self, key: str) -> None:
        if (found := self._images.pop(key, None)) is not None:
            self.size_bytes -= found.size_bytes


def _open(path: Path) -> _Decoded | HugeImage:
    huge = open_huge(path, unpacked_folder())
    if huge is not None:
        return huge
    image = load_image(path)
    try:
        return _halved(image)
    except MemoryError as error:
        raise _too_large(path) from error


def _halved(image: QImage) -> _Decoded:
    """Return the image and the copies that it is shown from where it has less room."""
    halvings: dict[int, QImage] = {}
    pixels = _pixels(image, image.constBits())
    while max(pixels.shape[:2]) > _SMALL_PX and min(pixels.shape[:2]) > 1:
        height, width = pixels.shape[:2]
        small, halved = _blank(*reversed(halved_size(width, height, 1)))
        halve(pixels, 1, halved)
        halvings[len(halvings) + 1] = small
        pixels = halved
    return _Decoded(image, halvings)


def load_image(path: Path) -> QImage:
    """Read and decode a file as the models see it; for pool threads.

    Raises:
        BadDataError: naming the file, if it is gone, locked away or no image.
        OutOfMemoryError: if its pixels do not fit.
    """
    data = read_image_file(path)
    try:
        bgr = decode_bgr(data, name=str(path))
        image = _image_from_bgr(bgr)
    except MemoryError as error:
        raise _too_large(path) from error
    if bgr.dtype != np.uint8:
        image.setText(_DEPTH, str(bgr.dtype))
    return image


def is_deep(image: QImage) -> bool:
    """Tell whether the file of a loaded image holds more than the eight bits shown of it."""
    return bool(image.text(_DEPTH))


def load_deep_image(path: Path) -> DeepImage:
    """Read and decode a file in its own units; for pool threads. Raises as `load_image`."""
    data = read_image_file(path)
    try:
        return DeepImage(decode_bgr(data, name=str(path)))
    except MemoryError as error:
        raise _too_large(path) from error


def _too_large(path: Path) -> OutOfMemoryError:
    return OutOfMemoryError(f"{path}: too large for this computer's memory", "close other programs")


def read_image_file(path: Path) -> bytes:
    """Return the file's bytes.

    Raises:
        BadDataError: naming the file and what to do.
    """
    try:
        return read_page(path)
    except FileNotFoundError as error:
        raise BadDataError(
            f"{path}: the file is no longer there", "put it back, or connect its drive"
        ) from error
    except PermissionError as error:
        raise BadDataError(f"{path}: may not be read", "ask for read access to it") from error
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, "")
        raise BadDataError(f"{path}: cannot be read ({reason})", "check its drive") from error


def _image_from_bgr(bgr: NDArray[Any]) -> QImage:
    """Return a decoded image as the models see it, converted straight into a QImage's pixels."""
    if bgr.dtype != np.uint8:
        return image_from_rgb(rgb_from_bgr(bgr))
    image, pixels = _blank(*bgr.shape[:2])
    cv2.cvtColor(bgr, cv2.COLOR_GRAY2RGB if bgr.ndim == 2 else cv2.COLOR_BGR2RGB, dst=pixels)
    return image


def image_from_rgb(rgb: RgbImage) -> QImage:
    """Return a QImage that owns its pixels.

    Raises:
        MemoryError: if Qt cannot allocate it.
    """
    image, pixels = _blank(*rgb.shape[:2])
    # Through numpy, which lets other threads run meanwhile; QImage.copy() would not.
    pixels[:] = rgb
    return image


def _blank(height: int, width: int) -> tuple[QImage, RgbImage]:
    """Return an image and a view of its pixels, to be written."""
    image = QImage(width, height, QImage.Format.Format_RGB888)
    if image.isNull():
        raise MemoryError(f"{width}×{height} px")
    return image, _pixels(image, image.bits())


def _pixels(image: QImage, data: bytes | bytearray | memoryview) -> RgbImage:
    """Return (H, W, 3) over the bytes of an RGB888 image."""
    lines = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
