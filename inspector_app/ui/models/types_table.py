"""How well each type is recognised, as a table."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from inspector_app.domain.recognition import Recognition, TypeFigures
from inspector_app.ui.models.rows_table import RIGHT, AnyIndex, RowsTable
from inspector_app.ui.share_text import interval_text, share_text
from inspector_app.ui.theme import colours
from inspector_app.ui.wording import defect_type_name


class TypeColumn(IntEnum):
    """The table's columns."""

    NAME = 0
    HITS = 1
    RECALL = 2
    INTERVAL = 3


class TypesModel(RowsTable[TypeFigures]):
    """A row for each type, in the order of the model's answers."""

    columns = TypeColumn

    def set_recognition(self, recognition: Recognition) -> None:
        self.set_rows(recognition.types)

    def headings(self) -> Mapping[IntEnum, tuple[str, str]]:
        return {
            TypeColumn.NAME: (self.tr("Type"), ""),
            TypeColumn.HITS: (
                self.tr("Found"),
                self.tr("How many of its held-out images were called by their type"),
            ),
            TypeColumn.RECALL: (self.tr("Recall"), self.tr("Share of the type that was found")),
            TypeColumn.INTERVAL: (
                self.tr("95 % interval"),
                self.tr("Where the recall of all such parts lies; few images leave it wide"),
            ),
        }

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        figures = self.rows[index.row()]
        column = TypeColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(figures, column)
            case Qt.ItemDataRole.ForegroundRole if figures.is_never_learned:
                return QColor(colours().ng)
            case Qt.ItemDataRole.ToolTipRole if figures.is_never_learned:
                return self.tr("Never learned: not one of its images was called by this type")
            case Qt.ItemDataRole.TextAlignmentRole if column is not TypeColumn.NAME:
                return RIGHT
        return None

    def _text(self, figures: TypeFigures, column: TypeColumn) -> str:
        recall = figures.recall
        return {
            TypeColumn.NAME: defect_type_name(figures.name),
            TypeColumn.HITS: self.tr("{hits} of {count}").format(
                hits=figures.hits, count=figures.count
            ),
            TypeColumn.RECALL: share_text(recall),
            TypeColumn.INTERVAL: "" if recall is None else interval_text(figures.recall_interval),
        }[column]
