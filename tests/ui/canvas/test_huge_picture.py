"""A huge image on a canvas is painted as the same image in memory would be."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.domain.opencv import cv2
from inspector_app.services.background import Background
from inspector_app.services.tiles import Tiles
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.arrays import Pixels, rgb_image, rgb_view
from inspector_app.ui.canvas.huge_picture import HugePicture
from inspector_app.ui.canvas.picture import Picture
from inspector_app.ui.canvas.view import Canvas

WIDTH, HEIGHT = 2048, 1600
HALVINGS = 3


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.shut_down()


@pytest.fixture
def image(tmp_path: Path) -> HugeImage:
    coarse = np.random.default_rng(1).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    pixels = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb")
    return HugeImage(tmp_path / "a.tif", Path("unused"))


@pytest.fixture
def tiles(image: HugeImage, background: Background) -> Tiles:
    return Tiles(image, background)


@pytest.fixture
def picture(image: HugeImage, tiles: Tiles) -> HugePicture:
    """With its overview filled."""
    picture = HugePicture(tiles, halvings=HALVINGS)
    picture.fill(0, image.read(Box(0, 0, WIDTH, HEIGHT), halvings=HALVINGS))
    return picture


@pytest.fixture
def canvas(picture: HugePicture, tiles: Tiles, qtbot: QtBot) -> Canvas:
    """640 × 480, showing the picture; tiles are painted as they come."""
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(640, 480)
    with qtbot.waitExposed(canvas):
        canvas.show()
    tiles.ready.connect(canvas.repaint_box)
    canvas.set_picture(picture)
    return canvas


def painted(canvas: Canvas) -> Pixels:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    return rgb_view(image).copy().astype(int)


def settled(canvas: Canvas, tiles: Tiles, qtbot: QtBot) -> Pixels:
    """Return what is painted once every tile asked for is there."""
    painted(canvas)
    qtbot.waitUntil(lambda: not (tiles._running or tiles._waiting))
    return painted(canvas)


@pytest.mark.parametrize("percent", [5, 20, 45, 100, 330])
def test_that_it_looks_like_the_image_in_memory(
    canvas: Canvas, image: HugeImage, tiles: Tiles, qtbot: QtBot, percent: float
) -> None:
    canvas.zoom_to(percent)
    canvas._navigator.move_by(QPointF(-33, 21))
    found = settled(canvas, tiles, qtbot)
    canvas.set_picture(Picture(rgb_image(image.read(Box(0, 0, WIDTH, HEIGHT)))))
    difference = np.abs(found - painted(canvas))
    assert difference.max() <= 4


def test_that_the_overview_is_seen_until_tiles_are_there(
    canvas: Canvas, tiles: Tiles, qtbot: QtBot
) -> None:
    canvas.zoom_to(100)
    before = painted(canvas)
    after = settled(canvas, tiles, qtbot)
    assert np.abs(before - after).mean() < 6
    assert before[200:280, 280:360].std() > 0


def test_that_an_adjustment_holds_for_tiles_too(canvas: Canvas, tiles: Tiles, qtbot: QtBot) -> None:
    canvas.zoom_to(100)
    before = settled(canvas, tiles, qtbot)
    canvas.set_adjustment(Adjustment(brightness=50))
    assert painted(canvas).mean() > before.mean() + 20


def test_that_filled_rows_reach_halvings_made_before(image: HugeImage, tiles: Tiles) -> None:
    whole = image.read(Box(0, 0, WIDTH, HEIGHT), halvings=HALVINGS)[:195]
    grown = Picture.blank(whole.shape[1], whole.shape[0])
    grown._level(6)
    for top in range(0, len(whole), 32):
        grown.fill(top, whole[top : top + 32])
    at_once = Picture(rgb_image(whole))
    for halvings in (0, 1, 3, 6):
        assert np.array_equal(rgb_view(grown._level(halvings)), rgb_view(at_once._level(halvings)))


def test_that_a_pixel_is_told_once_its_tile_is_there(
    canvas: Canvas, picture: HugePicture, image: HugeImage, tiles: Tiles, qtbot: QtBot
) -> None:
    box = Box(1030, 800, 1031, 801)
    assert picture.pixels(box) is None
    canvas.zoom_to(100)
    settled(canvas, tiles, qtbot)
    assert np.array_equal(picture.pixels(box), image.read(box))


def test_that_more_pixels_are_read_from_the_file(picture: HugePicture, image: HugeImage) -> None:
    box = Box(10, 20, 60, 50)
    assert np.array_equal(picture.pixels(box), image.read(box))
    image.path.unlink()
    assert picture.pixels(box) is None
