"""Events on their way out: whole lines, from any thread."""

import logging
import threading
from collections.abc import Callable
from typing import BinaryIO

from inspector_app.protocol.base import Frozen
from inspector_app.protocol.codec import encode

_log = logging.getLogger(__name__)


class EventChannel:
    """Writes events until nobody reads them any more."""

    def __init__(self, stream: BinaryIO, on_lost: Callable[[], None]) -> None:
        """Call `on_lost` once, when the other side has gone."""
        self._stream = stream
        self._on_lost = on_lost
        self._is_lost = False
        self._lock = threading.Lock()

    def send(self, event: Frozen) -> None:
        line = encode(event)
        with self._lock:
            if self._is_lost:
                return
            try:
                self._stream.write(line)
                self._stream.flush()
                return
            except OSError:
                self._is_lost = True
        _log.info("nobody reads the events any more")
        self._on_lost()
