"""Requests to show what training images are made of: the latest wins, one thread answers."""

import threading
from collections.abc import Callable

from inspector_app.protocol.messages import Event, ShowVariations, VariationsShown, VariedPicture
from training.worker.failures import describe_failure, log_failure

Show = Callable[[ShowVariations], tuple[VariedPicture, ...]]
"""Write the pictures into the folder and return what they are."""


class ShowingDesk:
    """Answers one request at a time; of those that wait meanwhile only the last is kept."""

    def __init__(self, show: Show, send: Callable[[Event], None]) -> None:
        self._show = show
        self._send = send
        self._changed = threading.Condition()
        self._waiting: ShowVariations | None = None

    def ask(self, command: ShowVariations) -> None:
        with self._changed:
            self._waiting = command
            self._changed.notify()

    def run(self) -> None:
        """Answer requests, in the calling thread, for the rest of the process's life."""
        while True:
            self._send(self._answer_to(self._take()))

    def _take(self) -> ShowVariations:
        with self._changed:
            while self._waiting is None:
                self._changed.wait()
            command, self._waiting = self._waiting, None
            return command

    def _answer_to(self, command: ShowVariations) -> VariationsShown:
        try:
            pictures = self._show(command)
        except Exception as error:
            # The boundary of the request: the next one gets its own chance.
            log_failure(f"{command.type} of {command.model_kind} failed", error)
            failure = describe_failure(error)
            return VariationsShown(
                request_id=command.request_id, error=failure.text, hint=failure.hint
            )
        return VariationsShown(request_id=command.request_id, pictures=pictures)
