"""Tiles of a huge image, made in threads."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.services.background import Background
from inspector_app.services.tiles import TILE_PX, TilePlace, Tiles

WIDTH, HEIGHT = 1700, 1100


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.shut_down()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH)).astype(np.uint8)
    tifffile.imwrite(path, pixels, photometric="minisblack")
    return path


@pytest.fixture
def tiles(path: Path, background: Background) -> Tiles:
    return Tiles(HugeImage(path, Path("unused")), background, max_bytes=2 * 3 * TILE_PX**2)


def test_that_a_tile_is_made_when_it_is_asked_for(tiles: Tiles, qtbot: QtBot) -> None:
    place = TilePlace(0, 1, 0)
    with qtbot.waitSignal(tiles.ready) as ready:
        assert tiles.tile(place) is None
    box = Box(512, 0, 1024, 512)
    assert ready.args == [box]
    tile = tiles.tile(place)
    assert tile is not None and np.array_equal(tile, tiles.image.read(box))


def test_that_a_coarser_tile_shows_more_and_ends_with_the_image(tiles: Tiles, qtbot: QtBot) -> None:
    place = TilePlace(1, 1, 1)
    with qtbot.waitSignal(tiles.ready) as ready:
        tiles.tile(place)
    assert ready.args == [Box(1024, 1024, WIDTH, HEIGHT)]
    tile = tiles.known(place)
    assert tile is not None and tile.shape == (38, 338, 3)


def test_that_memory_is_bounded_and_the_tile_unused_for_longest_goes(
    tiles: Tiles, qtbot: QtBot
) -> None:
    places = [TilePlace(0, column, 0) for column in range(3)]
    for place in places:
        with qtbot.waitSignal(tiles.ready):
            tiles.tile(place)
    assert tiles.cached_bytes == 2 * 3 * TILE_PX**2
    assert tiles.known(places[0]) is None and tiles.known(places[2]) is not None


def test_that_what_waits_for_another_zoom_is_dropped(tiles: Tiles, qtbot: QtBot) -> None:
    boxes: list[Box] = []
    tiles.ready.connect(boxes.append)
    for column in range(3):
        for row in range(2):
            tiles.tile(TilePlace(0, column, row))
    with qtbot.waitSignal(tiles.ready, check_params_cb=lambda box: box.width == 1024):
        tiles.tile(TilePlace(1, 0, 0))
    qtbot.wait(20)
    assert len(boxes) == 3


def test_that_a_tile_that_cannot_be_read_is_told_once(
    tiles: Tiles, path: Path, qtbot: QtBot
) -> None:
    path.unlink()
    with qtbot.waitSignal(tiles.failed) as failed:
        tiles.tile(TilePlace(0, 0, 0))
    assert "cannot be read" in failed.args[0]
    with qtbot.assertNotEmitted(tiles.failed, wait=30):
        tiles.tile(TilePlace(0, 0, 0))


def test_that_closed_tiles_ask_for_nothing(tiles: Tiles, qtbot: QtBot) -> None:
    tiles.tile(TilePlace(0, 0, 0))
    tiles.close()
    with qtbot.assertNotEmitted(tiles.ready, wait=50):
        assert tiles.tile(TilePlace(0, 1, 0)) is None
