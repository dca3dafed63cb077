"""The trainings of a study, one after the other, from the command line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from inspector_app.cli.console import Console
from inspector_app.cli.training import TrainingOutcome, Watch, resume, train_with
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import KnownError
from inspector_app.domain.jobs import RunRecord
from inspector_app.domain.pruning import lags_behind
from inspector_app.domain.study import Trial
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.run_folders import read_epochs
from inspector_app.services.studies import Study, save_study
from inspector_app.store import jobs
from inspector_app.store.project import Project


@dataclass
class _Course:
    """The losses of the training under way, against those of the others of its repeat."""

    others: list[list[float]]
    losses: list[float] = field(default_factory=list)

    def on_epoch(self, epoch: EpochEnded) -> None:
        self.losses.append(epoch.metrics.get("val_loss", 0.0))

    def is_enough(self) -> bool:
        return lags_behind(self.losses, self.others)


def run_study(
    project: Project,
    study: Study,
    console: Console,
    *,
    start_worker: Callable[[], WorkerClient] = WorkerClient,
) -> bool:
    """Train what waits; a training that fails is named and does not end the study.

    Returns:
        False if Ctrl-C ended it; the training under way is then done again next time.
    """
    # Nobody else is running anything in a project that may be written to.
    jobs.interrupt_stale_jobs(project)
    trainer = _Trainer(project, study, console, start_worker)
    return all(trainer.train(place) for place in study.waiting(jobs.runs(project)))


@dataclass
class _Trainer:
    """Trains one trial after the other; the study on disk always says how far it is."""

    project: Project
    study: Study
    console: Console
    start_worker: Callable[[], WorkerClient]

    def train(self, place: int) -> bool:
        """Train a trial; False if Ctrl-C ended it."""
        plan, before = self.study.plan, self.study
        trial = plan.trials[place]
        name = plan.variants[trial.variant].name
        self.console.say(f"training {place + 1} of {len(plan.trials)}: {name}")
        others = _losses_of_others(self.project, self.study, trial) if plan.is_pruned else []
        course = _Course(others)
        watch = Watch(partial(self._enter, place), course.on_epoch, course.is_enough)
        try:
            outcome = self._work_on(place, trial, watch)
        except KnownError as error:
            self.console.remark([f"{name}: {error}"])
            return True
        if outcome.is_cancelled and not course.is_enough():
            save_study(self.project.folder, before)
            return False
        if outcome.is_cancelled:
            self.console.say(f"ended early: {name} lags behind")
        return True

    def _work_on(self, place: int, trial: Trial, watch: Watch) -> TrainingOutcome:
        broken_off = self.study.broken_off(jobs.runs(self.project), place)
        # Each in a process of its own: what one has left in memory is not the next one's.
        with self.start_worker() as worker:
            if broken_off is not None:
                return resume(self.project, worker, broken_off, self.console, watch)
            settings = trial.settings
            return train_with(self.project, worker, trial.kind, settings, self.console, watch)

    def _enter(self, place: int, record: RunRecord) -> None:
        self.study = self.study.with_run(place, record.id)
        save_study(self.project.folder, self.study)
        tags = [self.study.plan.name]
        jobs.describe_run(self.project, record.id, note=record.note, tags=tags)


def _losses_of_others(project: Project, study: Study, trial: Trial) -> list[list[float]]:
    """Return the losses, epoch by epoch, of the trainings of the same repeat."""
    trials = study.plan.trials
    records = {record.id: record for record in jobs.runs(project)}
    same = [
        records[run_id]
        for other, run_id in zip(trials, study.runs, strict=True)
        if run_id in records and other.repeat == trial.repeat
    ]
    return [
        [epoch.metrics.get("val_loss", 0.0) for epoch in read_epochs(project.folder / each.folder)]
        for each in same
    ]
