"""How long the rest will take."""

import time
from collections.abc import Callable


class Stopwatch:
    """Extrapolates from the mean pace so far."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._started_s = clock()
        self.done = 0

    def step(self) -> float:
        """Count one more and return the seconds that are left."""
        self.done += 1
        elapsed_s = self._clock() - self._started_s
        return elapsed_s / self.done * max(0, self._total - self.done)
