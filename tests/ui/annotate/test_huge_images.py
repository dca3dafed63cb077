"""An image that is read in parts, on the Annotate page."""

import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hand import Hand
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain import huge
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.geometry import Box
from inspector_app.store.project import Project
from inspector_app.ui.canvas.huge_picture import HugePicture
from inspector_app.ui.canvas.tools import painting
from inspector_app.ui.pages import click_preparation
from inspector_app.ui.pages.annotate import AnnotatePage

WIDTH, HEIGHT = 1200, 3000


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is huge here fits a test."""
    monkeypatch.setattr(huge, "HUGE_PX", 1_000_000)
    monkeypatch.setattr(click_preparation, "HUGE_PX", 2_000_000)
    monkeypatch.setattr(painting, "_LARGEST_LAYER_PX", 1_000_000)


@pytest.fixture
def image_folder(image_folder: Path) -> Path:
    """The images of the page's other tests, and a line-scan image."""
    slope = np.add.outer(np.arange(HEIGHT) / 20, np.arange(WIDTH) / 20).astype(np.uint8)
    tifffile.imwrite(image_folder / "line.tif", slope, photometric="minisblack")
    return image_folder


@pytest.fixture
def project(project: Project) -> Project:
    project.add_images([ImageEntry("line.tif", Split.NONE, "")])
    return project


@pytest.fixture
def huge_page(page: AnnotatePage, hand: Hand, qtbot: QtBot) -> AnnotatePage:
    """With the line-scan image shown at 100 %."""
    with qtbot.waitSignal(page._huge.filled):
        hand.go_to("line.tif")
    page.canvas.zoom_to(100)
    page.canvas.show_box(Box(1100, 2900, 1110, 2910))
    return page


def test_that_it_is_shown_in_parts(huge_page: AnnotatePage) -> None:
    assert isinstance(huge_page.canvas._backdrop.picture, HugePicture)
    assert huge_page.editing.image_size.toTuple() == (WIDTH, HEIGHT)


def test_that_an_overview_in_the_making_is_told(
    page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page._huge.began):
        hand.go_to("line.tif")
    assert page.tool_options.text.startswith("A very large image")


def test_that_regions_are_drawn_and_stored_where_they_are(
    huge_page: AnnotatePage, hand: Hand
) -> None:
    hand.take("brush")
    hand.drag([(1050, 2850), (1080, 2850)])
    region = huge_page.editing.selected
    assert region is not None and region.mask is not None
    assert (region.mask.width, region.mask.height) == (WIDTH, HEIGHT)
    assert region.box == Box(1043, 2843, 1088, 2858)


def test_that_a_stroke_goes_on_where_a_region_is(huge_page: AnnotatePage, hand: Hand) -> None:
    hand.take("brush")
    hand.drag([(1050, 2850), (1080, 2850)])
    before = huge_page.editing.selected
    hand.drag([(1080, 2850), (1080, 2900)])
    after = huge_page.editing.selected
    assert before is not None and after is not None and before.mask and after.mask
    assert after.id == before.id
    assert after.mask.crop(before.box).sum() >= before.mask.area


def test_that_painting_all_of_it_at_once_asks_to_zoom_in(
    huge_page: AnnotatePage, hand: Hand
) -> None:
    huge_page.canvas.fit()
    hand.take("brush")
    hand.drag([(600, 1500), (700, 1500)])
    assert huge_page.tool_options.text.startswith("Zoom in")
    assert huge_page.editing.selected is None


def test_that_the_whole_is_not_prepared_for_clicks(huge_page: AnnotatePage, qtbot: QtBot) -> None:
    huge_page.set_tool("click-segment")
    huge_page.canvas.fit()
    qtbot.wait(300)
    prepared = huge_page._preparation._prepared
    assert prepared is None or prepared[1] is not None or prepared[0].name != "line.tif"


def test_that_a_part_is_prepared_for_clicks(huge_page: AnnotatePage, qtbot: QtBot) -> None:
    huge_page.set_tool("click-segment")
    qtbot.waitUntil(lambda: huge_page._preparation._prepared is not None)
    qtbot.waitUntil(lambda: huge_page._preparation._prepared[0].name == "line.tif")
    view = huge_page._preparation._prepared[1]
    assert view is not None and view.contains(1100, 2900)


def test_that_the_wand_works_on_the_files_pixels(
    huge_page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    hand.take("wand")
    hand.click(1100, 2900)
    qtbot.waitUntil(lambda: huge_page.editing.selected is not None)
    region = huge_page.editing.selected
    assert region is not None and region.box.contains(1100, 2900)


def test_that_going_on_lets_go_of_it(huge_page: AnnotatePage, hand: Hand) -> None:
    tiles = huge_page._huge._tiles
    assert tiles is not None
    hand.go_to("0.png")
    assert huge_page._huge._tiles is None
    assert tiles.cached_bytes == 0
    assert huge_page.editing.image_size.toTuple() == (120, 80)


def test_that_coming_back_shows_it_again(huge_page: AnnotatePage, hand: Hand) -> None:
    hand.go_to("0.png")
    hand.go_to("line.tif")
    assert isinstance(huge_page.canvas._backdrop.picture, HugePicture)


def test_that_a_region_across_all_of_it_is_refused(
    huge_page: AnnotatePage, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector_app.ui.canvas.editing._LARGEST_REGION_PX", 500)
    hand.take("brush")
    hand.drag([(1050, 2850), (1080, 2850)])
    assert "Mark it as a box" in huge_page.tool_options.text
    assert huge_page.editing.selected is None
    hand.key(Qt.Key.Key_Escape)


def test_that_the_wand_reads_the_file_behind_the_window(
    huge_page: AnnotatePage, hand: Hand, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    read = huge.HugeImage.read

    def noting(image: huge.HugeImage, box: Box, **options: int) -> object:
        threads.append(threading.current_thread())
        return read(image, box, **options)

    monkeypatch.setattr(huge.HugeImage, "read", noting)
    hand.take("wand")
    hand.click(1100, 2900)
    qtbot.waitUntil(lambda: huge_page.editing.selected is not None)
    assert threads and threading.main_thread() not in threads


def test_that_a_wand_left_alone_meanwhile_makes_nothing(
    huge_page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    hand.take("wand")
    hand.press(1100, 2900)
    hand.key(Qt.Key.Key_Escape)
    hand.release(1100, 2900)
    tiles = huge_page._huge._tiles
    assert tiles is not None
    with qtbot.waitCallback() as read:
        tiles.read(Box(0, 0, 4, 4), read)
    assert huge_page.editing.selected is None
