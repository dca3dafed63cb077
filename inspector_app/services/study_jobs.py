"""Studies of the open project: their trainings are queued one after the other."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.errors import KnownError
from inspector_app.domain.jobs import RunRecord
from inspector_app.domain.pruning import lags_behind
from inspector_app.domain.study import StudyPlan, Trial
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import explain_fault
from inspector_app.services.studies import Study, add_study, delete_study, save_study, studies
from inspector_app.services.training_jobs import TrainingJobs


class StudyJobs(QObject):
    """Starts the next training of a study when one has ended; a failed one does not end it.

    Trainings that the operator starts by hand are queued among them as anywhere.
    """

    changed = Signal()
    """A study was added, went on, stopped or was deleted."""
    refused = Signal(str, str)
    """What could not be written: message and hint."""

    def __init__(
        self, session: ProjectSession, training: TrainingJobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._training = training
        self._active: Study | None = None
        self._run_id = ""
        """Of the training under way."""
        self._waiting: list[int] = []
        training.finished.connect(self._on_finished)
        training.epoch_ended.connect(self._on_epoch_ended)

    @property
    def active(self) -> Study | None:
        """The study that trainings are being started for."""
        return self._active

    def studies(self) -> list[Study]:
        """Return the project's studies, newest first; for a thread, not for the window's."""
        return studies(self._session.folder)[0]

    def start(self, plan: StudyPlan) -> Study | None:
        """Write a study down and begin with it, unless another one is under way."""
        try:
            study = add_study(self._session.folder, plan)
        except KnownError as error:
            self._refuse(error)
            return None
        self.go_on(study)
        return study

    def go_on(self, study: Study) -> None:
        """Train what of the study was not trained to its end."""
        if self._active is not None:
            self.refused.emit(
                self.tr("The study “{name}” is under way.").format(name=self._active.plan.name),
                self.tr("Wait for it, or stop it; then continue this one."),
            )
        else:
            self._active = study
            self._waiting = study.waiting(self._training.runs())
            self._start_next()
        self.changed.emit()

    def stop(self) -> None:
        """End the training under way, and start no other one."""
        self._waiting = []
        if self._run_id:
            self._training.cancel(self._run_id)

    def delete(self, study: Study) -> None:
        """Forget a study; its trainings stay."""
        if self._active is None or self._active.id != study.id:
            delete_study(self._session.folder, study.id)
            self.changed.emit()

    def _start_next(self) -> None:
        while self._active is not None and self._waiting:
            place = self._waiting.pop(0)
            record = self._begin(self._active, place)
            if record is None:
                break
            self._run_id = record.id
            self._enter(place, record)
            return
        self._active = None
        self._run_id = ""

    def _begin(self, study: Study, place: int) -> RunRecord | None:
        """Start a training, or go on with the one that was interrupted."""
        broken_off = study.broken_off(self._training.runs(), place)
        if broken_off is not None:
            return self._training.resume(broken_off)
        trial = study.plan.trials[place]
        return self._training.start(trial.kind, trial.settings)

    def _enter(self, place: int, record: RunRecord) -> None:
        if self._active is None:
            return
        self._active = self._active.with_run(place, record.id)
        self._training.describe(record.id, "", [self._active.plan.name])
        try:
            save_study(self._session.folder, self._active)
        except KnownError as error:
            self._refuse(error)

    def _on_finished(self, record: RunRecord) -> None:
        if record.id == self._run_id:
            self._start_next()
            self.changed.emit()

    def _on_epoch_ended(self, run_id: str, _epoch: EpochEnded) -> None:
        if self._active is None or run_id != self._run_id or not self._active.plan.is_pruned:
            return
        if lags_behind(self._losses(run_id), self._losses_of_others(self._active)):
            self._training.cancel(run_id)

    def _losses_of_others(self, study: Study) -> Sequence[Sequence[float]]:
        """Return the losses of the trainings of the same repeat."""
        trials: Sequence[Trial] = study.plan.trials
        repeat = trials[study.runs.index(self._run_id)].repeat
        return [
            self._losses(run_id)
            for trial, run_id in zip(trials, study.runs, strict=True)
            if run_id not in (None, self._run_id) and trial.repeat == repeat
        ]

    def _losses(self, run_id: str | None) -> list[float]:
        epochs = self._training.history(run_id or "")
        return [epoch.metrics.get("val_loss", 0.0) for epoch in epochs]

    def _refuse(self, error: Exception) -> None:
        self.refused.emit(*explain_fault(error, self._session.folder))
