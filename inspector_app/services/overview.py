"""The overview of a huge image: made band by band in threads, kept on disk for the next time."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from inspector_app.domain.errors import KnownError
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.services.background import URGENT, Background, Task
from inspector_app.services.thumbnail_files import ThumbnailFiles

BAND_ROWS = 32
"""Rows of the overview that are made at a time."""
_LARGEST_PX = 16_000_000
_DISK_BYTES = 2**30
_MAX_RUNNING = 2
_BAND_PRIORITY = 1


class Overview(QObject):
    """Fills from the top; at most 16 megapixels, every pixel the mean of 2ⁿ × 2ⁿ of the image's."""

    rows_ready = Signal(int, object)
    """First row, and (h, w, 3) RGB or, of a deep image, its own values as (h, w) or BGR.

    Whole bands but for the last, or all of it at once.
    """
    ended = Signal()
    """Every row was made now, none was read from the disk."""
    failed = Signal(str)
    """A sentence for the operator; the other rows follow all the same."""

    def __init__(
        self,
        image: HugeImage,
        background: Background,
        cache_folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._image = image
        self._background = background
        self._files = ThumbnailFiles(cache_folder, max_bytes=_DISK_BYTES)
        self.halvings = halvings_for(image.width * image.height)
        self.width, self.height = image.width >> self.halvings, image.height >> self.halvings
        self._waiting: list[int] = []
        self._tasks: dict[int, Task] = {}
        self._has_failed = False

    def start(self) -> None:
        """Take the overview made before, else make it."""
        self._tasks[-1] = self._background.run(
            partial(_kept, self._image, self._files),
            self._on_kept,
            partial(self._on_failed, -1),
            priority=URGENT,
        )

    def keep(self, pixels: NDArray[Any]) -> None:
        """Store the finished overview, unless a part of it could not be read."""
        if not self._has_failed:
            self._background.run(
                partial(_store, self._image.path, self._files, pixels),
                lambda _: None,
                # It is made again the next time.
                lambda _: None,
            )

    def close(self) -> None:
        """Stop; nothing is told any more."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self._waiting.clear()

    def _on_kept(self, pixels: NDArray[Any] | None) -> None:
        del self._tasks[-1]
        if pixels is not None and pixels.shape[:2] == (self.height, self.width):
            self.rows_ready.emit(0, pixels)
            return
        self._waiting = list(range(0, self.height, BAND_ROWS))[::-1]
        self._start_next()

    def _start_next(self) -> None:
        while self._waiting and len(self._tasks) < _MAX_RUNNING:
            top = self._waiting.pop()
            rows = min(BAND_ROWS, self.height - top)
            box = Box(0, top << self.halvings, self._image.width, top + rows << self.halvings)
            self._tasks[top] = self._background.run(
                partial(self._image.shown_values, box, halvings=self.halvings),
                partial(self._on_rows, top),
                partial(self._on_failed, top),
                priority=_BAND_PRIORITY,
            )

    def _on_rows(self, top: int, pixels: NDArray[Any]) -> None:
        del self._tasks[top]
        self._start_next()
        self.rows_ready.emit(top, pixels)
        self._tell_if_ended()

    def _on_failed(self, top: int, error: Exception) -> None:
        del self._tasks[top]
        if not isinstance(error, KnownError):
            self._background.bug_found.emit(error)
        if not self._has_failed:
            self._has_failed = True
            self.failed.emit(str(error))
        self._start_next()
        self._tell_if_ended()

    def _tell_if_ended(self) -> None:
        if not self._tasks and not self._waiting:
            self.ended.emit()


def halvings_for(image_px: int) -> int:
    """Return how often an image is halved for its overview."""
    halvings = 1
    while image_px >> 2 * halvings > _LARGEST_PX:
        halvings += 1
    return halvings


def _kept(image: HugeImage, files: ThumbnailFiles) -> NDArray[Any] | None:
    if not image.is_at_hand(Box(0, 0, image.width, image.height)):
        # Making the overview anew is what unpacks the image.
        return None
    key = files.key(image.path)
    return files.read(key) if image.facts is None else files.read_values(key)


def _store(path: Path, files: ThumbnailFiles, pixels: NDArray[Any]) -> None:
    key = files.key(path)
    if pixels.dtype == np.uint8:
        files.write(key, pixels)
    else:
        files.write_values(key, pixels)
    files.prune()
