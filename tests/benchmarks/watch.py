"""When something is on the screen, seen from inside the measured process."""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget


class PaintWatch(QObject):
    """Calls back when the event loop is idle after the first paint that counts."""

    def __init__(
        self,
        counts: Callable[[], bool],
        on_painted: Callable[[], None],
        *,
        of: Callable[[], QWidget | None] | None = None,
    ) -> None:
        """Watch every widget, or the one that `of` returns."""
        super().__init__()
        self._counts = counts
        self._on_painted = on_painted
        self._of = of
        self._is_done = False
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_paint = event.type() is QEvent.Type.Paint and isinstance(watched, QWidget)
        if is_paint and not self._is_done and self._is_of(watched) and self._counts():
            self._is_done = True
            QTimer.singleShot(0, self._on_painted)
        return False

    def _is_of(self, watched: QObject) -> bool:
        return self._of is None or watched is self._of()


class Holds(QObject):
    """How long the event loop was held at once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=1)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def take(self) -> float:
        """Return the longest hold, in ms, and begin anew."""
        self._tick()
        longest, self.longest_ms = self.longest_ms, 0.0
        return longest

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, 1000 * (now - self._last))
        self._last = now


def answer(**findings: Any) -> None:
    """Give the findings to the parent and end the process without tidying up."""
    import psutil  # noqa: PLC0415  (not while the start is being measured)

    heavy = [name for name in ("torch", "lightning", "ultralytics") if name in sys.modules]
    findings |= {"memory_mb": psutil.Process().memory_info().rss / 2**20, "heavy": heavy}
    sys.stdout.write(f"{json.dumps(findings)}\n")
    sys.stdout.flush()
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(0)
