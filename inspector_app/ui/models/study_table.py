"""The variants of a study as a table: how often trained, and every figure with its interval."""

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont

from inspector_app.domain.study import Estimate, StudyOutcome, VariantOutcome
from inspector_app.ui.models.rows_table import RIGHT, AnyIndex, RowsTable
from inspector_app.ui.share_text import share_text, share_with_interval

_SHARES = frozenset({"accuracy", "macro_recall", "tail_recall", "macro_f1"})
_SHOWN = (
    *("accuracy", "macro_recall", "tail_recall"),
    *("image_auroc", "dice", "map50", "val_loss", "seconds"),
)


class StudyModel(RowsTable[VariantOutcome]):
    """Its columns follow from what was measured."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outcome: StudyOutcome | None = None
        self._figures: tuple[str, ...] = ()

    def set_outcome(self, outcome: StudyOutcome) -> None:
        self._outcome = outcome
        # Errors of other losses are other things; where parts are counted nobody needs them.
        hidden = {"val_loss"} if "accuracy" in outcome.figures else set()
        self._figures = tuple(n for n in _SHOWN if n in outcome.figures and n not in hidden)
        self.set_rows(outcome.outcomes)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else 2 + len(self._figures)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return [self.tr("Variant"), self.tr("Trained"), *map(self.title_of, self._figures)][
                section
            ]
        return None

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return self._hint(row)
            case Qt.ItemDataRole.FontRole if self._is_best(index.row(), index.column()):
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 1:
                return RIGHT
        return None

    def _text(self, row: VariantOutcome, column: int) -> str:
        if column == 0:
            return row.variant.name
        if column == 1:
            count = 0 if self._outcome is None else len(self._outcome.plan.repeats)
            return self.tr("{done} of {count}").format(done=len(row.results), count=count)
        name = self._figures[column - 2]
        estimate = row.figures.get(name)
        return "" if estimate is None else _estimate_text(name, estimate)

    def _hint(self, row: VariantOutcome) -> str:
        settings = ", ".join(f"{name} {value}" for name, value in row.variant.settings.items())
        lines = [settings or self.tr("The usual settings")]
        if row.never_learned:
            names = ", ".join(row.never_learned)
            lines.append(self.tr("Never learned: {types}").format(types=names))
        return "\n".join(lines)

    def _is_best(self, row: int, column: int) -> bool:
        if self._outcome is None or column < 2:
            return False
        name = self._figures[column - 2]
        return any(each.figure == name and each.best == row for each in self._outcome.standings)

    def title_of(self, figure: str) -> str:
        """Return what a figure is called."""
        titles = {
            "accuracy": self.tr("Accuracy"),
            "macro_recall": self.tr("Mean recall"),
            "tail_recall": self.tr("Recall of rare types"),
            "image_auroc": self.tr("AUROC"),
            "dice": self.tr("Dice"),
            "map50": self.tr("mAP50"),
            "val_loss": self.tr("Best error"),
            "seconds": self.tr("Seconds"),
        }
        return titles.get(figure, figure)


def _estimate_text(figure: str, estimate: Estimate) -> str:
    if figure in _SHARES:
        if estimate.interval is None:
            return share_text(estimate.value)
        return share_with_interval(estimate.value, estimate.interval)
    if figure == "seconds":
        return f"{estimate.value:.0f}"
    text = f"{estimate.value:.3f}"
    if estimate.interval is None:
        return text
    return f"{text} ({estimate.interval.low:.2f}–{estimate.interval.high:.2f})"
