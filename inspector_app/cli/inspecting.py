"""One batch inspection from the command line: choose the model, score, record."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector_app.cli.console import Console, ProgressDisplay
from inspector_app.cli.job_outcome import raise_failure, record_end
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, ResultRecord
from inspector_app.protocol.files import (
    BUNDLE_CARD_FILE,
    BUNDLE_FOLDER,
    JOB_FILE,
    BundleCard,
    InspectionItem,
)
from inspector_app.protocol.messages import (
    Event,
    ImageScored,
    JobEnded,
    Progress,
    StartInspection,
)
from inspector_app.services.inspection_files import Truth, result_record
from inspector_app.services.job_files import (
    load_bundle_card,
    write_inspection_files,
    write_inspection_folder,
)
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project

_BATCH = 50
"""Results that go into the database in one transaction."""


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model that can judge."""

    bundle_folder: Path
    card: BundleCard
    run_id: str = ""
    """The project's run it comes from, empty for a bundle from elsewhere."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A scored folder."""

    folder: Path
    """Where the job's files and heatmaps lie."""
    results: Sequence[ResultRecord]
    metrics: Mapping[str, float]
    is_cancelled: bool
    inspection_id: str = ""
    """The record in the project, empty if it was not recorded."""


def model_of_folder(folder: Path) -> ChosenModel:
    """Return the model of a run folder or a bundle.

    Raises:
        BadDataError: if it is neither.
    """
    for bundle in (folder, folder / BUNDLE_FOLDER):
        if (bundle / BUNDLE_CARD_FILE).is_file():
            return ChosenModel(bundle.resolve(), load_bundle_card(bundle))
    if (folder / JOB_FILE).is_file():
        raise BadDataError(f"{folder}: this run has no model yet", "let it finish an epoch first")
    raise BadDataError(
        f"{folder}: no model here",
        "name a project, one of its runs, or a bundle folder (the one with card.json in it)",
    )


def model_of_project(
    project: Project, run_id: str | None = None, *, is_naming: bool = False
) -> ChosenModel:
    """Return the model of a run of the project, of the newest one that has any by default.

    Args:
        is_naming: pass over models that do not name defects.

    Raises:
        BadDataError: if there is no such run, or no run has a model.
    """
    runs = [run for run in jobs.runs(project) if run_id in (None, run.id)]
    bundles = [(run.id, _bundle(project, run.folder)) for run in runs]
    for name, bundle in bundles:
        if bundle.is_dir():
            card = load_bundle_card(bundle)
            if card.classes or not is_naming:
                return ChosenModel(bundle, card, name)
    which = "no trained model that names defects" if is_naming else "no trained model"
    missing = which if run_id is None else f"no run {run_id} with a model"
    raise BadDataError(
        f"{project.folder}: {missing}", "train one with: inspector train PROJECT --model KIND"
    )


def inspect_in_project(
    project: Project,
    model: ChosenModel,
    items: list[InspectionItem],
    *,
    source: str,
    worker: WorkerClient,
    console: Console,
) -> Inspected:
    """Score images as a recorded inspection of the project; Ctrl-C keeps what is scored.

    Raises:
        KnownError: if the model is damaged, the disk is full or the worker is lost.
    """
    threshold = model.card.threshold.value
    record = jobs.add_inspection(project, run_id=model.run_id, source=source, threshold=threshold)
    folder = jobs.run_folder(project, record)

    def update(state: JobState, message: str) -> None:
        jobs.update_inspection(project, record.id, state=state, message=message)

    def store(results: Sequence[ResultRecord]) -> None:
        inspection_results.add_results(project, record.id, results)

    with record_end(update):
        write_inspection_folder(project, record, items, model.bundle_folder)
        update(JobState.RUNNING, "")
        results, ended = _score(
            folder, record.id, items, store=store, worker=worker, console=console
        )
    is_cancelled = ended.outcome == "cancelled"
    state = JobState.CANCELLED if is_cancelled else JobState.COMPLETED
    jobs.update_inspection(project, record.id, state=state, metrics=ended.metrics)
    return Inspected(folder, results, ended.metrics, is_cancelled, record.id)


def inspect_in_folder(
    folder: Path,
    model: ChosenModel,
    items: list[InspectionItem],
    *,
    worker: WorkerClient,
    console: Console,
) -> Inspected:
    """Score images with the job's files in an empty folder; nothing is recorded.

    Raises:
        KnownError: as `inspect_in_project`.
    """
    job_id = f"inspection-{uuid.uuid4().hex[:8]}"
    write_inspection_files(folder, job_id, items, model.bundle_folder)
    results, ended = _score(
        folder, job_id, items, store=_keep_nothing, worker=worker, console=console
    )
    return Inspected(folder, results, ended.metrics, ended.outcome == "cancelled")


def _bundle(project: Project, run_folder: str) -> Path:
    return project.folder / run_folder / BUNDLE_FOLDER


def _keep_nothing(_results: Sequence[ResultRecord]) -> None:
    pass


def _score(
    folder: Path,
    job_id: str,
    items: Sequence[InspectionItem],
    *,
    store: Callable[[Sequence[ResultRecord]], None],
    worker: WorkerClient,
    console: Console,
) -> tuple[list[ResultRecord], JobEnded]:
    with console.progress("inspecting") as progress:
        collector = _Collector(items, store, progress)
        try:
            ended = worker.run_job(
                StartInspection(job_id=job_id, inspection_folder=str(folder)), collector.take
            )
        finally:
            collector.flush()
    raise_failure(ended)
    return collector.results, ended


class _Collector:
    """Turns the worker's events into results and stores them in batches."""

    def __init__(
        self,
        items: Sequence[InspectionItem],
        store: Callable[[Sequence[ResultRecord]], None],
        progress: ProgressDisplay,
    ) -> None:
        self.results: list[ResultRecord] = []
        self._truths = {i.image_path: Truth(i.is_defective, i.defect_type) for i in items}
        self._store = store
        self._progress = progress
        self._stored_count = 0

    def take(self, event: Event) -> None:
        match event:
            case ImageScored():
                self.results.append(result_record(event, self._truths))
                if len(self.results) - self._stored_count >= _BATCH:
                    self.flush()
            case Progress(done=done, total=total, note=note):
                self._progress(done, total, note)
            case _:
                pass

    def flush(self) -> None:
        if waiting := self.results[self._stored_count :]:
            self._store(waiting)
            self._stored_count = len(self.results)
