"""Work in a thread that tells how far it is and can be stopped."""

import time
from collections.abc import Callable
from threading import Event

_PAUSE_S = 0.1


class StoppedError(Exception):
    """The operator asked to stop."""


def report(stop: Event, emit: Callable[[int, int], None], done: int, total: int) -> None:
    """Tell how far it is.

    Raises:
        StoppedError: if it is to stop.
    """
    if stop.is_set():
        raise StoppedError
    emit(done, total)


class Seldom:
    """Passes on what comes at the end, and not more than ten times a second before it."""

    def __init__(self, emit: Callable[[int, int], None]) -> None:
        self._emit = emit
        self._next_s = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next_s or done == total:
            self._next_s = now + _PAUSE_S
            self._emit(done, total)
