"""Ctrl-C as something to be asked about."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupts:
    """Whether Ctrl-C (or a polite kill) has come."""

    def __init__(self) -> None:
        self.is_requested = False

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_requested:
            raise KeyboardInterrupt
        self.is_requested = True


@contextlib.contextmanager
def noted_interrupts() -> Iterator[Interrupts]:
    """Note interrupts instead of raising them; a signal may not tear a half-sent message apart."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = {
        number: signal.signal(number, interrupts.on_signal)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
