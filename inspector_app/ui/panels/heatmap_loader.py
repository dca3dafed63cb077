"""Heatmaps as overlays, made in a thread; the latest request wins."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from inspector_app.domain.errors import KnownError
from inspector_app.domain.mask import Polygon
from inspector_app.services.background import Background, Task
from inspector_app.services.heatmaps import HeatmapScale, colourise, contours, read_heatmap


@dataclass(frozen=True, slots=True)
class HeatmapRequest:
    """Everything an overlay depends on."""

    path: Path
    file_scale: float
    """Value of the file's white, see `read_heatmap`."""
    scale: HeatmapScale
    """Its threshold is where the contour runs."""
    palette: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class HeatmapPicture:
    """What lies over the image."""

    request: HeatmapRequest
    overlay: QImage
    contours: tuple[Polygon, ...]


class HeatmapLoader(QObject):
    """At most one overlay is being made and one waits."""

    ready = Signal(object)
    """HeatmapPicture of the latest request."""
    failed = Signal(str)
    """A sentence for the operator."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._task: Task | None = None
        self._waiting: HeatmapRequest | None = None
        self._values: tuple[Path, NDArray[np.float32]] | None = None

    def request(self, request: HeatmapRequest) -> None:
        if self._task is not None:
            self._waiting = request
            return
        values = self._values[1] if self._values and self._values[0] == request.path else None
        self._task = self._background.run(
            partial(_make, request, values), self._finish, self._fail, priority=3
        )

    def forget(self) -> None:
        """Whatever is under way does not count any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._waiting = None

    def _finish(self, made: tuple[HeatmapPicture, NDArray[np.float32]]) -> None:
        picture, values = made
        self._values = (picture.request.path, values)
        self._task = None
        if not self._start_waiting():
            self.ready.emit(picture)

    def _fail(self, error: Exception) -> None:
        self._task = None
        if self._start_waiting():
            return
        self.failed.emit(error.message if isinstance(error, KnownError) else str(error))
        if not isinstance(error, KnownError):
            raise error

    def _start_waiting(self) -> bool:
        if self._waiting is None:
            return False
        request, self._waiting = self._waiting, None
        self.request(request)
        return True


def _make(
    request: HeatmapRequest, values: NDArray[np.float32] | None
) -> tuple[HeatmapPicture, NDArray[np.float32]]:
    if values is None:
        values = read_heatmap(request.path, request.file_scale)
    width, height = request.width, request.height
    rgba = np.ascontiguousarray(
        colourise(values, request.scale, palette=request.palette, width=width, height=height)
    )
    overlay = QImage(width, height, QImage.Format.Format_RGBA8888)
    # Through numpy, which lets the window's thread run meanwhile; QImage.copy() would not.
    lines = np.frombuffer(overlay.bits(), np.uint8).reshape(height, overlay.bytesPerLine())
    lines[:, : 4 * width] = rgba.reshape(height, 4 * width)
    outlines = contours(values, request.scale.threshold, width=width, height=height)
    return HeatmapPicture(request, overlay, tuple(outlines)), values
