"""One training run of a project, from the command line."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from inspector_app.cli.assignments import parse_assignments
from inspector_app.cli.console import Console, ProgressDisplay
from inspector_app.cli.job_outcome import raise_failure, record_end
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.files import BUNDLE_FOLDER, ModelCard, TrainingTeam
from inspector_app.protocol.messages import (
    EpochEnded,
    Event,
    Hello,
    JobEnded,
    Progress,
    Remark,
    StartTraining,
    TrainingPurpose,
)
from inspector_app.services.job_files import write_run_folder
from inspector_app.store import jobs
from inspector_app.store.project import Project


class TrainingWorker(Protocol):
    """What carries out one training, on this computer or another one."""

    @property
    def hello(self) -> Hello: ...

    def run_job(
        self,
        start: StartTraining,
        on_event: Callable[[Event], None],
        *,
        is_enough: Callable[[], bool],
    ) -> JobEnded:
        """Run it to its end.

        Raises:
            WorkerLostError: if what carries it out dies or goes silent.
        """


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


def model_card(worker: TrainingWorker, kind: str) -> ModelCard:
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
    worker: TrainingWorker,
    kind: str,
    assignments: Sequence[str],
    console: Console,
    *,
    team: TrainingTeam | None = None,
) -> TrainingOutcome:
    """Train as a recorded run of the project; Ctrl-C cancels it and keeps what was reached.

    Raises:
        KnownError: if settings or data do not fit, or the run failed for a reason to put right.
    """
    config = parse_assignments(assignments, model_card(worker, kind).config_schema)
    record = jobs.add_run(project, model_kind=kind, config=config)
    return _train(project, worker, record, console, team or TrainingTeam())


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on while a run is trained."""

    on_added: Callable[[RunRecord], None] = lambda _record: None
    on_epoch: Callable[[EpochEnded], None] = lambda _epoch: None
    is_enough: Callable[[], bool] = lambda: False
    """True ends the run early, as Ctrl-C does."""


def train_with(  # noqa: PLR0917  (what a run is made of)
    project: Project,
    worker: TrainingWorker,
    kind: str,
    config: Mapping[str, Any],
    console: Console,
    watch: Watch | None = None,
) -> TrainingOutcome:
    """Like `train`, with settings of the right types."""
    record = jobs.add_run(project, model_kind=kind, config=config)
    return _train(project, worker, record, console, TrainingTeam(), watch)


def look(
    project: Project,
    worker: TrainingWorker,
    kind: str,
    assignments: Sequence[str],
    console: Console,
    *,
    purpose: TrainingPurpose,
) -> JobEnded:
    """Check a training, or find its rate, without making it a run of the project.

    Raises:
        KnownError: as `train` does.
    """
    card = model_card(worker, kind)
    config = parse_assignments(assignments, card.config_schema)
    with tempfile.TemporaryDirectory(prefix="inspector-check-") as name:
        record = RunRecord("check", kind, config, JobState.QUEUED, name, "")
        folder = write_run_folder(project, record, card.task)
        return work(worker, record.id, folder, console, purpose=purpose, watch=Watch())


def resume(
    project: Project, worker: TrainingWorker, run_id: str, console: Console
) -> TrainingOutcome:
    """Go on with a run that ended early, from its last checkpoint, while no other is trained.

    Raises:
        KnownError: as `go_on` does.
    """
    # Nobody else is running anything in a project that may be written to.
    jobs.interrupt_stale_jobs(project)
    return go_on(project, worker, run_id, console)


def go_on(
    project: Project,
    worker: TrainingWorker,
    run_id: str,
    console: Console,
    watch: Watch | None = None,
) -> TrainingOutcome:
    """Go on with a run that ended early, from its last checkpoint.

    Raises:
        KnownError: if there is no such run or it has ended well, or as `train` does.
    """
    records = {record.id: record for record in jobs.runs(project)}
    record = records.get(run_id)
    if record is None or not (record.state.can_be_resumed or record.state is JobState.QUEUED):
        problem = "no such run" if record is None else f"it is {record.state}"
        resumable = [each.id for each in records.values() if each.state.can_be_resumed]
        raise BadDataError(
            f"--resume {run_id}: {problem}",
            f"choose from: {', '.join(resumable) or 'no run has ended early'}",
        )
    return _train(project, worker, record, console, TrainingTeam(), watch)


def _train(  # noqa: PLR0917  (what a run is made of)
    project: Project,
    worker: TrainingWorker,
    record: RunRecord,
    console: Console,
    team: TrainingTeam,
    watch: Watch | None = None,
) -> TrainingOutcome:
    started = time.monotonic()
    watch = watch or Watch()
    watch.on_added(record)
    with record_end(
        lambda state, text: jobs.update_run(project, record.id, state=state, message=text)
    ):
        ended = _run(project, worker, record, console, team, watch)
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


def _run(  # noqa: PLR0917  (what a run is made of)
    project: Project,
    worker: TrainingWorker,
    record: RunRecord,
    console: Console,
    team: TrainingTeam,
    watch: Watch,
) -> JobEnded:
    task = model_card(worker, record.model_kind).task
    folder = write_run_folder(project, record, task, team)
    if team.nodes > 1:
        console.say(f"on each other host: inspector join {folder} --node 1 (2, 3, …)")
    jobs.update_run(project, record.id, state=JobState.RUNNING)
    return work(worker, record.id, folder, console, purpose="train", watch=watch)


def work(
    worker: TrainingWorker,
    job_id: str,
    folder: Path,
    console: Console,
    *,
    purpose: TrainingPurpose,
    watch: Watch,
) -> JobEnded:
    """Have a worker do a job, and tell how far it is.

    Raises:
        KnownError: if it fails for a reason to put right.
    """
    with console.progress("training") as progress:

        def on_event(event: Event) -> None:
            _show(event, console, progress)
            if isinstance(event, EpochEnded):
                watch.on_epoch(event)

        start = StartTraining(job_id=job_id, run_folder=str(folder), purpose=purpose)
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
        case Remark(text=text, is_warning=True):
            console.remark([text])
        case Remark(text=text):
            console.say(text)
        case _:
            pass
