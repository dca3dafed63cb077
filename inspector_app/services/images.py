"""Images for the canvas: decoded in threads, the neighbours ahead of time, within a memory bound."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from inspector_app.services.background import Background


class Images(QObject):
    """A cache of decoded images; answers at once or by signal."""

    loaded = Signal(str, QImage)
    """Path as asked for, and an RGB888 image."""
    failed = Signal(str, str)
    """Path as asked for, and a sentence for the operator."""

    def __init__(
        self, background: Background, *, max_bytes: int = 512 * 2**20, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)

    def cached(self, path: Path) -> QImage | None:
        raise NotImplementedError

    def request(self, path: Path) -> None:
        """Ask for an image; `loaded` or `failed` follows, from the cache at once in the same call."""
        raise NotImplementedError

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Decode these next, after what was requested; replaces the previous wish list."""
        raise NotImplementedError
