"""Runs side by side as a table: a column for each run, a line for each thing that is compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from inspector_app.services.run_comparison import Comparison, Row
from inspector_app.ui.figure_wording import figure_text, figure_title
from inspector_app.ui.models.rows_table import AnyIndex, Heading, Table, bold
from inspector_app.ui.share_text import share_with_interval
from inspector_app.ui.theme import colours
from inspector_app.ui.wording import defect_type_name


class ComparisonModel(Table):
    """The first column names what is compared."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._names: tuple[str, ...] = ()
        self._titles: Mapping[str, str] = {}

    def set_comparison(
        self, comparison: Comparison, names: Sequence[str], titles: Mapping[str, str]
    ) -> None:
        """Show a comparison.

        Args:
            names: of the runs.
            titles: what the model cards call their models and settings.
        """
        self.beginResetModel()
        self._rows = comparison.rows
        self._names = tuple(names)
        self._titles = titles
        self.endResetModel()

    def size(self) -> tuple[int, int]:
        return len(self._rows), 1 + len(self._names)

    def column_heading(self, column: int) -> Heading:
        name = self._names[column - 1] if column else ""
        return name, name

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.ForegroundRole if index.column() == 0:
                return QColor(colours().muted)
            case Qt.ItemDataRole.FontRole if _is_never_learned(row, index.column()):
                return bold()
        return None

    def _text(self, row: Row, column: int) -> str:
        if column == 0:
            return self._name(row)
        value, interval = row.values[column - 1], row.intervals[column - 1]
        if value is None:
            return "–"
        if _is_never_learned(row, column):
            return self.tr("never learned")
        if interval is not None:
            return share_with_interval(value, interval)
        return figure_text(row.name, value) if row.group == "figure" else self._setting(value)

    def _setting(self, value: Any) -> str:
        words = {True: self.tr("yes"), False: self.tr("no")}
        if isinstance(value, bool):
            return words[value]
        return self._titles.get(value, value) if isinstance(value, str) else str(value)

    def _name(self, row: Row) -> str:
        if row.group == "type":
            return self.tr("Recall of {type}").format(type=defect_type_name(row.name))
        if row.name == "model":
            return self.tr("Model")
        if row.group == "figure":
            return figure_title(row.name)
        return self._titles.get(row.name, row.name)


def _is_never_learned(row: Row, column: int) -> bool:
    return row.group == "type" and column > 0 and row.values[column - 1] == 0
