"""The image at hand in its own units, and its view through a window; made in threads."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from inspector_app.domain.deep import DeepImage, Window
from inspector_app.domain.errors import KnownError
from inspector_app.domain.picture import rgb_from_bgr
from inspector_app.services.background import URGENT, Background, Task
from inspector_app.services.images import image_from_rgb, load_deep_image

_REST_MS = 150
"""Leafing quickly, no image is read a second time for its own units."""


class DeepView(QObject):
    """Holds one deep image: its values, and three bytes a pixel while a window is chosen.

    A 4096 × 4096 image takes 32 MiB (grey, 16 bits) to 192 MiB (colour, floats), and
    48 MiB more for the view. Both are let go with the next image.
    """

    opened = Signal(object)
    """DeepFacts: the image is there in its own units."""
    seen = Signal(QImage)
    """The image through the window asked for last, RGB888."""
    failed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._path: Path | None = None
        self._image: DeepImage | None = None
        self._window: Window | None = None
        """To be mapped as soon as the mapping under way is over."""
        self._opening: Task | None = None
        self._mapping: Task | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self._open)

    @property
    def image(self) -> DeepImage | None:
        return self._image

    def set_path(self, path: Path | None) -> None:
        """Take another image in hand; None lets go of the last."""
        for task in (self._opening, self._mapping):
            if task is not None:
                task.cancel()
        self._opening = self._mapping = None
        self._image = self._window = None
        self._path = path
        self._timer.stop()
        if path is not None:
            self._timer.start()

    def see_through(self, window: Window) -> None:
        """Ask for the view through a window; while one is being made only the last wish counts."""
        self._window = window
        self._map_next()

    def _open(self) -> None:
        if self._path is not None:
            self._opening = self._background.run(
                partial(load_deep_image, self._path),
                self._on_opened,
                self._on_failed,
                priority=URGENT,
            )

    def _on_opened(self, image: DeepImage) -> None:
        self._image = image
        self.opened.emit(image.facts)
        self._map_next()

    def _map_next(self) -> None:
        if self._image is None or self._window is None or self._mapping is not None:
            return
        window, self._window = self._window, None
        self._mapping = self._background.run(
            partial(_mapped, self._image, window), self._on_mapped, self._on_failed, priority=URGENT
        )

    def _on_mapped(self, image: QImage) -> None:
        self._mapping = None
        self.seen.emit(image)
        self._map_next()

    def _on_failed(self, error: Exception) -> None:
        self._mapping = None
        if not isinstance(error, KnownError | MemoryError):
            self._background.bug_found.emit(error)
        self.failed.emit(str(error))


def _mapped(image: DeepImage, window: Window) -> QImage:
    return image_from_rgb(rgb_from_bgr(image.seen_through(window)))
