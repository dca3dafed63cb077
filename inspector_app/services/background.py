"""Work off the GUI thread: functions in a pool, results back on the GUI thread."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

Result = TypeVar("Result")


class Task:
    """A piece of work under way."""

    def cancel(self) -> None:
        """Forget it: if not started it never will be, and its result is not delivered."""
        raise NotImplementedError


class Background(QObject):
    """A thread pool whose results arrive as calls on the thread that owns this object."""

    bug_found = Signal(object)
    """An exception that nobody handles."""

    def __init__(self, *, max_threads: int = 0, parent: QObject | None = None) -> None:
        """Use `max_threads` threads, 0 for one per core."""
        super().__init__(parent)

    def run(
        self,
        function: Callable[[], Result],
        on_done: Callable[[Result], None],
        on_error: Callable[[Exception], None] | None = None,
        *,
        priority: int = 0,
    ) -> Task:
        """Call `function` in a thread, then `on_done` (or `on_error`) on this object's thread."""
        raise NotImplementedError

    def shut_down(self, *, timeout_s: float = 5.0) -> None:
        """Drop what has not started and wait for the rest."""
        raise NotImplementedError
