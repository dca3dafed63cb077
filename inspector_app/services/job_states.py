"""The states that jobs go through, stored as they change."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from inspector_app.domain.jobs import InspectionRecord, JobState, RunRecord, move
from inspector_app.services.store_faults import STORE_FAULTS

Record = TypeVar("Record", RunRecord, InspectionRecord)


class JobStates(Generic[Record]):
    """Moves records of one kind from state to state."""

    def __init__(
        self,
        update: Callable[..., None],
        on_fault: Callable[[Exception], None],
        on_change: Callable[[], None],
    ) -> None:
        """Store with `update`, which is given job id, state, message and metrics."""
        self._update = update
        self._on_fault = on_fault
        self._on_change = on_change

    def enter(
        self,
        record: Record,
        state: JobState,
        message: str = "",
        metrics: Mapping[str, float] | None = None,
    ) -> Record:
        """Return the record in its new state, after storing it.

        Where it cannot be stored the work goes on; the next start finds it interrupted.
        """
        record = replace(
            record,
            state=move(record.state, state),
            message=message,
            metrics=record.metrics if metrics is None else metrics,
        )
        try:
            self._update(record.id, state=state, message=message, metrics=metrics)
        except STORE_FAULTS as error:
            self._on_fault(error)
        self._on_change()
        return record
