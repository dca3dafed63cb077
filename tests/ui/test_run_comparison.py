"""Runs side by side in the window."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from predicted import CLASSES, prediction
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.predictions import Predictions
from inspector_app.services.run_comparison import ComparedRun, Comparison, compare
from inspector_app.ui.figure_wording import figure_text
from inspector_app.ui.panels.run_comparison import RunComparison, conclusions

NAMES = ("1 · Classifier", "2 · Classifier")


def compared(right: int, count: int, *, epochs: Sequence[EpochEnded] = ()) -> ComparedRun:
    lines = tuple(
        prediction(f"{n}.png", "dent", "dent" if n < right else "good") for n in range(count)
    )
    record = RunRecord("r", "classifier", {"epochs": right}, JobState.COMPLETED, "runs/r", "")
    return ComparedRun(record, record.config, True, tuple(epochs), Predictions(CLASSES, lines))


def epoch(number: int) -> EpochEnded:
    losses = {"train_loss": 1.0, "val_loss": 2.0 / number}
    return EpochEnded(job_id="r", epoch=number, epochs=2, metrics=losses, seconds=65.0)


@pytest.fixture
def comparison() -> Comparison:
    return compare([compared(0, 4, epochs=[epoch(1), epoch(2)]), compared(2, 4)])


@pytest.fixture
def panel(comparison: Comparison, qtbot: QtBot) -> RunComparison:
    panel = RunComparison()
    qtbot.addWidget(panel)
    panel.set_comparison(comparison, NAMES, {"epochs": "Epochs"})
    return panel


def line(panel: RunComparison, title: str) -> list[str]:
    model = panel.model
    for row in range(model.rowCount()):
        texts = [model.index(row, column).data() for column in range(model.columnCount())]
        if texts[0] == title:
            return texts[1:]
    raise KeyError(title)


def test_that_settings_are_called_as_in_the_form(panel: RunComparison) -> None:
    assert line(panel, "Epochs") == ["0", "2"]


def test_that_accuracy_stands_with_its_interval(panel: RunComparison) -> None:
    assert line(panel, "Accuracy") == ["0 % (0–49 %)", "50 % (15–85 %)"]


def test_that_a_type_that_was_never_learned_is_called_that(panel: RunComparison) -> None:
    assert line(panel, "Recall of dent") == ["never learned", "50 % (15–85 %)"]


def test_that_a_figure_that_a_run_does_not_have_is_left_open(panel: RunComparison) -> None:
    assert line(panel, "Time") == ["2 min 10 s", "–"]


def test_that_each_run_has_a_curve(panel: RunComparison) -> None:
    assert panel.curves is not None
    assert panel.curves.curves == {NAMES[0]: [(1, 2.0), (2, 1.0)], NAMES[1]: []}


def test_that_columns_are_headed_by_the_runs(panel: RunComparison) -> None:
    heads = [panel.model.headerData(n, Qt.Orientation.Horizontal) for n in (1, 2)]
    assert heads == list(NAMES)


def test_that_overlapping_intervals_are_told_as_no_difference(panel: RunComparison) -> None:
    assert "no significant difference between 2 and 1" in panel.conclusion


def test_that_a_clear_difference_is_told() -> None:
    sentences = conclusions(compare([compared(95, 100), compared(40, 100), compared(90, 100)]))
    assert sentences[0].startswith("Accuracy: 1 is better than 2; no significant difference")


def test_that_different_test_images_are_told() -> None:
    sentences = conclusions(compare([compared(2, 4), compared(2, 5)]))
    assert sentences[-1] == "They were tested on different images."


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("seconds", 9.25, "9.2 s"), ("epochs", 3.0, "3"), ("accuracy", 0.5, "50 %")],
)
def test_that_figures_are_written_as_people_read_them(name: str, value: float, text: str) -> None:
    assert figure_text(name, value) == text


def test_that_runs_of_other_tasks_are_compared_by_their_own_figures(
    comparison: Comparison, panel: RunComparison
) -> None:
    record = replace(comparison.runs[0].record, metrics={"dice": 0.5, "map50": 0.25})
    other = replace(comparison.runs[0], record=record, predictions=None)
    panel.set_comparison(compare([other, comparison.runs[1]]), NAMES, {})
    assert line(panel, "Dice") == ["0.500", "–"]
    assert line(panel, "mAP50") == ["0.250", "–"]


def test_that_models_of_two_kinds_are_not_compared_by_their_errors(
    comparison: Comparison, panel: RunComparison
) -> None:
    record = replace(comparison.runs[0].record, model_kind="autoencoder")
    other = replace(comparison.runs[0], record=record, predictions=None)
    found = compare([comparison.runs[1], other])
    panel.set_comparison(found, NAMES, {"autoencoder": "Autoencoder (baseline)"})
    assert line(panel, "Model") == ["classifier", "Autoencoder (baseline)"]
    assert panel.conclusion == "Errors of different models are measured in different ways."
