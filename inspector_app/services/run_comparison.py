"""Training runs side by side: what they were set to, what came of it, what may be concluded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import RunRecord
from inspector_app.domain.recognition import Interval, Recognition
from inspector_app.domain.standing import Standing, standing
from inspector_app.protocol.files import BUNDLE_FOLDER
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.job_files import load_bundle_card
from inspector_app.services.predictions import Predictions, load_predictions
from inspector_app.services.run_folders import read_epochs

FIGURES = (
    "seconds",
    "epochs",
    "best_epoch",
    "train_loss",
    "val_loss",
    "accuracy",
    "macro_recall",
    "macro_f1",
    "dice",
    "map50",
    "image_auroc",
)
"""In the order in which they are shown; the losses are those of the best epoch."""

Group = Literal["setting", "figure", "type"]


@dataclass(frozen=True)
class ComparedRun:
    """A run with what its folder holds."""

    record: RunRecord
    config: Mapping[str, Any]
    """The complete settings where there is a model, else those that differ from the defaults."""
    is_complete: bool
    epochs: tuple[EpochEnded, ...]
    predictions: Predictions | None
    fault: str = ""
    """Why its predictions cannot be understood, with the remedy."""

    @cached_property
    def recognition(self) -> Recognition | None:
        return self.predictions.recognition if self.predictions is not None else None

    @cached_property
    def figures(self) -> Mapping[str, float]:
        """Those of `FIGURES` that are known."""
        found = {**self._course(), **self.record.metrics}
        if self.recognition is not None:
            counted = {
                "accuracy": self.recognition.accuracy,
                "macro_recall": self.recognition.macro_recall,
                "macro_f1": self.recognition.macro_f1,
            }
            found |= {name: value for name, value in counted.items() if value is not None}
        return {name: found[name] for name in FIGURES if name in found}

    def interval(self, figure: str) -> Interval | None:
        """Return how sure a figure is; None where nothing is known of that."""
        if self.recognition is None or not self.recognition.count:
            return None
        intervals = {
            "accuracy": self.recognition.accuracy_interval,
            "macro_recall": self.recognition.macro_recall_interval,
        }
        return intervals.get(figure)

    def _course(self) -> dict[str, float]:
        if not self.epochs:
            return {}
        best = min(self.epochs, key=lambda epoch: epoch.metrics.get("val_loss", float("inf")))
        chosen = round(self.record.metrics.get("best_epoch", best.epoch))
        at_best = next((epoch for epoch in self.epochs if epoch.epoch == chosen), best)
        losses = {name: at_best.metrics[name] for name in _LOSSES if name in at_best.metrics}
        seconds = sum(epoch.seconds for epoch in self.epochs)
        return {
            "seconds": seconds,
            "epochs": float(max(epoch.epoch for epoch in self.epochs)),
            "best_epoch": float(chosen),
            **losses,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; None where a run has no such thing."""

    group: Group
    name: str
    values: tuple[Any, ...]
    intervals: tuple[Interval | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several runs, line by line."""

    runs: tuple[ComparedRun, ...]
    rows: tuple[Row, ...]
    standings: tuple[Standing, ...]
    is_same_images: bool
    """Whether all that recognise types were tested on the same images."""


def load_compared_run(project_folder: Path, record: RunRecord) -> ComparedRun:
    """Read what a run has left; what cannot be understood is named, not raised."""
    folder = project_folder / record.folder
    try:
        complete: Mapping[str, Any] | None = load_bundle_card(folder / BUNDLE_FOLDER).config
    except BadDataError:
        # A run that was not finished has no model; what was asked of it is known all the same.
        complete = None
    predictions, fault = None, ""
    try:
        predictions = load_predictions(folder)
    except BadDataError as error:
        fault = str(error)
    return ComparedRun(
        record,
        record.config if complete is None else complete,
        complete is not None,
        tuple(read_epochs(folder)),
        predictions,
        fault,
    )


def compare(runs: Sequence[ComparedRun]) -> Comparison:
    rows = (*_setting_rows(runs), *_figure_rows(runs), *_type_rows(runs))
    standings = [
        standing(name, [r.figures.get(name) for r in runs], [r.interval(name) for r in runs])
        for name in ("accuracy", "macro_recall")
    ]
    return Comparison(
        tuple(runs), rows, tuple(s for s in standings if s is not None), _is_same_images(runs)
    )


_LOSSES = ("train_loss", "val_loss")
_DEFAULT = "default"
_AUTOMATIC = "automatic"


def _setting_rows(runs: Sequence[ComparedRun]) -> list[Row]:
    """Return the settings that differ: chosen ones, and where all are known the others, too."""
    names = dict.fromkeys(name for run in runs for name in run.record.config)
    if all(run.is_complete for run in runs):
        shared = set.intersection(*(set(run.config) for run in runs))
        names |= dict.fromkeys(name for name in runs[0].config if name in shared)
    rows = [_plain_row("model", [run.record.model_kind for run in runs])]
    rows += [_plain_row(name, [_setting(run, name) for run in runs]) for name in names]
    return [row for row in rows if any(value != row.values[0] for value in row.values)]


def _setting(run: ComparedRun, name: str) -> Any:
    if name not in run.config:
        return None if run.is_complete else _DEFAULT
    value = run.config[name]
    return _AUTOMATIC if value is None else value


def _plain_row(name: str, values: Sequence[Any]) -> Row:
    return Row("setting", name, tuple(values), (None,) * len(values))


def _figure_rows(runs: Sequence[ComparedRun]) -> list[Row]:
    rows = []
    for name in FIGURES:
        values = tuple(run.figures.get(name) for run in runs)
        if any(value is not None for value in values):
            rows.append(Row("figure", name, values, tuple(run.interval(name) for run in runs)))
    return rows


def _type_rows(runs: Sequence[ComparedRun]) -> list[Row]:
    types_of = (() if run.recognition is None else run.recognition.types for run in runs)
    known = [{figures.name: figures for figures in types} for types in types_of]
    rows = []
    for name in dict.fromkeys(name for types in known for name in types):
        figures = [types.get(name) for types in known]
        values = tuple(None if f is None else f.recall for f in figures)
        intervals = tuple(
            None if f is None or f.recall is None else f.recall_interval for f in figures
        )
        rows.append(Row("type", name, values, intervals))
    return rows


def _is_same_images(runs: Sequence[ComparedRun]) -> bool:
    tested = {run.predictions.counted_paths for run in runs if run.predictions is not None}
    return len(tested) < 2
