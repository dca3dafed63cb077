"""What a classifier recognised: figures, types, confusion matrix and the images behind a cell."""

import pytest
from predicted import CLASSES, prediction
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.services.predictions import Predictions
from inspector_app.ui.models.types_table import TypeColumn
from inspector_app.ui.panels.run_results import RunResults

LINES = (
    prediction("/a/1.png", "good", "good"),
    prediction("/a/2.png", "good", "dent", 0.6),
    prediction("/a/3.png", "good", "dent", 0.9),
    prediction("/a/4.png", "dent", "dent"),
    prediction("/a/5.png", "scratch", "good"),
)


@pytest.fixture
def panel(qtbot: QtBot) -> RunResults:
    panel = RunResults()
    qtbot.addWidget(panel)
    panel.set_predictions(Predictions(CLASSES, LINES))
    panel.resize(900, 400)
    panel.show()
    return panel


def choose(panel: RunResults, truth: str, called: str) -> list[str]:
    row, column = CLASSES.index(truth), CLASSES.index(called)
    panel.matrix.setCurrentIndex(panel.confusion_model.index(row, column))
    return [panel.images.item(row).text() for row in range(panel.images.count())]


def test_that_accuracy_is_told_with_its_interval(panel: RunResults) -> None:
    assert panel.headline.startswith("Accuracy 40 % (12–77 %) · macro F1 0.30 · 5 images")


def test_that_a_type_that_was_never_found_is_called_out_in_words(panel: RunResults) -> None:
    assert panel.warning.startswith("Never learned: scratch.")


def test_that_nothing_is_called_out_where_every_type_was_found(panel: RunResults) -> None:
    panel.set_predictions(Predictions(CLASSES, LINES[:4]))
    assert panel.warning == ""


def test_that_a_type_has_recall_and_interval(panel: RunResults) -> None:
    texts = [panel.types_model.index(0, column).data() for column in TypeColumn]
    assert texts == ["good", "1 of 3", "33 %", "6–79 %"]


def test_that_a_cell_lists_its_images_the_surest_first(panel: RunResults) -> None:
    assert choose(panel, "good", "dent") == ["3.png · 90 %", "2.png · 60 %"]


def test_that_an_empty_cell_lists_nothing(panel: RunResults) -> None:
    choose(panel, "good", "dent")
    assert choose(panel, "dent", "scratch") == []


def test_that_another_runs_results_drop_the_images_of_the_cell(panel: RunResults) -> None:
    choose(panel, "good", "dent")
    panel.set_predictions(Predictions(CLASSES, LINES[3:]))
    assert panel.images.count() == 0


def test_that_an_image_behind_a_cell_can_be_opened(panel: RunResults, qtbot: QtBot) -> None:
    choose(panel, "scratch", "good")
    with qtbot.waitSignal(panel.image_activated) as asked:
        panel.images.itemActivated.emit(panel.images.item(0))
    assert asked.args == ["/a/5.png"]


def test_that_a_cell_says_what_its_number_means(panel: RunResults) -> None:
    index = panel.confusion_model.index(0, 1)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "2 images of good called dent"


def test_that_columns_are_numbered_as_the_rows_that_name_them(panel: RunResults) -> None:
    model = panel.confusion_model
    assert model.headerData(1, Qt.Orientation.Horizontal) == "2"
    assert model.headerData(1, Qt.Orientation.Vertical) == "2  dent"
