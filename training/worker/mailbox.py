"""Click requests that wait: the latest of each kind, the most urgent first."""

import threading
import time
from collections.abc import Callable

from inspector_app.protocol.messages import (
    ChooseClickModel,
    Hover,
    PrepareAhead,
    PrepareImage,
    ReclaimDevice,
    ReleaseModels,
    Segment,
)

ClickCommand = (
    ReleaseModels | ReclaimDevice | ChooseClickModel | Segment | Hover | PrepareImage | PrepareAhead
)

_MOST_URGENT_FIRST: tuple[type[ClickCommand], ...] = (
    ReleaseModels,
    ReclaimDevice,
    ChooseClickModel,
    Segment,
    Hover,
    PrepareImage,
    PrepareAhead,
)
_QUIET_S = 0.7
"""A click is followed by more clicks; work ahead waits for the hand to rest."""
_POLL_S = 0.25


class Mailbox:
    """Keeps the latest request of each kind; older ones that nobody has begun are dropped."""

    def __init__(
        self,
        may_work_ahead: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        *,
        quiet_s: float = _QUIET_S,
    ) -> None:
        self._may_work_ahead = may_work_ahead
        self._clock = clock
        self._quiet_s = quiet_s
        self._changed = threading.Condition()
        self._waiting: dict[type[ClickCommand], ClickCommand] = {}
        self._asked_at = -quiet_s

    @property
    def has_urgent(self) -> bool:
        """Whether something waits that is not work ahead."""
        return any(kind is not PrepareAhead for kind in tuple(self._waiting))

    def outdates(self, command: PrepareImage) -> bool:
        """Whether something else is looked at meanwhile than what is being prepared."""
        place = command.image_path, command.view
        wanted = (self._waiting.get(kind) for kind in (Segment, PrepareImage))
        return any(
            isinstance(other, Segment | PrepareImage) and (other.image_path, other.view) != place
            for other in wanted
        )

    def put(self, command: ClickCommand) -> None:
        with self._changed:
            if not isinstance(command, PrepareAhead):
                self._asked_at = self._clock()
            self._waiting[type(command)] = command
            self._changed.notify()

    def put_back(self, command: PrepareAhead) -> None:
        """Return work that was interrupted, unless there is newer work of its kind."""
        with self._changed:
            self._waiting.setdefault(PrepareAhead, command)

    def take(self) -> ClickCommand:
        """Return the most urgent request, waiting for one if there is none."""
        with self._changed:
            while not self._is_ready():
                # Only what lies here already becomes ready by waiting.
                self._changed.wait(_POLL_S if self._waiting else None)
            # A click waits for no other image's encoding.
            urgent = next(kind for kind in _MOST_URGENT_FIRST if kind in self._waiting)
            return self._waiting.pop(urgent)

    def _is_ready(self) -> bool:
        if self.has_urgent:
            return True
        is_quiet = self._clock() - self._asked_at >= self._quiet_s
        return bool(self._waiting) and is_quiet and self._may_work_ahead()
