"""The train page: left what to train, right the runs and how the chosen one goes."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.messages import EpochEnded, Progress, TrainingPurpose
from inspector_app.protocol.shelf import ShelfItem
from inspector_app.services.predictions import Predictions, load_predictions
from inspector_app.services.preflight import Looked
from inspector_app.services.redrawn import Redrawn, load_redrawn
from inspector_app.services.run_comparison import Comparison, compare, load_compared_run
from inspector_app.services.runs_export import write_runs
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.dialogs.studies import StudiesDialog
from inspector_app.ui.pages.variation_preview import VariationPreview
from inspector_app.ui.panels.run_comparison import RunComparison
from inspector_app.ui.panels.run_detail import RunDetail
from inspector_app.ui.panels.runs_pane import RunsPane
from inspector_app.ui.panels.training_setup import TrainingSetup
from inspector_app.ui.panels.variation_strip import VariationStrip
from inspector_app.ui.theme import MARGIN_PX
from inspector_app.ui.training_data import TrainingData, count_training_data
from inspector_app.ui.wording import when_iso

_LEFT_WIDTH_PX = 368

_Results: TypeAlias = tuple[Predictions | None, Redrawn | None]


class TrainPage(QWidget):
    """Starts, cancels and compares trainings."""

    inspect_requested = Signal(str)
    """Id of the run whose model is to be used."""
    image_activated = Signal(int)
    """Id of an image that is to be seen in Annotate."""
    message_posted = Signal(str, str)
    """Something that could not be shown, and what to do."""
    weights_requested = Signal()
    note_posted = Signal(str, str)
    """What was done, and a hint."""
    file_changed = Signal(str, int, int)
    """Nothing: there is no file on this page."""

    def __init__(
        self, program: ProgramServices, project: ProjectServices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._session = project.session
        self._jobs = project.training_jobs
        self._workers = program.workers
        self._background = program.background
        self._studies: StudiesDialog | None = None
        self._read: tuple[str, JobState] | None = None
        """Run and state that the results shown were read for."""
        self._create_widgets()
        self._lay_out()
        self._connect()
        VariationPreview(self.setup, self.strip, self._jobs.samples, self)
        self.detail.set_read_only(is_read_only=self._session.is_read_only)
        self._show_cards()
        self._show_runs()
        self._show_data()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Not a button or an input: a key pressed too often would start or change something.
        self.runs_pane.table.setFocus()
        self._workers.start_inference()
        self._show_data()
        self.file_changed.emit("", 0, 0)

    def refresh(self) -> None:
        """Read runs and images again."""
        self._show_runs()
        self._show_data()

    def show_weights(self, items: Sequence[ShelfItem]) -> None:
        """Offer the user's own weights that can be trusted."""
        files = [i.entry.file for i in items if i.entry.is_own and i.state != "corrupt"]
        self.setup.set_own_weights(files)

    def select_run(self, run_id: str) -> None:
        self.runs_pane.select_run(run_id)

    @property
    def selected_runs(self) -> list[RunRecord]:
        """From top to bottom."""
        return self.runs_pane.selected_runs

    @property
    def is_comparing(self) -> bool:
        return self._stack.currentWidget() is self.comparison

    # ---------------------------------------------------------------- construction

    def _create_widgets(self) -> None:
        self.setup = TrainingSetup()
        self.runs_pane = RunsPane()
        self.model, self.table = self.runs_pane.model, self.runs_pane.table
        self.strip = VariationStrip()
        self.detail = RunDetail()
        self.comparison = RunComparison()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.detail)
        self._stack.addWidget(self.comparison)

    def _lay_out(self) -> None:
        left = QFrame()
        left.setProperty("role", "side-left")
        left.setFixedWidth(_LEFT_WIDTH_PX)
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        left_layout.addWidget(self.setup)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.runs_pane)
        splitter.addWidget(self._detail_pane())
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([230, 400])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(left)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.strip)
        right.addWidget(splitter, 1)
        layout.addLayout(right, 1)

    def _detail_pane(self) -> QWidget:
        pane = QWidget()
        layout = QVBoxLayout(pane)
        layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        layout.addWidget(self._stack)
        return pane

    def _connect(self) -> None:
        self.setup.start_requested.connect(self._start)
        self.setup.look_requested.connect(self._look)
        self._jobs.preflight.progressed.connect(self.setup.checks.set_progress)
        self._jobs.preflight.looked.connect(self._on_looked)
        self._jobs.preflight.failed.connect(self.setup.checks.set_failed)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.detail.cancel_requested.connect(self._jobs.cancel)
        self.detail.pause_requested.connect(self._jobs.pause)
        self.detail.resume_requested.connect(self._jobs.resume)
        self.setup.weights_requested.connect(self.weights_requested)
        self.runs_pane.studies_button.clicked.connect(self.show_studies)
        self.runs_pane.export_button.clicked.connect(self._choose_export)
        self.detail.delete_requested.connect(self._delete)
        self.detail.notes.described.connect(self._jobs.describe)
        self.detail.inspect_requested.connect(self.inspect_requested)
        self.detail.image_activated.connect(self._activate_image)
        self._jobs.runs_changed.connect(self._show_runs)
        self._jobs.epoch_ended.connect(self._on_epoch_ended)
        self._jobs.progressed.connect(self._on_progress)
        self._jobs.remarked.connect(self._on_remark)
        self._workers.status_changed.connect(self._show_cards)
        self._session.images_changed.connect(self._show_data)

    # ---------------------------------------------------------------- what is shown

    def _show_cards(self) -> None:
        cards = self._workers.model_cards
        self.setup.set_cards(cards, is_starting=self._workers.state == "starting")
        self.model.set_cards(cards)

    def _show_data(self) -> None:
        records = self._session.images()
        self._background.run(partial(count_training_data, records), self._show_counts, priority=1)

    def _show_counts(self, data: Mapping[str, TrainingData]) -> None:
        if self._session.is_read_only:
            refused = TrainingData("", self.tr("This project is read-only here."))
            data = dict.fromkeys(data, refused)
        self.setup.set_data(data)

    def _show_runs(self) -> None:
        runs = self._jobs.runs()
        self.setup.set_free(is_free=self._jobs.active_run() is None)
        self.runs_pane.export_button.setEnabled(bool(runs))
        selected = self.detail.run_id
        self.model.set_runs(runs)
        if not runs:
            self.detail.clear()
        elif self.model.row_of(selected) is None:
            self.select_run(runs[0].id)
        else:
            if not self.table.selectionModel().hasSelection():
                self.select_run(selected)
            elif self.is_comparing:
                self._on_selection_changed()
            self._show_run(next(run for run in runs if run.id == selected))

    def _show_run(self, run: RunRecord) -> None:
        title = self.model.title_of(run.model_kind)
        place = 0 if self._jobs.is_held else self._jobs.place_in_queue(run.id)
        self.detail.set_run(
            run,
            title,
            is_usable=self._jobs.has_bundle(run.id),
            place=place if run.state is JobState.QUEUED else None,
        )
        self._read_results(run)

    def _read_results(self, run: RunRecord) -> None:
        if (run.id, run.state) == self._read:
            return
        self._read = (run.id, run.state)
        if run.state.is_active:
            self._show_results(run.id, (None, None))
            return
        self._background.run(
            partial(_load_results, self._session.folder / run.folder, run.metrics),
            partial(self._show_results, run.id),
            partial(self._on_unreadable, run.id),
        )

    def _show_results(self, run_id: str, results: _Results) -> None:
        if run_id == self.detail.run_id:
            predictions, redrawn = results
            self.detail.set_predictions(predictions)
            self.detail.set_redrawn(redrawn)

    def _on_unreadable(self, run_id: str, error: Exception) -> None:
        self._show_results(run_id, (None, None))
        self._show_fault(error)

    def _show_fault(self, error: Exception) -> None:
        if not isinstance(error, STORE_FAULTS):
            raise error
        self.message_posted.emit(*explain_fault(error, self._session.folder))

    def _activate_image(self, path: str) -> None:
        for record in self._session.images():
            if str(self._session.image_path(record.id)) == path:
                self.image_activated.emit(record.id)
                return
        text = self.tr("{path}: no longer an image of this project.").format(path=path)
        self.message_posted.emit(text, self.tr("Open the folder that holds it."))

    def _start(self, kind: str, config: dict[str, Any]) -> None:
        self.setup.checks.clear()
        run = self._jobs.start(kind, config)
        if run is not None:
            self._show_runs()
            self.select_run(run.id)

    def _look(self, kind: str, config: dict[str, Any], task: str, purpose: TrainingPurpose) -> None:
        self._jobs.preflight.look(kind, config, task=task, purpose=purpose)

    def _on_looked(self, looked: Looked) -> None:
        self.setup.checks.set_looked(looked)
        if (rate := looked.metrics.get("learning_rate")) is not None:
            self.setup.set_rate(rate)

    def _on_row_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid():
            return
        run = self.model.run(current.row())
        if run.id != self.detail.run_id:
            self._show_run(run)
            self.detail.set_epochs(self._jobs.history(run.id))
            self.detail.set_remarks(self._jobs.remarks(run.id))

    def _on_selection_changed(self) -> None:
        runs = self.selected_runs
        if len(runs) < 2:
            self._stack.setCurrentWidget(self.detail)
            return
        self._background.run(
            partial(_compare, self._session.folder, runs), self._show_comparison, self._show_fault
        )

    def _show_comparison(self, comparison: Comparison) -> None:
        runs = [run.record for run in comparison.runs]
        if [run.id for run in runs] != [run.id for run in self.selected_runs]:
            return
        names = [
            f"{number} · {self.model.title_of(run.model_kind)} · {when_iso(run.created_at)}"
            for number, run in enumerate(runs, 1)
        ]
        self.comparison.set_comparison(comparison, names, self.model.titles())
        self._stack.setCurrentWidget(self.comparison)

    def show_studies(self) -> None:
        """Open the studies beside the page: annotating goes on while they are trained."""
        if self._studies is None:
            self._studies = StudiesDialog(
                self._project, self._background, shared=self._classifier_settings, parent=self
            )
        self._studies.refresh()
        self._studies.show()
        self._studies.raise_()

    def _classifier_settings(self) -> dict[str, Any]:
        """Return what is set on the page, if it is the classifier that is set."""
        return self.setup.settings if self.setup.kind == "classifier" else {}

    def _delete(self, run_id: str) -> None:
        title = self.tr("Delete a training")
        question = self.tr(
            "Delete {run} with its model, curves and results? This cannot be undone."
        ).format(run=run_id)
        if QMessageBox.question(self, title, question) == QMessageBox.StandardButton.Yes:
            self._jobs.delete(run_id)

    def _choose_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the table of trainings"),
            f"{self._session.name}-trainings.csv",
            self.tr("Table (*.csv);;Web page (*.html)"),
        )
        if chosen:
            self.export(Path(chosen))

    def export(self, target: Path) -> None:
        """Write all runs as a table, CSV or HTML by the file's suffix."""
        self._background.run(
            partial(_export, target, self._session.folder, self._jobs.runs(), self._session.name),
            partial(self._on_exported, target),
            self._show_fault,
        )

    def _on_exported(self, target: Path, _nothing: None) -> None:
        self.note_posted.emit(self.tr("The table is in {file}.").format(file=target), "")

    def _on_epoch_ended(self, run_id: str, epoch: EpochEnded) -> None:
        self.model.set_epoch(run_id, epoch.epoch)
        if run_id == self.detail.run_id:
            self.detail.add_epoch(epoch)

    def _on_remark(self, run_id: str, _text: str) -> None:
        if run_id == self.detail.run_id:
            self.detail.set_remarks(self._jobs.remarks(run_id))

    def _on_progress(self, run_id: str, progress: Progress) -> None:
        if run_id == self.detail.run_id:
            self.detail.set_progress(progress)


def _load_results(run_folder: Path, figures: Mapping[str, float]) -> _Results:
    return load_predictions(run_folder), load_redrawn(run_folder, figures)


def _compare(project_folder: Path, runs: Sequence[RunRecord]) -> Comparison:
    return compare([load_compared_run(project_folder, run) for run in runs])


def _export(
    target: Path, project_folder: Path, runs: Sequence[RunRecord], project_name: str
) -> None:
    compared = [load_compared_run(project_folder, run) for run in runs]
    write_runs(target, compared, project_name=project_name)
