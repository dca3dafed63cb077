"""What a node of a cluster does for one training: it starts a worker and passes on what it says.

Everything that crosses the network is a line of the worker's own protocol, or text.
"""

import collections
import socket
from dataclasses import dataclass
from pathlib import Path

from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BugError, KnownError
from inspector_app.protocol.codec import decode_command, encode
from inspector_app.protocol.messages import Event, StartTraining


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a node cannot do it; an exception would arrive as another one."""

    message: str
    hint: str


Answer = bytes | Fault
"""A line of the protocol, or why there is none."""


class NodeTraining:
    """Lives on the node, one for each training; `run` is at work while the others are called."""

    def __init__(self, command: list[str] | None) -> None:
        """Of a worker that is started by a command, by default by the node's own."""
        self._command = command
        self._worker: WorkerClient | None = None
        self._lines: collections.deque[bytes] = collections.deque()
        self._is_cancelled = False

    def hello(self) -> Answer:
        """Start the worker and return its hello."""
        try:
            self._worker = WorkerClient(self._command)
        except KnownError as error:
            return _fault(error)
        return encode(self._worker.hello)

    def run(self, line: bytes) -> Answer:
        """Carry out a `StartTraining` and return its `JobEnded`."""
        start = decode_command(line)
        if not isinstance(start, StartTraining) or self._worker is None:
            raise BugError(f"no training for a worker that has said hello: {line[:200]!r}")
        if not Path(start.run_folder).is_dir():
            return Fault(
                f"{socket.gethostname()}: does not see {start.run_folder}",
                "put the project and its images where all nodes see them at the same path",
            )
        try:
            with self._worker:
                ended = self._worker.run_job(start, self._note, is_enough=self._is_enough)
        except KnownError as error:
            return _fault(error)
        return encode(ended)

    def take_events(self) -> list[bytes]:
        """Return what the worker has said since it was asked last."""
        return [self._lines.popleft() for _ in range(len(self._lines))]

    def cancel(self) -> None:
        self._is_cancelled = True

    def _note(self, event: Event) -> None:
        self._lines.append(encode(event))

    def _is_enough(self) -> bool:
        return self._is_cancelled


def _fault(error: KnownError) -> Fault:
    return Fault(f"{socket.gethostname()}: {error.message}", error.hint)
