"""Brings the session's current image to the canvas and its neighbours close."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from inspector_app.domain.huge import HugeImage
from inspector_app.services.images import Images
from inspector_app.services.segmentation import Segmentation

_SAY_LOADING_AFTER_MS = 200


class CurrentImage(QObject):
    """Tells when the pixels of the image that is wanted now are there."""

    loaded = Signal(QImage)
    huge_opened = Signal(object)
    """HugeImage: it is read in parts."""
    failed = Signal(str)
    """A sentence for the operator."""
    is_slow = Signal()
    """It takes long enough to say so."""

    def __init__(
        self, images: Images, segmentation: Segmentation, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._segmentation = segmentation
        self._path: Path | None = None
        self._slow_timer = self._timer(_SAY_LOADING_AFTER_MS, self.is_slow.emit)
        images.loaded.connect(self._on_loaded)
        images.huge_opened.connect(self._on_huge_opened)
        images.failed.connect(self._on_failed)

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def halvings(self) -> Mapping[int, QImage]:
        """Smaller copies of the image, by how often their sides are halved."""
        return self._images.halvings(self._path) if self._path is not None else {}

    def set_path(self, path: Path | None, neighbours: list[Path]) -> None:
        """Want another image; those beside it are decoded ahead of time."""
        self._segmentation.forget()
        self._path = path
        if path is None:
            self._slow_timer.stop()
            return
        self._slow_timer.start()
        self._images.request(path)
        self._images.prefetch(neighbours)

    def _on_loaded(self, path: str, image: QImage) -> None:
        if self._is_wanted(path):
            self._slow_timer.stop()
            self.loaded.emit(image)

    def _on_huge_opened(self, path: str, image: HugeImage) -> None:
        if self._is_wanted(path):
            self._slow_timer.stop()
            self.huge_opened.emit(image)

    def _on_failed(self, path: str, sentence: str) -> None:
        if self._is_wanted(path):
            self._slow_timer.stop()
            self.failed.emit(sentence)

    def _is_wanted(self, path: str) -> bool:
        return self._path is not None and path == str(self._path)

    def _timer(self, interval_ms: int, on_timeout: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(on_timeout)
        return timer
