"""What tables share: their size, headings with hints, and rows of one kind of thing."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

AnyIndex = QModelIndex | QPersistentModelIndex
Heading = tuple[str, str]
"""Its text and its hint; both may be empty."""
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Row = TypeVar("Row")


class Table(QAbstractTableModel):
    """Answers what Qt asks of any table."""

    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Return the number of rows and of columns."""

    @abstractmethod
    def column_heading(self, column: int) -> Heading: ...

    def row_heading(self, _row: int) -> Heading:
        return "", ""

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else self.size()[0]

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else self.size()[1]

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        is_column = orientation is Qt.Orientation.Horizontal
        text, hint = self.column_heading(section) if is_column else self.row_heading(section)
        return {Qt.ItemDataRole.DisplayRole: text, Qt.ItemDataRole.ToolTipRole: hint}.get(
            Qt.ItemDataRole(role)
        )


class RowsTable(Table, Generic[Row]):
    """Has a row for each thing and, unless that is overridden, a fixed set of columns."""

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

    def headings(self) -> Mapping[IntEnum, Heading]:
        """Return the title of each column, and its hint."""
        raise NotImplementedError

    def size(self) -> tuple[int, int]:
        return len(self._rows), len(self.columns)

    def column_heading(self, column: int) -> Heading:
        return self.headings()[self.columns(column)]

    def rows_changed(self, first_column: int = 0, last_column: int | None = None) -> None:
        """Have every row drawn anew, or some columns of it."""
        if not self._rows:
            return
        last = self.size()[1] - 1 if last_column is None else last_column
        self.dataChanged.emit(self.index(0, first_column), self.index(len(self._rows) - 1, last))


def bold() -> QFont:
    """Return the font of what stands out in a table."""
    font = QFont()
    font.setBold(True)
    return font
