"""Seconds of each step of a longer job."""

import contextlib
import time
from collections.abc import Iterator

from inspector_app.cli.console import Console


class Stopwatch:
    """Announces steps and keeps their times, in order."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._console.say(f"▸ {title}")
        started = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - started
        self._console.say(f"  done in {self.seconds[title]:.1f} s")
