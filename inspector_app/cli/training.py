"""One training run of a project, from the command line."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector_app.cli.assignments import parse_assignments
from inspector_app.cli.console import Console, ProgressDisplay
from inspector_app.cli.job_outcome import raise_failure, record_end
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.files import BUNDLE_FOLDER, ModelCard
from inspector_app.protocol.messages import (
    EpochEnded,
    Event,
    JobEnded,
    Progress,
    StartTraining,
)
from inspector_app.services.job_files import write_run_folder
from inspector_app.store import jobs
from inspector_app.store.project import Project


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """What a training run has left."""

    run_id: str
    run_folder: Path
    bundle_folder: Path | None
    """None if it was cancelled before there was one."""
    is_cancelled: bool
    metrics: Mapping[str, float]
    seconds: float


def model_card(worker: WorkerClient, kind: str) -> ModelCard:
    """Return the card of a model kind.

    Raises:
        BadDataError: naming the kinds there are.
    """
    cards = {card.kind: card for card in worker.hello.model_cards}
    if kind not in cards:
        raise BadDataError(f"--model {kind}: no such model", f"choose from: {', '.join(cards)}")
    return cards[kind]


def train(
    project: Project,
    worker: WorkerClient,
    kind: str,
    assignments: Sequence[str],
    console: Console,
) -> TrainingOutcome:
    """Train as a recorded run of the project; Ctrl-C cancels it and keeps what was reached.

    Raises:
        KnownError: if settings or data do not fit, or the run failed for a reason to put right.
    """
    config = parse_assignments(assignments, model_card(worker, kind).config_schema)
    return train_with(project, worker, kind, config, console)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on while a run is trained."""

    on_added: Callable[[RunRecord], None] = lambda _record: None
    on_epoch: Callable[[EpochEnded], None] = lambda _epoch: None
    is_enough: Callable[[], bool] = lambda: False
    """True ends the run early, as Ctrl-C does."""


def train_with(  # noqa: PLR0917  (what a run is made of)
    project: Project,
    worker: WorkerClient,
    kind: str,
    config: Mapping[str, Any],
    console: Console,
    watch: Watch | None = None,
) -> TrainingOutcome:
    """Like `train`, with settings of the right types."""
    started = time.monotonic()
    watch = watch or Watch()
    record = jobs.add_run(project, model_kind=kind, config=config)
    watch.on_added(record)
    with record_end(
        lambda state, text: jobs.update_run(project, record.id, state=state, message=text)
    ):
        ended = _run(project, worker, record, console, watch)
    state = JobState.CANCELLED if ended.outcome == "cancelled" else JobState.COMPLETED
    jobs.update_run(project, record.id, state=state, metrics=ended.metrics)
    folder = jobs.run_folder(project, record)
    bundle = folder / BUNDLE_FOLDER
    return TrainingOutcome(
        record.id,
        folder,
        bundle if bundle.is_dir() else None,
        state is JobState.CANCELLED,
        ended.metrics,
        time.monotonic() - started,
    )


def _run(
    project: Project, worker: WorkerClient, record: RunRecord, console: Console, watch: Watch
) -> JobEnded:
    task = model_card(worker, record.model_kind).task
    folder = write_run_folder(project, record, task)
    jobs.update_run(project, record.id, state=JobState.RUNNING)
    with console.progress("training") as progress:

        def on_event(event: Event) -> None:
            _show(event, console, progress)
            if isinstance(event, EpochEnded):
                watch.on_epoch(event)

        start = StartTraining(job_id=record.id, run_folder=str(folder))
        ended = worker.run_job(start, on_event, is_enough=watch.is_enough)
    raise_failure(ended)
    return ended


def _show(event: Event, console: Console, progress: ProgressDisplay) -> None:
    match event:
        case Progress(done=done, total=total, note=note):
            progress(done, total, note)
        case EpochEnded(epoch=epoch, epochs=epochs, metrics=metrics, seconds=seconds):
            figures = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
            console.say(f"epoch {epoch} of {epochs}  {figures}  ({seconds:.1f} s)")
        case _:
            pass
