"""The variants of a study as a table: how often trained, and every figure with its interval."""

from typing import Any

from PySide6.QtCore import QObject, Qt

from inspector_app.domain.study import Estimate, StudyOutcome, VariantOutcome
from inspector_app.ui.figure_wording import figure_text, figure_title
from inspector_app.ui.models.rows_table import RIGHT, AnyIndex, Heading, RowsTable, bold
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

    def size(self) -> tuple[int, int]:
        return len(self.rows), 2 + len(self._figures)

    def column_heading(self, column: int) -> Heading:
        own = (self.tr("Variant"), self.tr("Trained"))
        return own[column] if column < 2 else figure_title(self._figures[column - 2]), ""

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return self._hint(row)
            case Qt.ItemDataRole.FontRole if self._is_best(index.row(), index.column()):
                return bold()
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


def _estimate_text(figure: str, estimate: Estimate) -> str:
    if figure in _SHARES:
        if estimate.interval is None:
            return share_text(estimate.value)
        return share_with_interval(estimate.value, estimate.interval)
    text = figure_text(figure, estimate.value)
    if estimate.interval is None:
        return text
    return f"{text} ({estimate.interval.low:.2f}–{estimate.interval.high:.2f})"
