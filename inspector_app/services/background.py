"""Work off the GUI thread: functions in a pool, results back on the GUI thread."""

import logging
from collections.abc import Callable
from functools import partial
from itertools import count
from threading import Event
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QThreadPool, QTimer, Signal

from inspector_app.domain.errors import KnownError
from inspector_app.services.garbage import GarbageCollector

Result = TypeVar("Result")

URGENT = 5
"""Priority from which on an operator waits for the result, now or at the next key."""

_log = logging.getLogger(__name__)


class Task:
    """A piece of work under way."""

    def __init__(
        self, on_done: Callable[[Any], None], on_error: Callable[[Exception], None] | None
    ) -> None:
        self._on_done = on_done
        self._on_error = on_error
        self._cancelled = Event()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Forget it: if not started it never will be, and its result is not delivered."""
        self._cancelled.set()

    def deliver(self, result: Any) -> None:
        if not self.is_cancelled and _is_alive(self._on_done):
            self._on_done(result)

    def deliver_error(self, error: Exception) -> bool:
        """Hand the error to whoever asked for it; False if nobody did."""
        if self.is_cancelled:
            return True
        if self._on_error is None:
            return False
        if _is_alive(self._on_error):
            self._on_error(error)
        return True

    @property
    def cancelled(self) -> Event:
        """For the pool's thread, which must not hold the task itself."""
        return self._cancelled


class Background(QObject):
    """A thread pool whose results arrive as calls on the thread that owns this object.

    Work that takes minutes belongs into a pool of its own: here it would keep a
    thread from the images the operator waits for. Functions must not hold Qt
    objects: the last one to let go of them would be the pool's thread.
    """

    bug_found = Signal(object)
    """An exception that nobody handles."""
    calmed = Signal()
    """Nothing that an operator waits for is left."""

    _ended = Signal(int, object, object)

    def __init__(self, *, max_threads: int = 0, parent: QObject | None = None) -> None:
        """Use `max_threads` threads, 0 for one per core."""
        super().__init__(parent)
        self._garbage_collector = GarbageCollector(self)
        # Without a parent: as a child it would make this object's deletion wait.
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(max_threads or QThread.idealThreadCount())
        self._tickets = count()
        self._tasks: dict[int, Task] = {}
        self._urgent: set[int] = set()
        self._is_shut_down = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        function: Callable[[], Result],
        on_done: Callable[[Result], None],
        on_error: Callable[[Exception], None] | None = None,
        *,
        priority: int = 0,
    ) -> Task:
        """Call `function` in a thread, then `on_done` (or `on_error`) on this object's thread.

        `on_error` gets whatever was raised; without it the error is announced by `bug_found`.
        """
        task = Task(on_done, on_error)
        if self._is_shut_down:
            task.cancel()
        else:
            ticket = next(self._tickets)
            self._tasks[ticket] = task
            if priority >= URGENT:
                self._urgent.add(ticket)
            runnable = _Runnable(function, task.cancelled, partial(self._announce, ticket))
            self._pool.start(runnable, priority)
        return task

    @property
    def is_calm(self) -> bool:
        """Tell whether work that nobody waits for may begin."""
        return not self._urgent

    def shut_down(self, *, timeout_s: float = 5.0) -> None:
        """Drop what has not started and wait for the rest."""
        self._is_shut_down = True
        self._pool.clear()
        if not self._pool.waitForDone(round(timeout_s * 1000)):
            _log.warning("background work still ran %s s after it was told to end", timeout_s)
        self._tasks.clear()

    def _announce(self, ticket: int, result: object, error: Exception | None) -> None:
        """Send a result to this object's thread; called in a pool thread."""
        if not self._is_shut_down and shiboken6.isValid(self):
            self._ended.emit(ticket, result, error)

    def _tell_if_calm(self) -> None:
        if self.is_calm:
            self.calmed.emit()

    def _deliver(self, ticket: int, result: object, error: Exception | None) -> None:
        task = self._tasks.pop(ticket, None)
        if ticket in self._urgent:
            self._urgent.remove(ticket)
            if not self._urgent:
                # After this result: whoever gets it may ask for more.
                QTimer.singleShot(0, self, self._tell_if_calm)
        if task is None or self._is_shut_down:
            return
        if error is None:
            task.deliver(result)
        elif not task.deliver_error(error):
            self.bug_found.emit(error)


class _Runnable(QRunnable):
    """One call of a function in a pool thread."""

    def __init__(
        self,
        function: Callable[[], object],
        cancelled: Event,
        announce: Callable[[object, Exception | None], None],
    ) -> None:
        super().__init__()
        self._function = function
        self._cancelled = cancelled
        self._announce = announce

    def run(self) -> None:
        result: object = None
        fault: Exception | None = None
        try:
            if not self._cancelled.is_set():
                result = self._function()
        except Exception as error:  # a thread's boundary: the error goes to who asked
            if not isinstance(error, KnownError):
                _log.exception("background work failed")
            fault = error
        self._announce(result, fault)


def _is_alive(callback: Callable[..., object]) -> bool:
    """Tell whether a bound method's Qt object still exists; a page may be gone meanwhile."""
    function = callback.func if isinstance(callback, partial) else callback
    owner = getattr(function, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
