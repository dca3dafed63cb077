"""Images that are read in parts: looked at by click models, refused by everything else."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from inspector_app.domain import huge
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.picture import decode_rgb
from inspector_app.domain.tiff_pages import page_path
from training.data.pictures import read_picture
from training.segmenters import picture as picture_module
from training.segmenters.picture import Picture

VIEW = Box(30, 60, 50, 90)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TIFF that counts as huge here, and as too large to be decoded whole."""
    monkeypatch.setattr(huge, "HUGE_PX", 1000)
    monkeypatch.setattr(huge, "LARGEST_WHOLE_PX", 2000)
    monkeypatch.setattr(picture_module, "LARGEST_WHOLE_PX", 2000)
    path = tmp_path / "line.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (100, 60)).astype(np.uint8)
    tifffile.imwrite(path, pixels, photometric="minisblack")
    return path


def test_that_a_part_is_cut_from_the_file(path: Path) -> None:
    whole = decode_rgb(path.read_bytes(), name="a")
    part = Picture.at(path).part(VIEW)
    assert np.array_equal(part.rgb, whole[VIEW.top : VIEW.bottom, VIEW.left : VIEW.right])
    assert part.size == (30, 20)


def test_that_the_whole_asks_to_zoom_in(path: Path) -> None:
    with pytest.raises(BadDataError, match="as a whole") as error:
        Picture.at(path).rgb  # noqa: B018  (reading it is what fails)
    assert "zoom in" in error.value.hint


def test_that_a_part_nearly_as_large_as_the_whole_asks_to_zoom_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_module, "HUGE_PX", 500)
    with pytest.raises(BadDataError, match="as a whole"):
        Picture.at(path).part(VIEW).rgb  # noqa: B018


def test_that_it_is_named_by_its_state_and_not_by_all_its_bytes(path: Path) -> None:
    before = Picture.at(path).content
    assert Picture.at(path).content == before
    path.write_bytes(path.read_bytes() + b"\0")
    assert Picture.at(path).content != before


def test_that_training_and_inspection_refuse_it_and_say_what_to_do(path: Path) -> None:
    with pytest.raises(BadDataError, match="60 × 100 px") as error:
        read_picture(str(path), 64)
    assert "cut it into tiles" in error.value.hint


@pytest.fixture
def second_page(tmp_path: Path) -> Path:
    with tifffile.TiffWriter(tmp_path / "stack.tif") as file:
        for grey, size in ((50, (30, 40)), (90, (60, 20))):
            file.write(np.full(size, grey, np.uint8), photometric="minisblack")
    return page_path(tmp_path / "stack.tif", 2)


def test_that_click_models_look_at_the_chosen_page(second_page: Path) -> None:
    picture = Picture.at(second_page)
    assert (picture.size, int(picture.rgb.max())) == ((60, 20), 90)
    assert picture.key != Picture.at(second_page.parent).key
    assert picture.content != Picture.at(second_page.parent).content


def test_that_models_learn_from_the_chosen_page(second_page: Path) -> None:
    assert int(read_picture(str(second_page), 8).max()) == 90
