"""A layer paints what changed, and no more at once than there is time for."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from inspector_app.ui.canvas import layer as module
from inspector_app.ui.canvas.arrays import rgb_view
from inspector_app.ui.canvas.layer import Layer

SIZE = QSize(40, 20)


@pytest.fixture
def painted() -> list[int]:
    return []


@pytest.fixture
def layer(qtbot: QtBot, painted: list[int]) -> Layer[int]:
    """Of columns, ten pixels wide."""

    def paint(painter: QPainter, item: int, key: str) -> None:
        painted.append(item)
        painter.fillRect(QRectF(10 * item, 0, 10, 20), QColor(key))

    return Layer(paint)


def show(layer: Layer[int], items: list[int], key: str) -> tuple[bool, list[int]]:
    """Return whether all is there, and how red each column is."""
    image = QImage(SIZE, QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(image)
    is_complete = layer.paint(painter, SIZE, items, key)
    painter.end()
    return is_complete, np.array(rgb_view(image)[10, 5::10, 0]).tolist()


def test_that_items_are_painted_where_they_are(layer: Layer[int]) -> None:
    assert show(layer, [0, 2], "red") == (True, [255, 0, 255, 0])


def test_that_nothing_is_painted_again_while_nothing_changes(
    layer: Layer[int], painted: list[int]
) -> None:
    first = show(layer, [0, 2], "red")
    assert show(layer, [0, 2], "red") == first
    assert painted == [0, 2]


@pytest.mark.parametrize(("items", "key"), [([1], "red"), ([0, 2], "#800000")])
def test_that_other_items_or_another_view_are_painted(
    layer: Layer[int], items: list[int], key: str
) -> None:
    show(layer, [0, 2], "red")
    expected = [QColor(key).red() if column in items else 0 for column in range(4)]
    assert show(layer, items, key) == (True, expected)


def test_that_what_takes_too_long_comes_with_the_next_repaints(
    layer: Layer[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.time, "thread_time", iter(range(100)).__next__)
    monkeypatch.setattr(module, "_AT_ONCE_S", 1.5)
    assert show(layer, [0, 1, 2], "red") == (False, [255, 0, 0, 0])
    assert show(layer, [0, 1, 2], "red") == (False, [255, 255, 0, 0])
    assert show(layer, [0, 1, 2], "red") == (True, [255, 255, 255, 0])
