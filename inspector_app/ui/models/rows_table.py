"""What tables with a row for each thing and a fixed set of columns share."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

AnyIndex = QModelIndex | QPersistentModelIndex
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Row = TypeVar("Row")


class RowsTable(QAbstractTableModel, Generic[Row]):
    """Holds the rows and answers what follows from their number and from the columns."""

    columns: ClassVar[type[IntEnum]]

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def headings(self) -> Mapping[IntEnum, tuple[str, str]]:
        """Return the title of each column, and its hint."""
        raise NotImplementedError

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        text, hint = self.headings()[self.columns(section)]
        return {Qt.ItemDataRole.DisplayRole: text, Qt.ItemDataRole.ToolTipRole: hint}.get(
            Qt.ItemDataRole(role)
        )

    def rows_changed(self, first_column: int = 0, last_column: int | None = None) -> None:
        """Have every row drawn anew, or some columns of it."""
        if not self._rows:
            return
        last = len(self.columns) - 1 if last_column is None else last_column
        self.dataChanged.emit(self.index(0, first_column), self.index(len(self._rows) - 1, last))
