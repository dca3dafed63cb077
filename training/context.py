"""What a job may say and must heed."""

from collections.abc import Mapping
from typing import Protocol

from inspector_app.protocol.messages import Event


class Cancelled(Exception):  # noqa: N818  (it is no error)
    """The operator (or the end of the GUI) asked for the job's end; what was reached is kept."""

    def __init__(self, metrics: Mapping[str, float] | None = None) -> None:
        super().__init__("cancelled")
        self.metrics = dict(metrics or {})
        """Figures reached so far, as the job would have returned them."""


class JobContext(Protocol):
    """Given to every job by the worker."""

    @property
    def job_id(self) -> str: ...

    def emit(self, event: Event) -> None:
        """Send an event; thread-safe. `Progress` beyond ten a second is dropped here."""

    @property
    def is_cancelled(self) -> bool:
        """Asked between batches; then raise `Cancelled` (training saves its checkpoint first)."""
