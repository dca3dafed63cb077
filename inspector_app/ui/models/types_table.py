"""How well each type is recognised, as a table."""

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from inspector_app.domain.recognition import Recognition, TypeFigures
from inspector_app.ui.share_text import interval_text, share_text
from inspector_app.ui.theme import colours
from inspector_app.ui.wording import defect_type_name

AnyIndex = QModelIndex | QPersistentModelIndex


class TypeColumn(IntEnum):
    """The table's columns."""

    NAME = 0
    HITS = 1
    RECALL = 2
    INTERVAL = 3


class TypesModel(QAbstractTableModel):
    """A row for each type, in the order of the model's answers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._types: tuple[TypeFigures, ...] = ()

    def set_recognition(self, recognition: Recognition) -> None:
        self.beginResetModel()
        self._types = recognition.types
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._types)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(TypeColumn)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        titles = {
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
        text, tooltip = titles[TypeColumn(section)]
        return {Qt.ItemDataRole.DisplayRole: text, Qt.ItemDataRole.ToolTipRole: tooltip}.get(
            Qt.ItemDataRole(role)
        )

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        figures = self._types[index.row()]
        column = TypeColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(figures, column)
            case Qt.ItemDataRole.ForegroundRole if figures.is_never_learned:
                return QColor(colours().ng)
            case Qt.ItemDataRole.ToolTipRole if figures.is_never_learned:
                return self.tr("Never learned: not one of its images was called by this type")
            case Qt.ItemDataRole.TextAlignmentRole if column is not TypeColumn.NAME:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
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
