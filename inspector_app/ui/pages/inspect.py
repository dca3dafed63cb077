"""The inspect page: run a model over images, move the threshold, step through the results."""

import math
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.errors import KnownError
from inspector_app.domain.jobs import InspectionRecord, ResultRecord
from inspector_app.protocol.messages import Progress
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.icons import icon
from inspector_app.ui.models.results_table import Column, ResultsModel
from inspector_app.ui.models.verdict_badge import VerdictDelegate
from inspector_app.ui.panels.inspection_setup import InspectionSetup
from inspector_app.ui.panels.result_view import ResultView
from inspector_app.ui.panels.score_format import decimals_for, telling_range
from inspector_app.ui.panels.threshold import ThresholdPanel
from inspector_app.ui.row_table import RowTable
from inspector_app.ui.theme import MARGIN_PX

_LEFT_WIDTH_PX = 350
_RIGHT_WIDTH_PX = 270
_CALLED_WIDTH_PX = 104
_COLUMN_WIDTHS_PX = {
    Column.VERDICT: 66,
    Column.SCORE: 66,
    Column.TRUTH: 112,
    Column.CALLED: _CALLED_WIDTH_PX,
}
_ROW_PX = 26
_PREFETCH = 3


class InspectPage(QWidget):
    """Shows one inspection; runs others."""

    file_changed = Signal(str, int, int)
    """File, its position from 1, how many there are."""
    cursor_text_changed = Signal(str)
    zoom_changed = Signal(int)
    message_posted = Signal(str, str)
    """Something that did not work: message and hint."""
    note_posted = Signal(str, str)
    """Something that did."""

    def __init__(
        self, program: ProgramServices, project: ProjectServices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._program = program
        self._jobs = project.inspection_jobs
        self._training_jobs = project.training_jobs
        self._session = project.session
        self._inspection: InspectionRecord | None = None
        self._decimals = 3
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_runs()
        self._show_latest()

    @property
    def view_actions(self) -> list[QAction]:
        view = self.view
        return [view.heatmap_action, view.contour_action, view.fit_action, view.zoom_action]

    @property
    def inspection(self) -> InspectionRecord | None:
        return self._inspection

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_runs()
        self._announce_file()

    # ---------------------------------------------------------------- construction

    def _create_widgets(self) -> None:
        self.setup = InspectionSetup()
        self.model = ResultsModel(self)
        self._create_table()
        self.view = ResultView(
            self._program.images, self._program.background, self._program.settings
        )
        self.threshold_panel = ThresholdPanel()
        self.export_button = QPushButton(icon("table"), self.tr(" Export CSV…"))

    def _create_table(self) -> None:
        self.table = RowTable(self.model, row_px=_ROW_PX)
        self.table.setItemDelegateForColumn(Column.VERDICT, VerdictDelegate(self.table))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(Column.FILE, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(Column.SCORE, Qt.SortOrder.DescendingOrder)
        for column, width in _COLUMN_WIDTHS_PX.items():
            self.table.setColumnWidth(column, width)
        self.table.setSortingEnabled(True)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._left_side())
        layout.addWidget(self.view, 1)
        layout.addWidget(self._right_side())

    def _left_side(self) -> QFrame:
        side = self._left = QFrame()
        side.setProperty("role", "side-left")
        inner = QVBoxLayout(side)
        inner.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        inner.addWidget(self.setup)
        inner.addWidget(self.table, 1)
        self._show_called(is_shown=False)
        return side

    def _right_side(self) -> QFrame:
        inner = QWidget()
        inner.setProperty("role", "page")
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        inner_layout.addWidget(self.threshold_panel)
        inner_layout.addStretch(1)
        inner_layout.addWidget(self.export_button)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        side = QFrame()
        side.setProperty("role", "side")
        side.setFixedWidth(_RIGHT_WIDTH_PX)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.addWidget(scroll)
        return side

    def _connect(self) -> None:
        self.setup.start_requested.connect(self._start)
        self.setup.cancel_requested.connect(self._cancel)
        self.setup.resume_requested.connect(self._resume)
        self.setup.inspection_chosen.connect(self.show_inspection)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.threshold_panel.threshold_changed.connect(self._apply_threshold)
        self.threshold_panel.threshold_settled.connect(self._store_threshold)
        self.export_button.clicked.connect(self._choose_csv)
        self.view.canvas.cursor_moved.connect(
            lambda x, y: self.cursor_text_changed.emit(f"{x}, {y}")
        )
        self.view.canvas.cursor_left.connect(lambda: self.cursor_text_changed.emit(""))
        self.view.canvas.zoom_changed.connect(self.zoom_changed)
        self._connect_jobs()
        for key, step in (("D", 1), ("A", -1)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self.step(step))

    def _connect_jobs(self) -> None:
        self._jobs.inspections_changed.connect(self._show_history)
        self._jobs.results_added.connect(self._on_results_added)
        self._jobs.progressed.connect(self._on_progress)
        self._jobs.finished.connect(self._on_finished)
        self._training_jobs.finished.connect(self._show_runs)
        self._program.workers.status_changed.connect(self._show_runs)

    # ---------------------------------------------------------------- inspections

    def show_inspection(self, inspection_id: str) -> None:
        """Show an inspection with its results as they are stored."""
        record = self._record(inspection_id)
        if record is None:
            return
        self._inspection = record
        self._show_history()
        card = self._jobs.archive.card(record.id)
        self.view.clear()
        self.view.set_model(card)
        self._show_called(is_shown=card is not None and bool(card.classes))
        self.threshold_panel.set_inspection(
            record.threshold, record.calibrated_threshold, card.threshold if card else None
        )
        self._show_results(self._jobs.archive.results(record.id))
        self.export_button.setEnabled(True)
        self._select_row(0)

    def choose_run(self, run_id: str) -> None:
        """Offer this model for the next inspection."""
        self.setup.choose_run(run_id)

    def step(self, rows: int) -> None:
        """Go to a neighbouring result."""
        row = self.table.currentIndex().row() + rows
        if 0 <= row < self.model.rowCount():
            self._select_row(row)

    def _record(self, inspection_id: str) -> InspectionRecord | None:
        for record in self._jobs.archive.inspections():
            if record.id == inspection_id:
                return record
        return None

    def _show_latest(self) -> None:
        inspections = self._jobs.archive.inspections()
        if inspections:
            self.show_inspection(inspections[0].id)
        else:
            self.view.set_model(None)
            self.export_button.setEnabled(False)
            self.view.clear(
                self.tr("Choose a trained model and press Inspect: the suspect parts come first.")
            )
        self._show_history()

    def _show_runs(self) -> None:
        runs = [run for run in self._training_jobs.runs() if self._training_jobs.has_bundle(run.id)]
        self.setup.set_runs(runs, self._program.workers.model_cards)
        self.setup.set_start_enabled(
            not self._session.is_read_only,
            self.tr("This project is read-only here.") if self._session.is_read_only else "",
        )

    def _show_history(self) -> None:
        chosen = self._inspection.id if self._inspection else ""
        self.setup.set_inspections(self._jobs.archive.inspections(), chosen)
        active = self._jobs.active_inspection()
        if active is None:
            self.setup.set_running(is_running=False)

    def _start(self, run_id: str, folder: Path | None) -> None:
        record = self._jobs.start(run_id, folder)
        if record is not None:
            self.setup.set_running(is_running=True)
            self.show_inspection(record.id)
            self._show_history()
            self.table.setFocus()

    def _resume(self, inspection_id: str) -> None:
        if self._jobs.resume(inspection_id) is not None:
            self.setup.set_running(is_running=True)
            self._show_history()

    def _cancel(self) -> None:
        active = self._jobs.active_inspection()
        if active is not None:
            self._jobs.cancel(active.id)

    def _on_results_added(self, inspection_id: str, results: list[ResultRecord]) -> None:
        if self._inspection is None or self._inspection.id != inspection_id:
            return
        was_empty = self.model.rowCount() == 0
        self.model.add_results(results)
        self._show_ranges()
        if was_empty:
            self._select_row(0)
        self._announce_file()

    def _on_progress(self, inspection_id: str, progress: Progress) -> None:
        self.setup.set_progress(progress)

    def _on_finished(self, record: InspectionRecord) -> None:
        self.setup.set_running(is_running=False)
        if self._inspection is not None and self._inspection.id == record.id:
            self._inspection = record
        self._show_history()

    # ---------------------------------------------------------------- results

    def _show_called(self, *, is_shown: bool) -> None:
        """Show what images are taken for, beside everything else, where the model says so."""
        self.table.setColumnHidden(Column.CALLED, not is_shown)
        self._left.setFixedWidth(_LEFT_WIDTH_PX + (_CALLED_WIDTH_PX if is_shown else 0))

    def _show_results(self, results: list[ResultRecord]) -> None:
        self.model.set_results(results)
        self._show_ranges()

    def _show_ranges(self) -> None:
        results = self.model.rows
        low, high = telling_range([r.score for r in results], self.threshold_panel.threshold)
        self._decimals = decimals_for(high - low)
        self.model.set_decimals(self._decimals)
        self.threshold_panel.set_results(results)
        self._apply_threshold(self.threshold_panel.threshold)

    def _apply_threshold(self, threshold: float) -> None:
        self.model.set_threshold(threshold)
        self.view.set_threshold(threshold, self._decimals)

    def _store_threshold(self, threshold: float) -> None:
        if self._inspection is None or self._session.is_read_only:
            return
        try:
            self._jobs.set_threshold(self._inspection.id, threshold)
        except KnownError as error:
            self.message_posted.emit(error.message, error.hint)

    def _select_row(self, row: int) -> None:
        if row < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(row, Column.FILE))

    def _on_row_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid() or self._inspection is None:
            self.view.clear()
            self.threshold_panel.set_score(math.nan)
            return
        result = self.model.result(current.row())
        self.view.set_result(result, self._jobs.archive.heatmap_path(self._inspection.id, result))
        self.threshold_panel.set_score(result.score)
        self._prefetch(current.row())
        self._announce_file()

    def _prefetch(self, row: int) -> None:
        rows = range(row + 1, min(row + 1 + _PREFETCH, self.model.rowCount()))
        results = [self.model.result(other) for other in rows]
        self._program.images.prefetch([Path(r.image_path) for r in results if not r.error])

    def _announce_file(self) -> None:
        index = self.table.currentIndex()
        name = self.model.result(index.row()).image_path if index.isValid() else ""
        self.file_changed.emit(name, index.row() + 1, self.model.rowCount())

    # ---------------------------------------------------------------- export

    def _choose_csv(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the results"),
            f"{self._session.name}-results.csv",
            self.tr("Table (*.csv)"),
        )
        if chosen:
            self.export_csv(Path(chosen))

    def export_csv(self, target: Path) -> None:
        """Write the inspection at hand, with the verdicts of the threshold as it stands."""
        if self._inspection is None:
            return
        self._store_threshold(self.threshold_panel.threshold)
        try:
            self._jobs.archive.export_csv(self._inspection.id, target)
        except KnownError as error:
            self.message_posted.emit(error.message, error.hint)
            return
        self.note_posted.emit(self.tr("The results are in {file}.").format(file=target), "")
