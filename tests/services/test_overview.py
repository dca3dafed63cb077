"""The overview of a huge image, made band by band and kept on disk."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.domain.picture import RgbImage
from inspector_app.services.background import Background
from inspector_app.services.overview import BAND_ROWS, Overview, halvings_for

WIDTH, HEIGHT = 201, 403


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.shut_down()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.tif"
    slope = np.add.outer(np.arange(HEIGHT) / 4, np.arange(WIDTH) / 2).astype(np.uint8)
    tifffile.imwrite(path, slope, photometric="minisblack")
    return path


@pytest.fixture
def overview(path: Path, background: Background, tmp_path: Path) -> Overview:
    return Overview(HugeImage(path, Path("unused")), background, tmp_path / "kept")


def filled(overview: Overview, qtbot: QtBot) -> RgbImage:
    pixels = np.zeros((overview.height, overview.width, 3), np.uint8)

    def fill(top: int, rows: RgbImage) -> None:
        pixels[top : top + len(rows)] = rows

    overview.rows_ready.connect(fill)
    with qtbot.waitSignal(overview.ended):
        overview.start()
    return pixels


@pytest.mark.parametrize(
    ("image_px", "halvings"), [(1000, 1), (100_000_000, 2), (3_276_800_000, 4)]
)
def test_that_an_overview_has_at_most_16_megapixels(image_px: int, halvings: int) -> None:
    assert halvings_for(image_px) == halvings
    assert image_px / 4**halvings <= 16_000_000


def test_that_the_bands_together_are_the_halved_image(overview: Overview, qtbot: QtBot) -> None:
    whole = HugeImage(overview._image.path, Path("unused")).read(
        Box(0, 0, WIDTH, HEIGHT), halvings=1
    )
    assert overview.height > 2 * BAND_ROWS
    assert np.array_equal(filled(overview, qtbot), whole)


def test_that_a_kept_overview_comes_at_once(
    overview: Overview, path: Path, background: Background, tmp_path: Path, qtbot: QtBot
) -> None:
    pixels = filled(overview, qtbot)
    overview.keep(pixels)
    qtbot.waitUntil(lambda: any((tmp_path / "kept").rglob("*.jpg")))
    again = Overview(HugeImage(path, Path("unused")), background, tmp_path / "kept")
    with qtbot.assertNotEmitted(again.ended), qtbot.waitSignal(again.rows_ready) as rows:
        again.start()
    top, kept = rows.args
    assert top == 0
    assert np.abs(kept.astype(int) - pixels).mean() < 3


def test_that_an_overview_with_holes_is_told_and_not_kept(
    overview: Overview, path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path.write_bytes(path.read_bytes()[: WIDTH * 300])
    with qtbot.waitSignal(overview.failed) as failed:
        pixels = filled(overview, qtbot)
    assert "ends too early" in failed.args[0]
    overview.keep(pixels)
    qtbot.wait(30)
    assert not (tmp_path / "kept").exists()


def test_that_a_closed_overview_says_nothing_more(overview: Overview, qtbot: QtBot) -> None:
    with qtbot.waitSignal(overview.rows_ready):
        overview.start()
    overview.close()
    with qtbot.assertNotEmitted(overview.rows_ready, wait=50):
        qtbot.wait(1)
