"""What a worker writes to stderr."""

import logging
import re
from collections import deque

WORKER_LOGGER = "inspector_app.worker_output"

_LINES_KEPT = 200
_MAX_LINE = 2000

_log = logging.getLogger(WORKER_LOGGER)


class WorkerLog:
    """Keeps the last lines, and passes every line on to the program's log."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._rest = ""

    def feed(self, chunk: bytes) -> None:
        text = self._rest + chunk.decode("utf-8", "replace")
        # Progress bars return the carriage without starting a line.
        *lines, rest = re.split(r"[\r\n]+", text)
        self._rest = rest[-_MAX_LINE:]
        for line in lines:
            if line.strip():
                self._lines.append(line[:_MAX_LINE])
                _log.info("%s", line[:_MAX_LINE])

    def tail(self, count: int) -> str:
        lines = [*self._lines, *([self._rest] if self._rest.strip() else [])]
        return "\n".join(lines[-count:])
