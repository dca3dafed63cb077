"""Work that will be wanted soon, done while the window has nothing else to do."""

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer

Piece = Callable[[], object]
"""Keeps the window from its work for less than 50 ms; is called again if it returns True."""


class Ahead(QObject):
    """Calls pieces of work in order, one between two turns of the event loop."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pieces: deque[Piece] = deque()
        self._is_paused = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._do_next)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Do these after what is waiting already."""
        self._pieces.extend(pieces)
        self._go_on()

    def pause(self) -> None:
        """Leave the window to something more urgent."""
        self._is_paused = True
        self._timer.stop()

    def resume(self) -> None:
        self._is_paused = False
        self._go_on()

    def _go_on(self) -> None:
        if self._pieces and not self._is_paused:
            self._timer.start()

    def _do_next(self) -> None:
        piece = self._pieces.popleft()
        try:
            if piece() is True:
                self._pieces.appendleft(piece)
        finally:
            # One that fails keeps none of the others from being done.
            self._go_on()
