"""Runs side by side as a table: a column for each run, a line for each thing that is compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from inspector_app.services.run_comparison import Comparison, Row
from inspector_app.ui.share_text import share_text, share_with_interval
from inspector_app.ui.theme import colours
from inspector_app.ui.wording import defect_type_name

AnyIndex = QModelIndex | QPersistentModelIndex

_SHARES = frozenset({"accuracy", "macro_recall"})


class ComparisonModel(QAbstractTableModel):
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

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else 1 + len(self._names)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        is_title = orientation is Qt.Orientation.Horizontal and section > 0
        if is_title and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._names[section - 1]
        return None

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.ForegroundRole if index.column() == 0:
                return QColor(colours().muted)
            case Qt.ItemDataRole.FontRole if _is_never_learned(row, index.column()):
                font = QFont()
                font.setBold(True)
                return font
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
        own = {
            "model": self.tr("Model"),
            "seconds": self.tr("Time"),
            "epochs": self.tr("Epochs trained"),
            "best_epoch": self.tr("Best epoch"),
            "train_loss": self.tr("Error where it learns"),
            "val_loss": self.tr("Error held out"),
            "accuracy": self.tr("Accuracy"),
            "macro_recall": self.tr("Mean recall of types"),
            "macro_f1": self.tr("Macro F1"),
            "image_auroc": self.tr("AUROC"),
        }
        if row.group == "figure" or row.name == "model":
            return own[row.name]
        return self._titles.get(row.name, row.name)


def figure_text(name: str, value: float) -> str:
    """Return one of `run_comparison.FIGURES` as text."""
    if name == "seconds":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes} min {seconds:02} s" if minutes else f"{value:.1f} s"
    if name in _SHARES:
        return share_text(value)
    form = {"epochs": ".0f", "best_epoch": ".0f", "macro_f1": ".2f", "image_auroc": ".3f"}
    return format(value, form.get(name, ".4g"))


def _is_never_learned(row: Row, column: int) -> bool:
    return row.group == "type" and column > 0 and row.values[column - 1] == 0
