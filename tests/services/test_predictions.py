"""A classifier's held-out images, read back from its run."""

from pathlib import Path
from typing import Literal

import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import PREDICTIONS_FILE, Prediction
from inspector_app.services.predictions import Predictions, load_predictions


def line(
    name: str, truth: str, called: str, share: float, split: Literal["val", "test"] = "test"
) -> Prediction:
    other = {"good": "dent", "dent": "good"}[called]
    # The order of the model's answers, whatever was called.
    shares = {"good": 0.0, "dent": 0.0} | {called: share, other: 1 - share}
    return Prediction(image_path=name, split=split, truth=truth, called=called, shares=shares)


LINES = [
    line("1.png", "good", "good", 0.9),
    line("2.png", "good", "dent", 0.6),
    line("3.png", "good", "dent", 0.8),
    line("4.png", "dent", "dent", 0.7),
    line("5.png", "dent", "good", 0.7, "val"),
]


def write(folder: Path, lines: list[Prediction]) -> Path:
    text = "".join(f"{each.model_dump_json()}\n" for each in lines)
    (folder / PREDICTIONS_FILE).write_text(text)
    return folder


@pytest.fixture
def predictions(tmp_path: Path) -> Predictions:
    loaded = load_predictions(write(tmp_path, LINES))
    assert loaded is not None
    return loaded


def test_that_test_images_are_counted(predictions: Predictions) -> None:
    assert predictions.classes == ("good", "dent")
    assert predictions.recognition.confusion.tolist() == [[1, 2], [0, 1]]


def test_that_validation_images_are_counted_where_there_are_no_others(tmp_path: Path) -> None:
    loaded = load_predictions(write(tmp_path, LINES[4:]))
    assert loaded is not None
    assert loaded.recognition.confusion.tolist() == [[0, 0], [1, 0]]


def test_that_a_cell_gives_its_images_the_surest_first(predictions: Predictions) -> None:
    assert [p.image_path for p in predictions.cell("good", "dent")] == ["3.png", "2.png"]
    assert predictions.cell("dent", "good") == []


def test_that_other_runs_have_no_predictions(tmp_path: Path) -> None:
    assert load_predictions(tmp_path) is None


def test_that_a_run_without_held_out_images_has_no_types(tmp_path: Path) -> None:
    assert load_predictions(write(tmp_path, [])) == Predictions((), ())


@pytest.mark.parametrize(
    "damage",
    ["{}", LINES[0].model_copy(update={"called": "scar"}).model_dump_json()],
)
def test_that_a_damaged_line_is_named(tmp_path: Path, damage: str) -> None:
    text = f"{LINES[0].model_dump_json()}\n{damage}\n"
    (tmp_path / PREDICTIONS_FILE).write_text(text)
    with pytest.raises(BadDataError, match="line 2"):
        load_predictions(tmp_path)
