"""Thumbnails: made in threads, kept in memory and on disk, the last asked for first."""

import io
from collections import OrderedDict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, QTimer, Signal
from PySide6.QtGui import QImage

from inspector_app.domain.errors import KnownError
from inspector_app.domain.huge import open_huge
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage, decode_rgb, read_size
from inspector_app.paths import unpacked_folder
from inspector_app.services.background import Background
from inspector_app.services.images import image_from_rgb, read_image_file
from inspector_app.services.thumbnail_files import ThumbnailFiles

THUMBNAIL_PX = 160

_MAX_IN_MEMORY = 1000
"""At most 77 KB each: a few screens of the grid."""
_MAX_PENDING = 300
"""More than any screen shows; what was asked for before that has been scrolled away."""
_TELL_EVERY_MS = 17
_WRITES_BETWEEN_PRUNES = 2000
_PRIORITY = -1
_PRUNE_PRIORITY = -2


class Thumbnails(QObject):
    """Gives thumbnails at once or announces them."""

    ready = Signal(str)
    """Path whose thumbnail (or failure) is known now; told in bursts, at most sixty a second."""

    def __init__(
        self,
        background: Background,
        cache_folder: Path,
        parent: QObject | None = None,
        *,
        max_disk_bytes: int = 512 * 2**20,
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._files = ThumbnailFiles(cache_folder, max_bytes=max_disk_bytes)
        self._known: OrderedDict[str, QImage] = OrderedDict()
        self._pending: OrderedDict[str, None] = OrderedDict()
        self._running: set[str] = set()
        # One core is left to the window and to the image the operator waits for.
        self._max_running = max(1, QThread.idealThreadCount() - 1)
        self._made_since_prune = 0
        self._untold: list[str] = []
        self._tell_timer = QTimer(self)
        self._tell_timer.setSingleShot(True)
        self._tell_timer.setInterval(_TELL_EVERY_MS)
        self._tell_timer.timeout.connect(self._tell)
        background.calmed.connect(self._start_next)
        self._prune()

    def thumbnail(self, path: Path) -> QImage | None:
        """Return it if known, else ask for it. A null QImage means the file cannot be read."""
        key = str(path)
        if (image := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return image
        if key not in self._running:
            self._pending[key] = None
            self._pending.move_to_end(key)
            if len(self._pending) > _MAX_PENDING:
                self._pending.popitem(last=False)
            self._start_next()
        return None

    def _start_next(self) -> None:
        # A core that decodes a thumbnail is lost for the image on its way to the canvas.
        while self._pending and len(self._running) < self._max_running and self._background.is_calm:
            key, _ = self._pending.popitem()
            self._running.add(key)
            self._background.run(
                partial(_load_thumbnail, Path(key), self._files),
                partial(self._on_made, key),
                partial(self._on_failed, key),
                priority=_PRIORITY,
            )

    def _on_made(self, key: str, made: tuple[QImage, bool]) -> None:
        image, is_new = made
        self._made_since_prune += is_new
        if self._made_since_prune >= _WRITES_BETWEEN_PRUNES:
            self._prune()
        self._keep(key, image)

    def _on_failed(self, key: str, error: Exception) -> None:
        if not isinstance(error, KnownError):
            self._background.bug_found.emit(error)
        self._keep(key, QImage())

    def _keep(self, key: str, image: QImage) -> None:
        self._running.discard(key)
        self._known[key] = image
        if len(self._known) > _MAX_IN_MEMORY:
            self._known.popitem(last=False)
        self._untold.append(key)
        if not self._tell_timer.isActive():
            self._tell_timer.start()
        self._start_next()

    def _tell(self) -> None:
        untold, self._untold = self._untold, []
        for key in untold:
            self.ready.emit(key)

    def _prune(self) -> None:
        self._made_since_prune = 0
        self._background.run(self._files.prune, _ignore_count, priority=_PRUNE_PRIORITY)


def _ignore_count(_removed: int) -> None:
    pass


def _load_thumbnail(path: Path, files: ThumbnailFiles) -> tuple[QImage, bool]:
    """Return the thumbnail and whether it had to be made; for pool threads.

    Raises:
        BadDataError: if the file cannot be read as an image.
    """
    key = files.key(path)
    if (stored := files.read(key)) is not None:
        return image_from_rgb(stored), False
    huge = open_huge(path, unpacked_folder())
    rgb = huge.sampled(THUMBNAIL_PX) if huge else _thumbnail_of_file(path)
    files.write(key, rgb)
    return image_from_rgb(rgb), True


def _thumbnail_of_file(path: Path) -> RgbImage:
    return make_thumbnail(read_image_file(path), name=str(path))


def make_thumbnail(data: bytes, *, name: str) -> RgbImage:
    """Return the upright image, reduced so that its longer side is `THUMBNAIL_PX` at most.

    Raises:
        BadDataError: naming `name`, if the bytes are no complete image.
    """
    large = _decode_reduced(data, name)
    height, width = large.shape[:2]
    factor = THUMBNAIL_PX / max(height, width)
    if factor >= 1.0:
        return large
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.uint8)


def _decode_reduced(data: bytes, name: str) -> RgbImage:
    """Decode, where the format allows at a half, a quarter or an eighth of the size."""
    # JPEG's transform gives smaller sizes for next to nothing. One that is cut
    # off goes the long way, where it is refused.
    if data.startswith(b"\xff\xd8\xff") and data.rfind(b"\xff\xd9") > 0:
        flags = _reduced_flags(max(read_size(io.BytesIO(data), name=name)))
        image: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)  # type: ignore[assignment]
        if image is not None:
            return np.ascontiguousarray(image[:, :, ::-1])
    return decode_rgb(data, name=name)


def _reduced_flags(long_side_px: int) -> int:
    for reduction, flags in (
        (8, cv2.IMREAD_REDUCED_COLOR_8),
        (4, cv2.IMREAD_REDUCED_COLOR_4),
        (2, cv2.IMREAD_REDUCED_COLOR_2),
    ):
        if long_side_px // reduction >= THUMBNAIL_PX:
            return flags
    return cv2.IMREAD_COLOR
