"""What tables share whose rows are a list and whose columns are always the same."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

AnyIndex = QModelIndex | QPersistentModelIndex
Item = TypeVar("Item")


class TitledTable(QAbstractTableModel, Generic[Item]):
    """Rows in `_rows`, columns by `columns`; a table says its titles and its data."""

    columns: type[IntEnum]
    numbers: frozenset[IntEnum] = frozenset()
    """Columns to be read from the right."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Item] = ()

    def titles(self) -> Mapping[Any, tuple[str, str]]:
        """Return each column's title and what it means, empty if that is plain."""
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
        text, tooltip = self.titles()[self.columns(section)]
        return {Qt.ItemDataRole.DisplayRole: text, Qt.ItemDataRole.ToolTipRole: tooltip}.get(
            Qt.ItemDataRole(role)
        )

    def _set_rows(self, rows: Sequence[Item], *, is_same: bool = False) -> None:
        """Take over the rows; selections stay where they are the same things as before."""
        if is_same:
            self._rows = rows
            self._all_changed()
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def _all_changed(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _alignment(self, column: IntEnum) -> int | None:
        if column not in self.numbers:
            return None
        return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
