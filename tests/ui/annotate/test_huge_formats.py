"""Huge images without parts, and huge images of more than eight bits, on the Annotate page."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hand import Hand
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from inspector_app.domain import huge
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.paths import unpacked_folder
from inspector_app.store.project import Project
from inspector_app.ui.canvas.huge_picture import HugePicture
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.window import WindowMode, WindowPanel

WIDTH, HEIGHT = 1200, 3000
LOW, STEP = 2000, 20
PLACE = Box(600, 1500, 601, 1501)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is huge here fits a test."""
    monkeypatch.setattr(huge, "HUGE_PX", 1_000_000)
    monkeypatch.setattr(huge, "LARGEST_WHOLE_PX", 1_000_000)


@pytest.fixture
def image_folder(image_folder: Path) -> Path:
    """The images of the page's other tests, and line-scan images of one slope."""
    slope = np.add.outer(np.arange(HEIGHT) / 20, np.arange(WIDTH) / 20)
    deep = (LOW + STEP * slope).astype(np.uint16)
    cv2.imwrite(str(image_folder / "line.png"), slope.astype(np.uint8))
    cv2.imwrite(str(image_folder / "deep.png"), deep)
    tifffile.imwrite(image_folder / "deep.tif", deep, photometric="minisblack", tile=(256, 256))
    return image_folder


@pytest.fixture
def project(project: Project) -> Project:
    names = ("line.png", "deep.png", "deep.tif")
    project.add_images([ImageEntry(name, Split.NONE, "") for name in names])
    return project


def show(page: AnnotatePage, hand: Hand, qtbot: QtBot, name: str) -> None:
    """Show an image at 100 % once all of its overview is there."""
    with qtbot.waitSignal(page._huge.filled):
        hand.go_to(name)
    page.canvas.zoom_to(100)
    page.canvas.show_box(PLACE)
    page.canvas.grab()
    tiles = page._huge._tiles
    assert tiles is not None
    qtbot.waitUntil(lambda: not (tiles._running or tiles._waiting))


def brightness(page: AnnotatePage) -> int:
    place = page.canvas.viewport.to_widget(PLACE.left + 0.5, PLACE.top + 0.5).toPoint()
    return QColor(page.canvas.grab().toImage().pixel(place)).red()


@pytest.fixture(params=["deep.png", "deep.tif"])
def panel(
    request: pytest.FixtureRequest, page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> WindowPanel:
    """Of a deep image shown at 100 %."""
    show(page, hand, qtbot, request.param)
    panel = page.side.adjust.window_panel
    qtbot.waitUntil(lambda: not panel.isHidden())
    return panel


def test_that_a_huge_png_is_unpacked_and_shown_in_parts(
    page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page._huge.unpacking):
        show(page, hand, qtbot, "line.png")
    assert isinstance(page.canvas._backdrop.picture, HugePicture)
    assert brightness(page) == 105
    assert page.side.adjust.window_panel.isHidden()


def test_that_it_is_not_unpacked_again(page: AnnotatePage, hand: Hand, qtbot: QtBot) -> None:
    show(page, hand, qtbot, "line.png")
    (kept,) = unpacked_folder().iterdir()
    hand.go_to("0.png")
    with qtbot.assertNotEmitted(page._huge.unpacking):
        show(page, hand, qtbot, "line.png")
    assert list(unpacked_folder().iterdir()) == [kept]


def test_that_a_deep_huge_image_begins_with_the_automatic_window(
    panel: WindowPanel, page: AnnotatePage
) -> None:
    assert panel.mode is WindowMode.AUTO
    assert 90 < brightness(page) < 165


def test_that_its_window_can_be_set(panel: WindowPanel, page: AnnotatePage, qtbot: QtBot) -> None:
    panel.low.setValue(4800)
    assert brightness(page) == 0
    panel.low.setValue(LOW)
    panel.high.setValue(2500)
    assert brightness(page) == 255


def test_that_the_overview_follows_the_window(
    panel: WindowPanel, page: AnnotatePage, qtbot: QtBot
) -> None:
    page.canvas.fit()
    panel.high.setValue(2500)
    qtbot.waitUntil(lambda: brightness(page) == 255)


def test_that_tools_keep_the_automatic_range(panel: WindowPanel, page: AnnotatePage) -> None:
    before = page.canvas.pixels(PLACE)
    panel.high.setValue(2500)
    after = page.canvas.pixels(PLACE)
    assert before is not None and after is not None
    assert np.array_equal(before, after)


def test_that_the_cursor_tells_the_file_s_own_value(
    panel: WindowPanel, page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    hand.move(590.5, 1490.5)
    with qtbot.waitSignal(page.cursor_text_changed) as cursor:
        hand.move(600.5, 1500.5)
    assert cursor.args == [f"600, 1500: {LOW + STEP * 105}"]


def test_that_a_window_stays_when_the_image_comes_again(
    panel: WindowPanel, page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    panel.high.setValue(2500)
    hand.go_to("0.png")
    show(page, hand, qtbot, "deep.tif")
    qtbot.waitUntil(lambda: brightness(page) == 255)
    page.canvas.fit()
    qtbot.waitUntil(lambda: brightness(page) == 255)
