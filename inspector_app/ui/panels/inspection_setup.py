"""What to inspect with which model, and how far it is."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.dataset import Split
from inspector_app.domain.jobs import InspectionRecord, JobState, RunRecord
from inspector_app.domain.proposals import Scope
from inspector_app.protocol.files import ModelCard
from inspector_app.protocol.messages import Progress
from inspector_app.ui.icons import icon, primary_icon
from inspector_app.ui.panels.labels import ElidedComboBox
from inspector_app.ui.shell.status import format_time_left
from inspector_app.ui.theme import make_muted, make_title
from inspector_app.ui.wording import job_state_name, when_iso


class InspectionSetup(QWidget):
    """Asks to start and cancel inspections and to show older ones."""

    start_requested = Signal(str, object)
    """Run id, folder (None for the project's test images)."""
    cancel_requested = Signal()
    resume_requested = Signal(str)
    """Inspection id."""
    inspection_chosen = Signal(str)
    """Inspection id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._offered_runs: list[tuple[str, str]] | None = None
        self._is_allowed = True
        self._create_widgets()
        self._lay_out()
        self._connect()

    def set_runs(self, runs: Sequence[RunRecord], cards: Sequence[ModelCard]) -> None:
        """Offer the trained models, newest first."""
        titles = {card.kind: card.title for card in cards}
        offered = [(_describe_run(run, titles), run.id) for run in runs]
        if offered == self._offered_runs:
            return
        self._offered_runs = offered
        wanted = self.model.currentData()
        self.model.clear()
        for text, run_id in offered:
            self.model.addItem(text, run_id)
            self.model.setItemData(self.model.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        self.model.setCurrentIndex(max(0, self.model.findData(wanted)))
        self.model.setEnabled(bool(runs))
        self._no_model.setVisible(not runs)
        self._enable_start()

    def choose_run(self, run_id: str) -> None:
        self.model.setCurrentIndex(max(0, self.model.findData(run_id)))

    def set_inspections(self, inspections: Sequence[InspectionRecord], chosen_id: str) -> None:
        self.history.clear()
        for inspection in inspections:
            self.history.addItem(_describe_inspection(inspection), inspection.id)
        place = self.history.findData(chosen_id)
        self.history.setCurrentIndex(place)
        for widget in (self.history, self._history_title):
            widget.setVisible(len(inspections) > 0)
        chosen = inspections[place] if 0 <= place < len(inspections) else None
        self._show_chosen(chosen)

    def set_running(self, *, is_running: bool) -> None:
        self._progress.setVisible(is_running)
        self._progress_text.setVisible(is_running)
        self.cancel_button.setVisible(is_running)
        self.start_button.setVisible(not is_running)
        self._progress.setRange(0, 0)
        self._progress_text.setText(self.tr("Starting…"))

    def set_progress(self, progress: Progress) -> None:
        self._progress.setRange(0, progress.total)
        self._progress.setValue(progress.done)
        parts = [
            self.tr("{done} of {total}").format(done=progress.done, total=progress.total),
            format_time_left(progress.seconds_left),
        ]
        self._progress_text.setText(" · ".join(part for part in parts if part))

    def set_start_enabled(self, is_enabled: bool, why: str = "") -> None:
        self._is_allowed = is_enabled
        self.start_button.setToolTip(why)
        self._enable_start()

    def _show_chosen(self, chosen: InspectionRecord | None) -> None:
        # Of a completed one the live counts say more: they follow the threshold.
        message = chosen.message if chosen and chosen.state in _UNFINISHED else ""
        self._message.setText(message)
        self._message.setVisible(bool(message))
        can_resume = chosen is not None and chosen.state in _UNFINISHED and self._is_allowed
        self.resume_button.setVisible(can_resume)

    def _create_widgets(self) -> None:
        self.model = ElidedComboBox()
        self._no_model = make_muted(self.tr("There is no trained model yet: train one first."))
        self.source = ElidedComboBox()
        self.source.addItem(icon("dataset"), self.tr("Test images of this project"), None)
        self.source.addItem(icon("open-folder"), self.tr("Choose a folder…"), "")
        self.start_button = QPushButton(primary_icon("play"), self.tr(" Inspect"))
        self.start_button.setProperty("role", "primary")
        self.cancel_button = QPushButton(icon("stop"), self.tr(" Cancel"))
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress_text = make_muted()
        self._history_title = QLabel(self.tr("Results"))
        self.history = ElidedComboBox()
        self._message = make_muted()
        self.resume_button = QPushButton(icon("play"), self.tr(" Inspect the rest"))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(make_title(self.tr("Inspect images"), scale=1.1))
        layout.addWidget(self.model)
        layout.addWidget(self._no_model)
        layout.addWidget(self.source)
        row = QHBoxLayout()
        row.addWidget(self.start_button, 1)
        row.addWidget(self.cancel_button, 1)
        layout.addLayout(row)
        layout.addWidget(self._progress)
        layout.addWidget(self._progress_text)
        layout.addSpacing(4)
        layout.addWidget(self._history_title)
        layout.addWidget(self.history)
        layout.addWidget(self._message)
        layout.addWidget(self.resume_button)
        self.set_running(is_running=False)

    def _connect(self) -> None:
        self.source.activated.connect(self._choose_source)
        self.start_button.clicked.connect(self._request_start)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.resume_button.clicked.connect(
            lambda: self.resume_requested.emit(self.history.currentData())
        )
        self.history.activated.connect(
            lambda: self.inspection_chosen.emit(self.history.currentData())
        )

    def _choose_source(self, place: int) -> None:
        if self.source.itemData(place) != "":
            self._folder = self.source.itemData(place)
            return
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder to inspect"))
        if chosen:
            self.set_folder(Path(chosen))
        else:
            self.source.setCurrentIndex(max(0, self.source.findData(self._folder)))

    def set_folder(self, folder: Path) -> None:
        """Inspect this folder next."""
        self._folder = folder
        if self.source.count() > 2:
            self.source.removeItem(1)
        self.source.insertItem(1, icon("open-folder"), folder.name, folder)
        self.source.setItemData(1, str(folder), Qt.ItemDataRole.ToolTipRole)
        self.source.setCurrentIndex(1)

    def _request_start(self) -> None:
        run_id = self.model.currentData()
        if run_id is not None:
            self.start_requested.emit(run_id, self._folder)

    def _enable_start(self) -> None:
        self.start_button.setEnabled(self._is_allowed and self.model.count() > 0)


def _describe_run(run: RunRecord, titles: dict[str, str]) -> str:
    parts = [titles.get(run.model_kind, run.model_kind)]
    if "image_auroc" in run.metrics:
        parts.append(f"AUROC {run.metrics['image_auroc']:.2f}")
    parts.append(when_iso(run.created_at))
    return " · ".join(part for part in parts if part)


def _describe_inspection(inspection: InspectionRecord) -> str:
    parts = [_describe_source(inspection.source), when_iso(inspection.created_at)]
    if inspection.state is not JobState.COMPLETED:
        parts.append(job_state_name(inspection.state))
    return " · ".join(part for part in parts if part)


def _describe_source(source: str) -> str:
    """Return what was inspected: images of the project, or a folder's or an image's name."""
    names = {
        Split.TEST.value: QCoreApplication.translate("InspectionSetup", "Test images"),
        Split.NONE.value: QCoreApplication.translate("InspectionSetup", "All images"),
        Scope.ALL.value: QCoreApplication.translate("InspectionSetup", "Proposals, all images"),
        Scope.UNMARKED.value: QCoreApplication.translate(
            "InspectionSetup", "Proposals, images without regions"
        ),
    }
    return names.get(source) or Path(source).name or source


_UNFINISHED = frozenset({JobState.CANCELLED, JobState.FAILED, JobState.INTERRUPTED})
