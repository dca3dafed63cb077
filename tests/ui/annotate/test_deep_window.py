"""The window of deep images on the Annotate page."""

from pathlib import Path

import numpy as np
import pytest
from hand import HEIGHT, WIDTH, Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from inspector_app.domain.deep import Window
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.window import WindowMode, WindowPanel

LOW, HIGH = 1000, 3000
DEEP = ("1.png", "2.png")


@pytest.fixture
def image_folder(image_folder: Path) -> Path:
    """The images of the page's other tests, two of them with 16 bits."""
    row = np.linspace(LOW, HIGH, WIDTH).astype(np.uint16)
    for shift, name in enumerate(DEEP):
        deep = np.tile(row, (HEIGHT, 1)) + shift
        (image_folder / name).write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    return image_folder


@pytest.fixture
def panel(page: AnnotatePage) -> WindowPanel:
    return page.side.adjust.window_panel


@pytest.fixture
def deep_panel(panel: WindowPanel, hand: Hand, qtbot: QtBot) -> WindowPanel:
    """With the first deep image shown and read."""
    hand.go_to(DEEP[0])
    qtbot.waitUntil(lambda: not panel.isHidden())
    return panel


def brightness(page: AnnotatePage, x: int) -> int:
    """Return how an image column is painted."""
    place: QPoint = page.canvas.viewport.to_widget(x + 0.5, HEIGHT / 2).toPoint()
    return QColor(page.canvas.grab().toImage().pixel(place)).red()


def test_that_an_image_of_8_bits_has_no_window(panel: WindowPanel) -> None:
    assert panel.isHidden()


def test_that_a_deep_image_begins_with_the_automatic_window(deep_panel: WindowPanel) -> None:
    assert deep_panel.mode is WindowMode.AUTO
    assert (round(deep_panel.low.value()), round(deep_panel.high.value())) == (LOW, HIGH)


def test_that_a_window_set_by_hand_changes_what_is_painted(
    deep_panel: WindowPanel, page: AnnotatePage, qtbot: QtBot
) -> None:
    before = brightness(page, 40)
    deep_panel.low.setValue(2000)
    qtbot.waitUntil(lambda: brightness(page, 40) == 0)
    assert before > 50


def test_that_tools_keep_seeing_the_automatic_range(
    deep_panel: WindowPanel, page: AnnotatePage, qtbot: QtBot
) -> None:
    deep_panel.low.setValue(2000)
    qtbot.waitUntil(lambda: brightness(page, 40) == 0)
    pixels = page.canvas.pixels(Box(40, 0, 41, 1))
    assert pixels is not None and pixels.min() > 50


def test_that_a_window_set_by_hand_stays_for_the_next_image(
    deep_panel: WindowPanel, page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    deep_panel.low.setValue(2000)
    hand.go_to(DEEP[1])
    qtbot.waitUntil(lambda: brightness(page, 40) == 0)
    assert deep_panel.low.value() == 2000


def test_that_resetting_the_view_returns_to_the_automatic_window(
    deep_panel: WindowPanel, page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    deep_panel.low.setValue(2000)
    qtbot.waitUntil(lambda: brightness(page, 40) == 0)
    hand.key(Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert deep_panel.mode is WindowMode.AUTO
    assert brightness(page, 40) > 50


def test_that_the_full_range_is_that_of_the_image(deep_panel: WindowPanel) -> None:
    deep_panel.full.click()
    assert deep_panel.window_ == Window(LOW, HIGH)


def test_that_black_above_white_is_not_taken(deep_panel: WindowPanel) -> None:
    deep_panel.low.setValue(5000)
    assert deep_panel.mode is WindowMode.AUTO
    assert round(deep_panel.low.value()) == LOW


def test_that_the_slider_moves_the_nearer_handle(deep_panel: WindowPanel, qtbot: QtBot) -> None:
    slider = deep_panel.slider
    slider.resize(212, 56)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(156, 30))
    assert deep_panel.window_ is not None
    assert round(deep_panel.window_.low) == LOW
    assert round(deep_panel.window_.high) == LOW + (HIGH - LOW) * 150 // 200


def test_that_arrow_keys_move_one_handle_and_space_takes_the_other(
    deep_panel: WindowPanel, qtbot: QtBot
) -> None:
    deep_panel.full.click()
    qtbot.keyClick(deep_panel.slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(deep_panel.slider, Qt.Key.Key_Space)
    qtbot.keyClick(deep_panel.slider, Qt.Key.Key_Left)
    assert deep_panel.window_ == Window(LOW + 100, HIGH - 10)


def test_that_the_cursor_tells_the_values_of_the_file(
    deep_panel: WindowPanel, page: AnnotatePage, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.cursor_text_changed) as cursor:
        hand.move(0.5, 20.5)
    assert cursor.args == [f"0, 20: {LOW}"]
