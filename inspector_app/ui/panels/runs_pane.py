"""All trainings of the project, to be chosen, compared, studied and exported."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from inspector_app.domain.jobs import RunRecord
from inspector_app.ui.icons import icon
from inspector_app.ui.models.runs_table import Column, RunsModel
from inspector_app.ui.row_table import RowTable
from inspector_app.ui.theme import MARGIN_PX, make_muted, make_title

_WIDTHS_PX = {
    Column.STATE: 118,
    Column.MODEL: 160,
    Column.STARTED: 110,
    Column.EPOCHS: 64,
    Column.LOSS: 84,
    Column.ACCURACY: 80,
    Column.DICE: 64,
    Column.MAP50: 64,
    Column.AUROC: 74,
    Column.TAGS: 90,
}


class RunsPane(QWidget):
    """The table of trainings and what is done with all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsModel(self)
        self.table = RowTable(self.model)
        self.table.horizontalHeader().setStretchLastSection(True)
        for column, width in _WIDTHS_PX.items():
            self.table.setColumnWidth(column, width)
        self.model.modelReset.connect(self._show_used_columns)
        self.model.dataChanged.connect(self._show_used_columns)
        self._show_used_columns()
        self.studies_button = QPushButton(icon("table"), self.tr(" Studies…"))
        self.studies_button.setToolTip(
            self.tr("Train in several ways and see which differences are more than chance")
        )
        self.export_button = QPushButton(icon("export"), self.tr(" Export table…"))
        self._lay_out()

    def select_run(self, run_id: str) -> None:
        row = self.model.row_of(run_id)
        if row is not None:
            self.table.setCurrentIndex(self.model.index(row, 0))

    @property
    def selected_runs(self) -> list[RunRecord]:
        """From top to bottom."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self.model.run(row) for row in sorted(rows)]

    def _show_used_columns(self) -> None:
        unused = self.model.unused_columns()
        for column in Column:
            self.table.setColumnHidden(column, column in unused)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        head = QHBoxLayout()
        head.addWidget(make_title(self.tr("Trainings"), scale=1.1))
        head.addSpacing(10)
        hint = make_muted(self.tr("Choose several with Ctrl or Shift to compare them."))
        hint.setWordWrap(False)
        # In a narrow window it gives way; it must not widen it.
        hint.setMinimumWidth(1)
        head.addWidget(hint)
        head.addStretch(1)
        head.addWidget(self.studies_button)
        head.addWidget(self.export_button)
        layout.addLayout(head)
        layout.addWidget(self.table)
