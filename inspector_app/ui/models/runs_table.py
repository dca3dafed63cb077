"""Training runs as a table that compares them."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QIcon

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.files import ModelCard
from inspector_app.ui.figure_wording import figure_hint, figure_text, figure_title
from inspector_app.ui.icons import coloured_icon, icon
from inspector_app.ui.models.rows_table import RIGHT, AnyIndex, RowsTable
from inspector_app.ui.theme import colours
from inspector_app.ui.wording import job_state_name, when_iso

_STATE_ICONS = {
    JobState.QUEUED: "waiting",
    JobState.STARTING: "running",
    JobState.RUNNING: "running",
    JobState.CANCELLING: "running",
    JobState.COMPLETED: "ok",
    JobState.CANCELLED: "stop",
    JobState.FAILED: "ng",
    JobState.INTERRUPTED: "interrupted",
}


class Column(IntEnum):
    """The table's columns."""

    STATE = 0
    MODEL = 1
    STARTED = 2
    EPOCHS = 3
    LOSS = 4
    ACCURACY = 5
    DICE = 6
    MAP50 = 7
    AUROC = 8
    TAGS = 9
    SETTINGS = 10


_FIGURES = {
    Column.LOSS: "val_loss",
    Column.ACCURACY: "accuracy",
    Column.DICE: "dice",
    Column.MAP50: "map50",
    Column.AUROC: "image_auroc",
}
_OF_SOME_TASKS = (Column.ACCURACY, Column.DICE, Column.MAP50)


class RunsModel(RowsTable[RunRecord]):
    """Rows are runs, newest first."""

    columns = Column

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, ModelCard] = {}
        self._epochs: dict[str, int] = {}

    def set_cards(self, cards: Sequence[ModelCard]) -> None:
        self._cards = {card.kind: card for card in cards}
        self.rows_changed()

    def set_runs(self, runs: Sequence[RunRecord]) -> None:
        """Take over the runs; where only their states changed, selections stay."""
        if [run.id for run in runs] == [run.id for run in self.rows]:
            self._rows = list(runs)
            self.rows_changed()
        else:
            self.set_rows(runs)

    def set_epoch(self, run_id: str, epoch: int) -> None:
        """Show how far a running one is."""
        self._epochs[run_id] = epoch
        self.rows_changed()

    def unused_columns(self) -> set[Column]:
        """Return the figures of tasks that no run was for."""
        measured = {name for run in self.rows for name in run.metrics}
        return {column for column in _OF_SOME_TASKS if _FIGURES[column] not in measured}

    def run(self, row: int) -> RunRecord:
        return self.rows[row]

    def row_of(self, run_id: str) -> int | None:
        for row, run in enumerate(self.rows):
            if run.id == run_id:
                return row
        return None

    def headings(self) -> Mapping[IntEnum, tuple[str, str]]:
        return {
            Column.STATE: (self.tr("State"), ""),
            Column.MODEL: (self.tr("Model"), ""),
            Column.STARTED: (self.tr("Started"), ""),
            Column.EPOCHS: (
                self.tr("Epochs"),
                self.tr("Times it went through all images that it learns from"),
            ),
            **{
                column: (figure_title(name), figure_hint(name)) for column, name in _FIGURES.items()
            },
            Column.TAGS: (self.tr("Tags"), self.tr("Your own words; the note is in the hint")),
            Column.SETTINGS: (self.tr("Settings"), self.tr("What differs from the defaults")),
        }

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        run = self.rows[index.row()]
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(run, column)
            case Qt.ItemDataRole.DecorationRole if column is Column.STATE:
                return state_icon(run.state)
            case Qt.ItemDataRole.ToolTipRole if column is Column.TAGS:
                return run.note or self._text(run, column)
            case Qt.ItemDataRole.ToolTipRole:
                return run.message or self._text(run, column)
            case Qt.ItemDataRole.TextAlignmentRole if column in _NUMBERS:
                return RIGHT
        return None

    def _text(self, run: RunRecord, column: Column) -> str:
        texts: dict[Column, Callable[[], str]] = {
            Column.STATE: lambda: job_state_name(run.state),
            Column.MODEL: lambda: self.title_of(run.model_kind),
            Column.STARTED: lambda: when_iso(run.created_at),
            Column.EPOCHS: lambda: self._epochs_text(run),
            Column.TAGS: lambda: ", ".join(run.tags),
            Column.SETTINGS: lambda: self._settings_text(run),
        }
        return texts[column]() if column in texts else _figure(run.metrics, _FIGURES[column])

    def title_of(self, kind: str) -> str:
        return self._cards[kind].title if kind in self._cards else kind

    def titles(self) -> dict[str, str]:
        """Return what models and their settings are called, by their keys."""
        return {kind: card.title for kind, card in self._cards.items()} | {
            name: entry.get("title", name)
            for card in self._cards.values()
            for name, entry in card.config_schema.get("properties", {}).items()
        }

    def _epochs_text(self, run: RunRecord) -> str:
        if "epochs" in run.metrics:
            return f"{run.metrics['epochs']:.0f}"
        return str(self._epochs.get(run.id, ""))

    def _settings_text(self, run: RunRecord) -> str:
        schema = self._cards[run.model_kind].config_schema if run.model_kind in self._cards else {}
        properties = schema.get("properties", {})
        parts = []
        for name, value in run.config.items():
            title = properties.get(name, {}).get("title", name)
            parts.append(f"{title}: {value}")
        return ", ".join(parts)


_NUMBERS = frozenset({Column.EPOCHS, *_FIGURES})


def state_icon(state: JobState) -> QIcon:
    """Return a state's icon: shape tells it, colour helps."""
    shades = colours()
    tints = {
        JobState.COMPLETED: shades.ok,
        JobState.FAILED: shades.ng,
        JobState.INTERRUPTED: shades.review,
        JobState.RUNNING: shades.accent,
        JobState.STARTING: shades.accent,
        JobState.CANCELLING: shades.accent,
    }
    name = _STATE_ICONS[state]
    return coloured_icon(name, QColor(tints[state])) if state in tints else icon(name)


def _figure(metrics: Mapping[str, float], name: str) -> str:
    return figure_text(name, metrics[name]) if name in metrics else ""
