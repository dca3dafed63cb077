"""Thumbnails: made in threads, kept in memory and on disk, the last asked for first."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from inspector_app.services.background import Background

THUMBNAIL_PX = 160


class Thumbnails(QObject):
    """Gives thumbnails at once or announces them."""

    ready = Signal(str)
    """Path whose thumbnail (or failure) is known now; at most sixty times a second altogether."""

    def __init__(
        self, background: Background, cache_folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)

    def thumbnail(self, path: Path) -> QImage | None:
        """Return it if known, else ask for it. A null QImage means the file cannot be read."""
        raise NotImplementedError
