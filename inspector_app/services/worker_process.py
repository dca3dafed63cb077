"""One worker process: started, spoken to, watched, stopped."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from inspector_app.protocol.messages import Command, Hello


@dataclass(frozen=True, slots=True)
class WorkerEnd:
    """How a worker process ended."""

    was_asked: bool
    """It was told to stop."""
    exit_code: int
    crashed: bool
    """Killed by a signal, or an exit code other than 0 without being asked."""
    reason: str
    """A sentence for the operator; empty if it was asked."""
    hint: str
    log_tail: str
    """The last lines of its log."""


class WorkerProcess(QObject):
    """A worker with its pipes; tells events and its end, never blocks."""

    hello_received = Signal(object)
    """Hello."""
    event_received = Signal(object)
    """Event, the hello included."""
    ended = Signal(object)
    """WorkerEnd, exactly once after start()."""

    def __init__(
        self,
        command: list[str],
        *,
        hello_timeout_s: float = 120.0,
        heartbeat_timeout_s: float = 30.0,
        terminate_after_s: float = 10.0,
        kill_after_s: float = 5.0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)

    @property
    def hello(self) -> Hello | None:
        raise NotImplementedError

    @property
    def is_running(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def send(self, command: Command) -> None:
        """Send now, or after the hello if that has not come yet."""
        raise NotImplementedError

    def stop(self) -> None:
        """Climb the stop ladder: close stdin, terminate, kill. `ended` follows."""
        raise NotImplementedError

    def kill(self) -> None:
        """End it at once."""
        raise NotImplementedError

    def log_tail(self, lines: int = 40) -> str:
        raise NotImplementedError
