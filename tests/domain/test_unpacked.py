"""Formats without parts, unpacked into a file of plain rows."""

import os
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from inspector_app.domain import png_bands, unpacked
from inspector_app.domain.bmp_rows import bmp_rows
from inspector_app.domain.errors import BadDataError, DiskFullError, OutOfMemoryError
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_bgr, rgb_from_bgr
from inspector_app.domain.unpacked import Unpacked

WIDTH, HEIGHT = 40, 60
WHOLE = Box(0, 0, WIDTH, HEIGHT)
PIXELS = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)


@pytest.fixture(autouse=True)
def small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_bands, "_BAND_BYTES", 10 * (1 + 3 * WIDTH))
    monkeypatch.setattr(unpacked, "_WHOLE_ROWS", 10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return photo(tmp_path / "a.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "unpacked"


def photo(path: Path) -> Path:
    Image.fromarray(PIXELS[:, :, ::-1]).save(path)
    return path


def opened(path: Path, folder: Path) -> Unpacked:
    return Unpacked(path, folder, width=WIDTH, height=HEIGHT)


def test_that_only_what_is_needed_is_unpacked(path: Path, folder: Path) -> None:
    image = opened(path, folder)
    part = image.read(Box(3, 4, 20, 12))
    assert np.array_equal(part, PIXELS[4:12, 3:20])
    assert image.is_at_hand(Box(0, 19, 1, 20)) and not image.is_at_hand(Box(0, 20, 1, 21))


def test_that_reading_on_gives_the_rest(path: Path, folder: Path) -> None:
    image = opened(path, folder)
    image.read(Box(0, 0, 5, 5))
    assert np.array_equal(image.read(WHOLE), PIXELS)
    assert np.array_equal(image.read(Box(0, 0, 5, 5)), PIXELS[:5, :5])


def test_that_what_was_unpacked_is_found_the_next_time(path: Path, folder: Path) -> None:
    opened(path, folder).read(WHOLE)
    again = opened(path, folder)
    assert again.is_at_hand(WHOLE)
    assert np.array_equal(again.read(WHOLE), PIXELS)


def test_that_deep_grey_values_are_found_again_too(tmp_path: Path, folder: Path) -> None:
    deep = PIXELS[:, :, 0].astype(np.uint16) * 200
    path = tmp_path / "deep.png"
    path.write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    opened(path, folder).read(WHOLE)
    assert np.array_equal(opened(path, folder).read(WHOLE), deep)


def test_that_half_of_it_is_deleted_with_the_image(path: Path, folder: Path) -> None:
    image = opened(path, folder)
    image.read(Box(0, 0, 5, 5))
    assert len(list(folder.iterdir())) == 1
    del image
    assert not list(folder.iterdir())


def test_that_another_content_is_unpacked_anew(path: Path, folder: Path) -> None:
    opened(path, folder).read(WHOLE)
    Image.new("RGB", (WIDTH, HEIGHT), (1, 2, 3)).save(path)
    os.utime(path, (1, 1))
    assert opened(path, folder).read(WHOLE).tolist()[0][0] == [3, 2, 1]


@pytest.mark.parametrize("damage", ["cut", "renamed"])
def test_that_a_damaged_leftover_is_not_used(path: Path, folder: Path, damage: str) -> None:
    opened(path, folder).read(WHOLE)
    (kept,) = folder.iterdir()
    if damage == "cut":
        kept.write_bytes(kept.read_bytes()[:-1])
    else:
        kept.rename(kept.with_name(kept.name + "-x"))
    assert not opened(path, folder).is_at_hand(WHOLE)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_that_a_sample_leaves_nothing_behind(tmp_path: Path, folder: Path, suffix: str) -> None:
    path = photo(tmp_path / f"a{suffix}")
    whole = decode_bgr(path.read_bytes(), name="a")
    assert np.array_equal(opened(path, folder).every(7), whole[::7, ::7])
    assert not folder.exists()


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_that_a_coarse_sample_shows_the_image(tmp_path: Path, folder: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    slope = np.tile(np.arange(0, 240, 2, dtype=np.uint8), (160, 1))
    Image.fromarray(slope).save(path)
    sample = Unpacked(path, folder, width=120, height=160).every(16)
    assert sample.shape[:2] == (10, 8)
    grey = sample if sample.ndim == 2 else sample[:, :, 0]
    assert np.abs(grey[3].astype(int) - slope[0, ::16]).max() <= 16


def test_that_a_sample_of_a_missing_file_is_told(path: Path, folder: Path) -> None:
    image = opened(path, folder)
    path.unlink()
    with pytest.raises(BadDataError, match="cannot be read"):
        image.every(16)


def test_that_a_sample_of_what_is_unpacked_is_the_same(path: Path, folder: Path) -> None:
    image = opened(path, folder)
    image.read(WHOLE)
    assert np.array_equal(image.every(7), PIXELS[::7, ::7])


def test_that_a_jpeg_is_decoded_as_a_whole(tmp_path: Path, folder: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    assert np.array_equal(opened(path, folder).read(WHOLE), decode_bgr(path.read_bytes(), name="a"))


def test_that_an_interlaced_png_is_decoded_as_a_whole(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(path.read_bytes())
    data[28] = 1
    path.write_bytes(data)
    monkeypatch.setattr(unpacked, "decode_bgr", lambda *_, **__: PIXELS)
    assert np.array_equal(opened(path, folder).read(WHOLE), PIXELS)


def test_that_old_leftovers_go_where_they_are_too_much(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "_KEPT_BYTES", 2 * PIXELS.nbytes)
    paths = [photo(tmp_path / f"{number}.png") for number in range(3)]
    for age, path in zip((30, 20, 10), paths, strict=True):
        before = set(folder.iterdir()) if folder.exists() else set()
        opened(path, folder).read(WHOLE)
        (new,) = set(folder.iterdir()) - before
        os.utime(new, (time.time() - age,) * 2)
    assert [opened(path, folder).is_at_hand(WHOLE) for path in paths] == [False, True, True]


def test_that_what_a_crash_has_left_is_deleted(path: Path, folder: Path) -> None:
    folder.mkdir()
    for name, age_s in (("old.part", 100_000), ("new.part", 10)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age_s,) * 2)
    opened(path, folder).read(WHOLE)
    assert {found.name for found in folder.glob("*.part")} == {"new.part"}


def test_that_a_file_in_use_stays(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    (folder / "old.part").touch()
    os.utime(folder / "old.part", (1, 1))

    def refuse(_self: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    assert np.array_equal(opened(path, folder).read(WHOLE), PIXELS)


# ---------------------------------------------------------------- refusals


def test_that_a_drive_without_room_is_told_before_anything_is_written(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "_FREE_BYTES", 2**60)
    with pytest.raises(DiskFullError, match="unpacked it takes"):
        opened(path, folder).read(WHOLE)
    assert not list(folder.iterdir())


def test_that_an_image_beyond_the_memory_is_refused_with_what_it_takes(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = photo(tmp_path / "a.jpg")
    memory = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    with pytest.raises(OutOfMemoryError, match="40 × 60 px") as error:
        opened(path, folder).read(WHOLE)
    assert "TIFF in tiles" in error.value.hint


def test_that_another_size_than_the_header_says_is_told(path: Path, folder: Path) -> None:
    with pytest.raises(BadDataError, match="another size"):
        Unpacked(path, folder, width=WIDTH + 1, height=HEIGHT).read(Box(0, 0, 1, 1))
    with pytest.raises(BadDataError, match="another size"):
        Unpacked(path, folder, width=WIDTH, height=HEIGHT + 10).read(Box(0, 65, 1, 66))


def test_that_a_failure_half_way_leaves_what_lies_above(path: Path, folder: Path) -> None:
    path.write_bytes(path.read_bytes()[:4000])
    image = opened(path, folder)
    assert np.array_equal(image.read(Box(0, 0, 9, 5)), PIXELS[:5, :9])
    for _ in range(2):
        with pytest.raises(BadDataError, match="ends too early"):
            image.read(WHOLE)
    assert np.array_equal(image.read(Box(0, 0, 9, 5)), PIXELS[:5, :9])


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_that_a_file_that_went_away_is_told(tmp_path: Path, folder: Path, suffix: str) -> None:
    path = photo(tmp_path / f"a{suffix}")
    image = opened(path, folder)
    path.unlink()
    with pytest.raises(BadDataError, match="cannot be read"):
        image.read(WHOLE)


# ---------------------------------------------------------------- BMP


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
@pytest.mark.parametrize("width", [40, 41])
def test_that_a_bmp_needs_no_unpacking(tmp_path: Path, mode: str, width: int) -> None:
    path = tmp_path / "a.bmp"
    Image.fromarray(PIXELS).resize((width, HEIGHT)).convert(mode).save(path)
    rows = bmp_rows(path)
    whole = decode_bgr(path.read_bytes(), name="a")
    assert rows is not None
    for box in (Box(0, 0, width, HEIGHT), Box(3, 5, 9, 20), Box(1, 58, 39, HEIGHT)):
        expected = whole[box.top : box.bottom, box.left : box.right]
        assert np.array_equal(rgb_from_bgr(rows.read(box)), rgb_from_bgr(expected))


def test_that_a_bmp_from_the_top_is_read_as_it_lies(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.bmp")
    data = bytearray(path.read_bytes())
    data[22:26] = (-HEIGHT).to_bytes(4, "little", signed=True)
    path.write_bytes(data)
    rows = bmp_rows(path)
    assert rows is not None
    assert np.array_equal(rows.read(WHOLE), PIXELS[::-1])


@pytest.mark.parametrize("mode", ["P", "1"])
def test_that_a_bmp_of_numbered_colours_is_no_plain_rows(tmp_path: Path, mode: str) -> None:
    Image.fromarray(PIXELS).convert(mode).save(tmp_path / "a.bmp")
    assert bmp_rows(tmp_path / "a.bmp") is None


def test_that_a_short_palette_is_no_plain_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    Image.fromarray(PIXELS[:, :, 0]).save(path)
    path.write_bytes(path.read_bytes()[:100])
    assert bmp_rows(path) is None


def test_that_another_format_under_the_name_is_no_bmp(path: Path) -> None:
    assert bmp_rows(path) is None
