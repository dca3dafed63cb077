"""Several runs side by side: figures, curves and what may be concluded from them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QLabel,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.standing import Standing
from inspector_app.services.run_comparison import Comparison
from inspector_app.ui.figure_wording import figure_title
from inspector_app.ui.models.comparison_table import ComparisonModel
from inspector_app.ui.row_table import ReadOnlyTable
from inspector_app.ui.theme import make_title

if TYPE_CHECKING:
    from inspector_app.ui.panels.run_curves import RunCurves

_ROW_PX = 26


class RunComparison(QWidget):
    """Shows a comparison."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: RunCurves | None = None
        self.model = ComparisonModel(self)
        self.table = ReadOnlyTable(self.model, row_px=_ROW_PX)
        self.table.setAccessibleName(self.tr("Comparison"))
        self._conclusion = QLabel()
        self._conclusion.setWordWrap(True)
        self._conclusion.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()

    @property
    def conclusion(self) -> str:
        return self._conclusion.text()

    def set_comparison(
        self, comparison: Comparison, names: Sequence[str], titles: Mapping[str, str]
    ) -> None:
        """Show a comparison of runs with these names; `titles` are those of models and settings."""
        self.model.set_comparison(comparison, names, titles)
        self._conclusion.setText("\n".join(conclusions(comparison)))
        self._conclusion.setVisible(bool(self.conclusion))
        epochs = [run.epochs for run in comparison.runs]
        self._shown_curves().set_runs(dict(zip(names, epochs, strict=True)))

    def _lay_out(self) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(make_title(self.tr("Comparison"), scale=1.1))
        layout.addWidget(self._conclusion)
        layout.addWidget(self._splitter, 1)

    def _shown_curves(self) -> "RunCurves":
        if self.curves is None:
            # The plotting library takes a third of a second to load.
            from inspector_app.ui.panels.run_curves import RunCurves  # noqa: PLC0415

            self.curves = RunCurves()
            self._splitter.addWidget(self.curves)
            self._splitter.setSizes([600, 400])
        return self.curves


def conclusions(comparison: Comparison) -> list[str]:
    """Return what may be said of the runs, in sentences; they are called by their numbers."""
    sentences = [_sentence(standing) for standing in comparison.standings]
    if not comparison.is_same_images:
        sentences.append(_tr("They were tested on different images."))
    if len({run.record.model_kind for run in comparison.runs}) > 1:
        sentences.append(_tr("Errors of different models are measured in different ways."))
    return sentences + [run.fault for run in comparison.runs if run.fault]


def _sentence(standing: Standing) -> str:
    parts = []
    if standing.behind:
        text = _tr("{best} is better than {others}")
        parts.append(text.format(best=standing.best + 1, others=_numbers(standing.behind)))
    if standing.level:
        text = _tr("no significant difference between {best} and {others} (95 % intervals overlap)")
        parts.append(text.format(best=standing.best + 1, others=_numbers(standing.level)))
    return f"{figure_title(standing.figure)}: {'; '.join(parts)}."


def _numbers(places: Sequence[int]) -> str:
    return ", ".join(str(place + 1) for place in places)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunComparison", text)
