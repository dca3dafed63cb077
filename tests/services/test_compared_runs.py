"""Runs side by side: what differs, what came of it, what may be concluded."""

from pathlib import Path
from typing import Any

import pytest

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.codec import encode
from inspector_app.protocol.files import EVENTS_FILE, PREDICTIONS_FILE, Prediction
from inspector_app.protocol.messages import EpochEnded
from inspector_app.services.predictions import Predictions
from inspector_app.services.run_comparison import (
    ComparedRun,
    Comparison,
    Row,
    compare,
    load_compared_run,
)


def answer(path: str, truth: str, *, is_right: bool) -> Prediction:
    other = {"good": "dent", "dent": "good"}[truth]
    called = truth if is_right else other
    shares = {"good": 0.0, "dent": 0.0} | {called: 1.0}
    return Prediction(image_path=path, split="test", truth=truth, called=called, shares=shares)


def answers(right: int, count: int, prefix: str = "") -> Predictions:
    lines = tuple(answer(f"{prefix}{n}.png", "dent", is_right=n < right) for n in range(count))
    return Predictions(("good", "dent"), lines)


def run(
    config: dict[str, Any] | None = None,
    predictions: Predictions | None = None,
    *,
    kind: str = "classifier",
    chosen: dict[str, Any] | None = None,
    is_complete: bool = True,
) -> ComparedRun:
    config = config or {}
    record = RunRecord(
        "run", kind, config if chosen is None else chosen, JobState.COMPLETED, "runs/run", ""
    )
    return ComparedRun(record, config, is_complete, (), predictions)


def rows(comparison: Comparison, group: str) -> dict[str, Row]:
    return {row.name: row for row in comparison.rows if row.group == group}


def test_that_only_settings_that_differ_are_listed() -> None:
    found = compare([run({"epochs": 2, "size": 64}), run({"epochs": 3, "size": 64})])
    assert [(r.name, r.values) for r in found.rows] == [("epochs", (2, 3))]


def test_that_a_default_that_changed_between_versions_is_seen() -> None:
    found = compare([run({"rate": 1}, chosen={}), run({"rate": 2}, chosen={})])
    assert rows(found, "setting")["rate"].values == (1, 2)


def test_that_a_run_without_a_model_is_compared_by_what_was_asked_of_it() -> None:
    unfinished = run({"epochs": 9}, is_complete=False)
    found = compare([run({"epochs": 2, "size": 64}, chosen={"epochs": 2}), unfinished])
    assert [(r.name, r.values) for r in found.rows] == [("epochs", (2, 9))]


def test_that_what_was_not_asked_of_an_unfinished_run_is_its_default() -> None:
    found = compare([run({"epochs": 2}), run({}, is_complete=False)])
    assert rows(found, "setting")["epochs"].values == (2, "default")


def test_that_a_setting_that_a_model_does_not_have_is_left_open() -> None:
    found = compare([run({"epochs": 2, "beta": 1}), run({"epochs": 2}, kind="autoencoder")])
    settings = rows(found, "setting")
    assert settings["model"].values == ("classifier", "autoencoder")
    assert settings["beta"].values == (1, None)


def test_that_a_setting_left_to_the_program_is_told_from_one_that_is_not_there() -> None:
    found = compare([run({"rate": None}), run({"rate": 0.1})])
    assert rows(found, "setting")["rate"].values == ("automatic", 0.1)


def test_that_overlapping_intervals_are_no_significant_difference() -> None:
    found = compare([run(predictions=answers(12, 20)), run(predictions=answers(14, 20))])
    [accuracy, _] = found.standings
    assert (accuracy.best, accuracy.level, accuracy.behind) == (1, (0,), ())


def test_that_intervals_apart_are_a_difference() -> None:
    found = compare([run(predictions=answers(95, 100)), run(predictions=answers(40, 100))])
    [accuracy, _] = found.standings
    assert (accuracy.best, accuracy.level, accuracy.behind) == (0, (), (1,))


def test_that_nothing_is_concluded_from_one_classifier_alone() -> None:
    assert not compare([run(predictions=answers(1, 2)), run(kind="autoencoder")]).standings


def test_that_different_test_images_are_noticed() -> None:
    pair = [run(predictions=answers(1, 2)), run(predictions=answers(1, 2, "other"))]
    assert not compare(pair).is_same_images
    assert compare(pair[:1]).is_same_images


def test_that_recall_of_a_type_comes_with_its_interval() -> None:
    types = rows(compare([run(predictions=answers(1, 2)), run()]), "type")
    assert types["dent"].values == (0.5, None)
    assert types["dent"].intervals[0] is not None
    assert types["good"].intervals == (None, None)


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    """Of a run that was cut off after its third epoch; the second one was the best."""
    folder = tmp_path / "runs/run"
    folder.mkdir(parents=True)
    events = [
        EpochEnded(
            job_id="run",
            epoch=number,
            epochs=9,
            metrics={"train_loss": 10.0 - number, "val_loss": loss},
            seconds=1.5,
        )
        for number, loss in enumerate((3.0, 1.0, 2.0), 1)
    ]
    (folder / EVENTS_FILE).write_bytes(b"".join(encode(event) for event in events))
    return RunRecord("run", "classifier", {"epochs": 9}, JobState.INTERRUPTED, "runs/run", "")


def test_that_figures_come_from_the_epochs_where_the_run_has_none(
    tmp_path: Path, record: RunRecord
) -> None:
    loaded = load_compared_run(tmp_path, record)
    assert loaded.figures == {
        "seconds": 4.5,
        "epochs": 3.0,
        "best_epoch": 2.0,
        "train_loss": 8.0,
        "val_loss": 1.0,
    }
    assert not loaded.is_complete


def test_that_predictions_are_read_from_the_run_folder(tmp_path: Path, record: RunRecord) -> None:
    lines = answers(3, 4).lines
    text = "".join(f"{line.model_dump_json()}\n" for line in lines)
    (tmp_path / record.folder / PREDICTIONS_FILE).write_text(text)
    assert load_compared_run(tmp_path, record).figures["accuracy"] == 0.75


def test_that_damaged_predictions_do_not_hide_the_rest_of_the_run(
    tmp_path: Path, record: RunRecord
) -> None:
    (tmp_path / record.folder / PREDICTIONS_FILE).write_text("nonsense\n")
    loaded = load_compared_run(tmp_path, record)
    assert "line 1" in loaded.fault
    assert loaded.figures["val_loss"] == 1.0
