"""The weights shelf as a table: what is there, what it is for, how large, under which licence."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon

from inspector_app.protocol.shelf import ShelfItem
from inspector_app.ui.icons import coloured_icon
from inspector_app.ui.theme import colours
from inspector_app.ui.weights_wording import explain_state, state_name
from inspector_app.ui.wording import size_text

AnyIndex = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """The table's columns."""

    STATE = 0
    NAME = 1
    USE = 2
    SIZE = 3
    LICENCE = 4


class WeightsModel(QAbstractTableModel):
    """A row for each own file, then for each published one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[ShelfItem] = []

    @property
    def items(self) -> Sequence[ShelfItem]:
        return self._items

    def set_items(self, items: Sequence[ShelfItem]) -> None:
        """Take over the items; where only their states changed, selections stay."""
        items = sorted(items, key=lambda item: not item.entry.is_own)
        if [item.entry.file for item in items] == [item.entry.file for item in self._items]:
            self._items = list(items)
            self._all_changed()
            return
        self.beginResetModel()
        self._items = list(items)
        self.endResetModel()

    def item(self, row: int) -> ShelfItem:
        return self._items[row]

    def row_of(self, file: str) -> int | None:
        for row, item in enumerate(self._items):
            if item.entry.file == file:
                return row
        return None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = {
            Column.STATE: self.tr("State"),
            Column.NAME: self.tr("Weights"),
            Column.USE: self.tr("Used for"),
            Column.SIZE: self.tr("Size"),
            Column.LICENCE: self.tr("Licence"),
        }
        return titles[Column(section)]

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        item = self._items[index.row()]
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(item, column)
            case Qt.ItemDataRole.DecorationRole if column is Column.STATE:
                return state_icon(item)
            case Qt.ItemDataRole.ToolTipRole:
                return explain_state(item) if column is Column.STATE else self._text(item, column)
            case Qt.ItemDataRole.TextAlignmentRole if column is Column.SIZE:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _text(self, item: ShelfItem, column: Column) -> str:
        entry = item.entry
        texts: dict[Column, Callable[[], str]] = {
            Column.STATE: lambda: state_name(item),
            Column.NAME: lambda: entry.name,
            Column.USE: lambda: self.tr("Your own file") if entry.is_own else entry.used_for,
            Column.SIZE: lambda: size_text(item.size_bytes),
            Column.LICENCE: lambda: entry.licence,
        }
        return texts[column]()

    def _all_changed(self) -> None:
        if self._items:
            last = self.index(len(self._items) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def state_icon(item: ShelfItem) -> QIcon:
    """Return a state's icon: shape tells it, colour helps."""
    shades = colours()
    if not item.is_read:
        return coloured_icon("waiting", QColor(shades.muted))
    name, colour = {
        "present": ("ok", shades.ok),
        "missing": ("import", shades.muted),
        "corrupt": ("ng", shades.ng),
        "unpinned": ("warning", shades.review),
    }[item.state]
    return coloured_icon(name, QColor(colour))
