"""Looking for files of several pages behind an open project."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from inspector_app.services.background import Background
from inspector_app.services.page_survey import PageSurvey


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.shut_down()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """250 TIFF files; every hundredth has two pages."""
    for number in range(250):
        count = 1 if number % 100 else 2
        pages = np.zeros((count, 8, 8), np.uint8)
        tifffile.imwrite(tmp_path / f"{number}.tif", pages, photometric="minisblack")
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_that_all_files_are_looked_at_in_several_steps(
    background: Background, folder: Path, qtbot: QtBot
) -> None:
    survey = PageSurvey(background)
    with qtbot.waitSignal(survey.ended) as ended:
        survey.start(folder, names(folder))
    assert sorted(ended.args[0]) == [("0.tif", 2), ("100.tif", 2), ("200.tif", 2)]


def test_that_a_folder_without_tiffs_is_not_looked_at(
    background: Background, tmp_path: Path, qtbot: QtBot
) -> None:
    survey = PageSurvey(background)
    with qtbot.assertNotEmitted(survey.ended, wait=50):
        survey.start(tmp_path, ["a.png", "b.jpg"])
    assert background.is_calm


def test_that_a_stopped_survey_says_nothing(
    background: Background, folder: Path, qtbot: QtBot
) -> None:
    survey = PageSurvey(background)
    with qtbot.assertNotEmitted(survey.ended, wait=100):
        survey.start(folder, names(folder)[:50])
        survey.stop()
