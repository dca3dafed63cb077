"""Studies: what was asked, how far the trainings are, and what they say together."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.study import StudyOutcome
from inspector_app.services.background import Background
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.studies import Study, studies, study_outcome
from inspector_app.services.study_export import conclusion, write_study
from inspector_app.ui.context import ProjectServices
from inspector_app.ui.dialogs.new_study import NewStudyDialog
from inspector_app.ui.figure_wording import figure_title
from inspector_app.ui.icons import icon, primary_icon
from inspector_app.ui.models.study_table import StudyModel
from inspector_app.ui.row_table import ReadOnlyTable
from inspector_app.ui.theme import make_muted, make_title
from inspector_app.ui.wording import when_iso

_WIDTH_PX, _HEIGHT_PX = 1080, 620
_LIST_WIDTH_PX = 260


class StudiesDialog(QDialog):
    """Starts, continues and shows studies; stays open while they are trained."""

    def __init__(
        self,
        project: ProjectServices,
        background: Background,
        *,
        shared: Callable[[], Mapping[str, Any]],
        parent: QWidget | None = None,
    ) -> None:
        """Give new studies the settings that `shared` returns."""
        super().__init__(parent)
        self._session = project.session
        self._training = project.training_jobs
        self._jobs = project.study_jobs
        self._background = background
        self._shared = shared
        self._studies: list[Study] = []
        self._outcome: StudyOutcome | None = None
        self.setWindowTitle(self.tr("Studies"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._create_widgets()
        self._lay_out()
        self._connect()
        # Until the studies are read there is nothing to continue or to delete.
        self._show_chosen()
        self.refresh()

    @property
    def chosen(self) -> Study | None:
        place = self.list.currentRow()
        return self._studies[place] if 0 <= place < len(self._studies) else None

    @property
    def conclusions(self) -> str:
        return self._conclusions.text()

    @property
    def message(self) -> str:
        return self._message.text()

    def refresh(self) -> None:
        """Read the studies again."""
        self._background.run(
            partial(studies, self._session.folder), self._show_studies, self._show_fault
        )

    def _create_widgets(self) -> None:
        self.new_button = QPushButton(primary_icon("add"), self.tr(" New study…"))
        self.new_button.setProperty("role", "primary")
        self.list = QListWidget()
        self._title = make_title("", scale=1.1)
        self._title.setWordWrap(True)
        self._state = make_muted()
        self.model = StudyModel(self)
        self.table = ReadOnlyTable(self.model)
        self.table.setAccessibleName(self.tr("Variants"))
        self._conclusions = QLabel()
        self._conclusions.setWordWrap(True)
        self._conclusions.setTextFormat(Qt.TextFormat.PlainText)
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.hide()
        self.continue_button = QPushButton(icon("play"), self.tr(" Continue"))
        self.stop_button = QPushButton(icon("stop"), self.tr(" Stop"))
        self.export_button = QPushButton(icon("export"), self.tr(" Export table…"))
        self.delete_button = QPushButton(icon("delete"), self.tr(" Delete"))
        self.delete_button.setToolTip(self.tr("Forgets the question; the trainings stay"))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 0, 8, 0)
        left_layout.addWidget(self.new_button)
        left_layout.addWidget(self.list, 1)
        right_layout = QVBoxLayout(right)
        right_layout.setContentsMargins(8, 0, 0, 0)
        right_layout.addWidget(self._title)
        right_layout.addWidget(self._state)
        right_layout.addWidget(self.table, 1)
        right_layout.addWidget(self._conclusions)
        foot = QHBoxLayout()
        for button in (
            self.continue_button,
            self.stop_button,
            self.export_button,
            self.delete_button,
        ):
            foot.addWidget(button)
        foot.addStretch(1)
        right_layout.addLayout(foot)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LIST_WIDTH_PX, _WIDTH_PX - _LIST_WIDTH_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.addWidget(splitter, 1)
        layout.addWidget(self._message)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self.new_button.clicked.connect(self._ask_for_study)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.continue_button.clicked.connect(self._continue)
        self.stop_button.clicked.connect(self._jobs.stop)
        self.export_button.clicked.connect(self._choose_export)
        self.delete_button.clicked.connect(self._delete)
        self._buttons.rejected.connect(self.reject)
        self._jobs.changed.connect(self.refresh)
        self._jobs.refused.connect(self._show_message)

    # ---------------------------------------------------------------- what is shown

    def _show_studies(self, found: tuple[list[Study], list[str]]) -> None:
        chosen = self.chosen.id if self.chosen is not None else ""
        self._studies, faults = found
        self.list.blockSignals(True)
        self.list.clear()
        for each in self._studies:
            text = f"{each.plan.name}\n{when_iso(each.created_at)}"
            self.list.addItem(QListWidgetItem(text))
        ids = [each.id for each in self._studies]
        self.list.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
        self.list.blockSignals(False)
        if faults:
            self._show_message(faults[0], "")
        self._show_chosen()

    def _show_chosen(self) -> None:
        study = self.chosen
        is_active = study is not None and self._is_active(study)
        waiting = study.waiting(self._training.runs()) if study is not None else []
        self.continue_button.setEnabled(
            bool(waiting) and self._jobs.active is None and not self._session.is_read_only
        )
        self.new_button.setEnabled(not self._session.is_read_only)
        self.stop_button.setEnabled(is_active)
        self.delete_button.setEnabled(study is not None and not is_active)
        self.export_button.setEnabled(study is not None)
        if study is None:
            self._title.setText(self.tr("No study yet"))
            self._state.setText(
                self.tr(
                    "A study trains the same data in several ways and says which differences "
                    "are more than chance."
                )
            )
            return
        self._title.setText(study.plan.question)
        self._state.setText(self._state_text(study, len(waiting)))
        self._background.run(
            partial(study_outcome, self._session.folder, study, self._training.runs()),
            partial(self._show_outcome, study.id),
            self._show_fault,
        )

    def _is_active(self, study: Study) -> bool:
        return self._jobs.active is not None and self._jobs.active.id == study.id

    def _state_text(self, study: Study, waiting: int) -> str:
        total = len(study.runs)
        done = self.tr("{done} of {total} trainings").format(done=total - waiting, total=total)
        if self._is_active(study):
            return self.tr("{done}; under way").format(done=done)
        return self.tr("{done}; not finished").format(done=done) if waiting else done

    def _show_outcome(self, study_id: str, outcome: StudyOutcome) -> None:
        if self.chosen is None or self.chosen.id != study_id:
            return
        self._outcome = outcome
        self.model.set_outcome(outcome)
        lines = [conclusion(each, outcome, figure_title(each.figure)) for each in outcome.standings]
        self._conclusions.setText("\n".join(lines))
        self._conclusions.setVisible(bool(lines))

    def _show_fault(self, error: Exception) -> None:
        if not isinstance(error, STORE_FAULTS):
            raise error
        self._show_message(*explain_fault(error, self._session.folder))

    def _show_message(self, message: str, hint: str) -> None:
        self._message.setText(" — ".join(part for part in (message, hint) if part))
        self._message.show()

    # ---------------------------------------------------------------- what is asked for

    def _ask_for_study(self) -> None:
        dialog = NewStudyDialog(self._shared(), self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._message.hide()
            self._jobs.start(dialog.plan)
            self.list.setCurrentRow(0)

    def _continue(self) -> None:
        if self.chosen is not None:
            self._message.hide()
            self._jobs.go_on(self.chosen)

    def _delete(self) -> None:
        if self.chosen is not None:
            self._jobs.delete(self.chosen)

    def _choose_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the study"),
            f"{self._session.name}-study.csv",
            self.tr("Table (*.csv);;Web page (*.html)"),
        )
        if chosen:
            self.export(Path(chosen))

    def export(self, target: Path) -> None:
        """Write the chosen study as a table or a page, by the file's suffix."""
        if self._outcome is not None:
            self._background.run(
                partial(write_study, target, self._outcome, project_name=self._session.name),
                self._on_exported,
                self._show_fault,
            )

    def _on_exported(self, _nothing: None) -> None:
        self._message.hide()
