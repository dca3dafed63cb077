"""The trainings of a study, one after the other, from the command line."""

from collections.abc import Callable
from dataclasses import dataclass, field

from inspector_app.cli.console import Console
from inspector_app.cli.training import Watch, train_with
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
    trials = study.plan.trials
    for place in study.waiting(jobs.runs(project)):
        trial = trials[place]
        name = study.plan.variants[trial.variant].name
        console.say(f"training {place + 1} of {len(trials)}: {name}")
        course = _Course(_losses_of_others(project, study, trial) if study.plan.is_pruned else [])
        before = study

        def on_added(record: RunRecord, place: int = place) -> None:
            nonlocal study
            study = study.with_run(place, record.id)
            save_study(project.folder, study)
            jobs.describe_run(project, record.id, note="", tags=[study.plan.name])

        watch = Watch(on_added, course.on_epoch, course.is_enough)
        try:
            # Each in a process of its own: what one has left in memory is not the next one's.
            with start_worker() as worker:
                outcome = train_with(project, worker, trial.kind, trial.settings, console, watch)
        except KnownError as error:
            console.remark([f"{name}: {error}"])
            continue
        if outcome.is_cancelled and not course.is_enough():
            save_study(project.folder, before)
            return False
        if outcome.is_cancelled:
            console.say(f"ended early: {name} lags behind")
    return True


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
