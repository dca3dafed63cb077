"""Results of an inspection as a table: file, verdict, score and what is known of the part."""

import math
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QObject, Qt

from inspector_app.domain.decision import decide
from inspector_app.domain.jobs import ResultRecord
from inspector_app.ui.models.rows_table import RIGHT, AnyIndex, RowsTable
from inspector_app.ui.wording import called_name, defect_type_name

RESULT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
VERDICT_ROLE = int(Qt.ItemDataRole.UserRole) + 2


class Column(IntEnum):
    """The table's columns."""

    FILE = 0
    VERDICT = 1
    SCORE = 2
    TRUTH = 3
    CALLED = 4
    """Of models that tell types apart only."""


class ResultsModel(RowsTable[ResultRecord]):
    """Verdicts follow from score and threshold; moving the threshold scores nothing anew."""

    columns = Column

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threshold = math.inf
        self._decimals = 3
        self._sort_column = Column.SCORE
        self._order = Qt.SortOrder.DescendingOrder

    def set_results(self, results: Sequence[ResultRecord]) -> None:
        self.set_rows(sorted(results, key=self._key(), reverse=self._is_descending))

    def add_results(self, results: Sequence[ResultRecord]) -> None:
        """Bring in results as they arrive; one of the same image replaces the older one."""
        new_paths = {result.image_path for result in results}
        kept = [result for result in self.rows if result.image_path not in new_paths]
        self._rearrange([*kept, *results])

    def set_threshold(self, threshold: float) -> None:
        self._threshold = threshold
        self.rows_changed(Column.VERDICT, Column.VERDICT)

    def set_decimals(self, decimals: int) -> None:
        self._decimals = decimals

    def result(self, row: int) -> ResultRecord:
        return self.rows[row]

    def row_of(self, image_path: str) -> int | None:
        for row, result in enumerate(self.rows):
            if result.image_path == image_path:
                return row
        return None

    def headings(self) -> Mapping[IntEnum, tuple[str, str]]:
        return {
            Column.FILE: (self.tr("File"), ""),
            Column.VERDICT: (self.tr("Verdict"), ""),
            Column.SCORE: (self.tr("Score"), ""),
            Column.TRUTH: (self.tr("Known as"), ""),
            Column.CALLED: (self.tr("Taken for"), ""),
        }

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        result = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(result, Column(index.column()))
            case Qt.ItemDataRole.ToolTipRole:
                return result.error or result.image_path
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == Column.SCORE:
                return RIGHT
            case _ if role == RESULT_ROLE:
                return result
            case _ if role == VERDICT_ROLE:
                return decide(result.score, self._threshold)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column = Column(column)
        self._order = order
        self._rearrange(self.rows)

    @property
    def _is_descending(self) -> bool:
        return self._order is Qt.SortOrder.DescendingOrder

    def _text(self, result: ResultRecord, column: Column) -> str:
        match column:
            case Column.FILE:
                return short_name(result)
            case Column.VERDICT:
                return decide(result.score, self._threshold).name
            case Column.SCORE:
                return f"{result.score:.{self._decimals}f}" if result.is_judged else "–"
            case Column.TRUTH:
                return "" if result.is_defective is None else _truth(result)
            case Column.CALLED:
                return called_name(result)

    def _key(self) -> Callable[[ResultRecord], Any]:
        """Return what rows are sorted by; what could not be judged counts as worst."""
        match self._sort_column:
            case Column.FILE:
                return lambda result: result.image_path
            case Column.TRUTH:
                return lambda result: (_truth(result), _worst_first(result))
            case Column.CALLED:
                return lambda result: (result.called, result.share_01 or 0.0)
            case Column.SCORE | Column.VERDICT:
                return _worst_first

    def _rearrange(self, results: Sequence[ResultRecord]) -> None:
        """Take over rows in sorted order; selection and scroll place stay with their rows."""
        self.layoutAboutToBeChanged.emit()
        before = [(index, self.rows[index.row()]) for index in self.persistentIndexList()]
        self._rows = sorted(results, key=self._key(), reverse=self._is_descending)
        row_of = {result.image_path: row for row, result in enumerate(self.rows)}
        self.changePersistentIndexList(
            [index for index, _ in before],
            [self.index(row_of[result.image_path], index.column()) for index, result in before],
        )
        self.layoutChanged.emit()


def short_name(result: ResultRecord) -> str:
    """Return the file's name, with its folder unless the type of the part says as much."""
    count = 1 if result.is_defective is not None else 2
    return "/".join(PurePath(result.image_path).parts[-count:])


def _truth(result: ResultRecord) -> str:
    return defect_type_name(result.defect_type) if result.is_defective is not None else ""


def _worst_first(result: ResultRecord) -> float:
    return result.score if result.is_judged else math.inf
