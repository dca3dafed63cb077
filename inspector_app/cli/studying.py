"""The trainings of a study, one after the other, from the command line."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from inspector_app.cli.console import Console
from inspector_app.cli.training import (
    TrainingOutcome,
    TrainingWorker,
    Watch,
    go_on,
    train_with,
)
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import KnownError
from inspector_app.domain.jobs import RunRecord
from inspector_app.domain.pruning import lags_behind
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.run_folders import read_epochs, with_epoch
from inspector_app.services.studies import Study, save_study
from inspector_app.store import jobs
from inspector_app.store.project import Project

StartWorker = Callable[[], AbstractContextManager[TrainingWorker]]


@dataclass
class _Course:
    """How the training under way goes, against the others of its repeat."""

    others: Callable[[], list[list[float]]]
    """Returns their losses, epoch by epoch."""
    epochs: list[EpochEnded] = field(default_factory=list)
    lags: bool = False

    def on_epoch(self, epoch: EpochEnded) -> None:
        self.epochs = with_epoch(self.epochs, epoch)
        self.lags = self.lags or lags_behind(_losses(self.epochs), self.others())

    def is_enough(self) -> bool:
        return self.lags


def run_study(
    project: Project,
    study: Study,
    console: Console,
    *,
    start_worker: StartWorker = WorkerClient,
) -> bool:
    """Train what waits; a training that fails is named and does not end the study.

    Returns:
        False if Ctrl-C ended it; the training under way is then done again next time.
    """
    # Nobody else is running anything in a project that may be written to.
    jobs.interrupt_stale_jobs(project)
    trainer = StudyTrainer(project, study, start_worker)
    return all(trainer.train(place, console) for place in study.waiting(jobs.runs(project)))


@dataclass
class StudyTrainer:
    """Trains single trials; the study on disk always says how far it is."""

    project: Project
    study: Study
    start_worker: StartWorker

    def name_of(self, place: int) -> str:
        plan = self.study.plan
        return plan.variants[plan.trials[place].variant].name

    def train(self, place: int, console: Console) -> bool:
        """Train a trial; False if Ctrl-C ended it."""
        before, name = self.study.runs[place], self.name_of(place)
        console.say(f"training {place + 1} of {len(self.study.runs)}: {name}")
        course = _Course(partial(self._losses_of_others, place))
        watch = Watch(partial(self._enter, place), course.on_epoch, course.is_enough)
        try:
            outcome = self._work_on(place, console, watch)
        except KnownError as error:
            console.remark([f"{name}: {error}"])
            return True
        if outcome.is_cancelled and not course.lags:
            self._keep(place, before)
            return False
        if outcome.is_cancelled:
            console.say(f"ended early: {name} lags behind")
        return True

    def _work_on(self, place: int, console: Console, watch: Watch) -> TrainingOutcome:
        broken_off = self.study.broken_off(jobs.runs(self.project), place)
        trial = self.study.plan.trials[place]
        # Each in a process of its own: what one has left in memory is not the next one's.
        with self.start_worker() as worker:
            if broken_off is not None:
                return go_on(self.project, worker, broken_off, console, watch)
            settings = trial.settings
            return train_with(self.project, worker, trial.kind, settings, console, watch)

    def _enter(self, place: int, record: RunRecord) -> None:
        self._keep(place, record.id)
        tags = [self.study.plan.name]
        jobs.describe_run(self.project, record.id, note=record.note, tags=tags)

    def _keep(self, place: int, run_id: str | None) -> None:
        self.study = self.study.with_run(place, run_id)
        save_study(self.project.folder, self.study)

    def _losses_of_others(self, place: int) -> list[list[float]]:
        """Return the losses, epoch by epoch, of the other trainings of the same repeat."""
        plan = self.study.plan
        if not plan.is_pruned:
            return []
        records = {record.id: record for record in jobs.runs(self.project)}
        same = [
            records[run_id]
            for other, run_id in enumerate(self.study.runs)
            if run_id in records and other != place
            if plan.trials[other].repeat == plan.trials[place].repeat
        ]
        return [_losses(read_epochs(self.project.folder / each.folder)) for each in same]


def _losses(epochs: list[EpochEnded]) -> list[float]:
    return [epoch.metrics.get("val_loss", 0.0) for epoch in epochs]
