"""The weights shelf as a table: what is there, what it is for, how large, under which licence."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon

from inspector_app.protocol.shelf import ShelfItem
from inspector_app.ui.icons import coloured_icon
from inspector_app.ui.models.rows_table import RIGHT, AnyIndex, RowsTable
from inspector_app.ui.theme import colours
from inspector_app.ui.weights_wording import explain_state, state_name
from inspector_app.ui.wording import size_text


class Column(IntEnum):
    """The table's columns."""

    STATE = 0
    NAME = 1
    USE = 2
    SIZE = 3
    LICENCE = 4


class WeightsModel(RowsTable[ShelfItem]):
    """A row for each own file, then for each published one."""

    columns = Column

    def set_items(self, items: Sequence[ShelfItem]) -> None:
        """Take over the items; where only their states changed, selections stay."""
        items = sorted(items, key=lambda item: not item.entry.is_own)
        if [item.entry.file for item in items] == [item.entry.file for item in self.rows]:
            self._rows = list(items)
            self.rows_changed()
        else:
            self.set_rows(items)

    def item(self, row: int) -> ShelfItem:
        return self.rows[row]

    def row_of(self, file: str) -> int | None:
        for row, item in enumerate(self.rows):
            if item.entry.file == file:
                return row
        return None

    def headings(self) -> Mapping[IntEnum, tuple[str, str]]:
        return {
            Column.STATE: (self.tr("State"), ""),
            Column.NAME: (self.tr("Weights"), ""),
            Column.USE: (self.tr("Used for"), ""),
            Column.SIZE: (self.tr("Size"), ""),
            Column.LICENCE: (self.tr("Licence"), self.tr("Of the weights, not of this program")),
        }

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        item = self.rows[index.row()]
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(item, column)
            case Qt.ItemDataRole.DecorationRole if column is Column.STATE:
                return state_icon(item)
            case Qt.ItemDataRole.ToolTipRole:
                return explain_state(item) if column is Column.STATE else self._text(item, column)
            case Qt.ItemDataRole.TextAlignmentRole if column is Column.SIZE:
                return RIGHT
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
