"""Deep images through windows, made in threads."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from inspector_app.domain.deep import Window
from inspector_app.domain.opencv import cv2
from inspector_app.services.background import Background
from inspector_app.services.deep_view import DeepView
from inspector_app.services.images import is_deep, load_image


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.shut_down()


@pytest.fixture
def deep_file(tmp_path: Path) -> Path:
    """Grey values from 1000 at the left to 3000 at the right."""
    path = tmp_path / "deep.png"
    row = np.linspace(1000, 3000, 64).astype(np.uint16)
    path.write_bytes(cv2.imencode(".png", np.tile(row, (48, 1)))[1].tobytes())
    return path


@pytest.fixture
def view(background: Background, deep_file: Path, qtbot: QtBot) -> DeepView:
    view = DeepView(background)
    with qtbot.waitSignal(view.opened):
        view.set_path(deep_file)
    return view


def grey(image: QImage, x: int) -> int:
    return QColor(image.pixel(x, 0)).red()


def test_that_only_images_of_more_than_8_bits_are_deep(deep_file: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat.png"
    flat.write_bytes(cv2.imencode(".png", np.zeros((8, 8), np.uint8))[1].tobytes())
    assert is_deep(load_image(deep_file))
    assert not is_deep(load_image(flat))


def test_that_an_opened_image_tells_its_own_units(view: DeepView) -> None:
    assert view.image is not None
    assert view.image.values_at(63, 0) == (3000.0,)


def test_that_a_window_makes_its_ends_black_and_white(view: DeepView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.seen) as seen:
        view.see_through(Window(2000, 2500))
    assert (grey(seen.args[0], 10), grey(seen.args[0], 60)) == (0, 255)


def test_that_a_window_wished_before_the_image_is_read_is_kept(
    background: Background, deep_file: Path, qtbot: QtBot
) -> None:
    view = DeepView(background)
    view.set_path(deep_file)
    with qtbot.waitSignal(view.seen):
        view.see_through(Window(0, 4000))


def test_that_of_many_wishes_only_the_first_and_the_last_are_made(
    view: DeepView, qtbot: QtBot
) -> None:
    images: list[QImage] = []
    view.seen.connect(images.append)
    for low in range(0, 2000, 100):
        view.see_through(Window(low, 2500))
    qtbot.waitUntil(lambda: len(images) == 2)
    assert (grey(images[0], 10), grey(images[1], 10)) == (134, 0)


def test_that_the_next_image_lets_go_of_the_last(view: DeepView) -> None:
    view.set_path(None)
    assert view.image is None


def test_that_a_file_that_went_away_is_told(
    background: Background, deep_file: Path, qtbot: QtBot
) -> None:
    view = DeepView(background)
    view.set_path(deep_file)
    with qtbot.waitSignal(view.failed) as failed:
        deep_file.unlink()
    assert "no longer there" in failed.args[0]
