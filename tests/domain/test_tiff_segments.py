"""Parts of TIFF files are what the whole file decodes to."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from inspector_app.domain import tiff_segments
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_bgr
from inspector_app.domain.tiff_segments import TiffSegments

WIDTH, HEIGHT = 140, 100
BOXES = [
    Box(0, 0, WIDTH, HEIGHT),
    Box(30, 20, 60, 85),
    Box(130, 90, 140, 100),
    Box(5, 5, 6, 6),
]
LAYOUTS: list[dict[str, Any]] = [
    {"rowsperstrip": 17},
    {"rowsperstrip": 17, "compression": "zlib", "predictor": True},
    {"tile": (32, 64)},
    {"tile": (32, 64), "compression": "zlib"},
    {"rowsperstrip": 17, "bigtiff": True, "byteorder": ">"},
    {"tile": (32, 64), "byteorder": ">"},
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


def photo(*, is_grey: bool, dtype: Any = np.uint8) -> NDArray[Any]:
    coarse = np.random.default_rng(3).integers(0, 255, (9, 9, 3)).astype(np.uint8)
    colours = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    pixels = colours[:, :, 0] if is_grey else colours
    return np.ascontiguousarray(pixels.astype(dtype) * (200 if dtype is np.uint16 else 1))


def assert_same_as_whole(path: Path) -> None:
    whole = decode_bgr(path.read_bytes(), name="whole")
    segments = TiffSegments(path)
    for box in BOXES:
        part = segments.read(box)
        expected = whole[box.top : box.bottom, box.left : box.right]
        assert part.dtype == whole.dtype
        assert np.array_equal(part, expected), box


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("is_grey", [True, False])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_that_a_part_is_what_the_whole_shows_there(
    path: Path, layout: dict[str, Any], is_grey: bool, dtype: Any
) -> None:
    photometric = "minisblack" if is_grey else "rgb"
    tifffile.imwrite(path, photo(is_grey=is_grey, dtype=dtype), photometric=photometric, **layout)
    assert_same_as_whole(path)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_that_lzw_and_palettes_are_read(path: Path, mode: str) -> None:
    image = Image.fromarray(photo(is_grey=mode == "L"))
    converted = image.convert("P") if mode == "P" else image
    converted.save(path, compression="tiff_lzw", strip_size=20 * WIDTH * 3)
    assert_same_as_whole(path)


def test_that_jpeg_strips_are_read(path: Path) -> None:
    image = Image.fromarray(photo(is_grey=False))
    image.save(path, compression="jpeg", strip_size=24 * WIDTH * 3)
    assert_same_as_whole(path)


def test_that_strips_with_gaps_between_them_are_read(path: Path) -> None:
    tifffile.imwrite(path, photo(is_grey=True), rowsperstrip=25, photometric="minisblack")
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        tag, offsets = page.tags[273], list(page.dataoffsets)
        last, length = offsets[-1], page.databytecounts[-1]
    data = bytearray(path.read_bytes())
    moved = len(data)
    data += data[last : last + length]
    place = data.index(last.to_bytes(4, "little"), tag.valueoffset)
    data[place : place + 4] = moved.to_bytes(4, "little")
    path.write_bytes(data)
    assert not TiffSegments(path).has_plain_rows
    assert_same_as_whole(path)


def test_that_strips_just_decoded_are_kept_within_a_bound(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile.imwrite(path, photo(is_grey=True), rowsperstrip=10, compression="zlib")
    monkeypatch.setattr(tiff_segments, "_CACHED_BYTES", 2 * 10 * WIDTH)
    segments = TiffSegments(path)
    segments.read(Box(0, 0, WIDTH, HEIGHT))
    kept = segments.read(Box(0, 85, 10, HEIGHT))
    path.write_bytes(b"")
    assert np.array_equal(segments.read(Box(0, 85, 10, HEIGHT)), kept)
    with pytest.raises(BadDataError, match="cannot be decoded"):
        segments.read(Box(0, 0, 10, 10))


# ---------------------------------------------------------------- refusals


def test_that_what_is_no_tiff_is_refused(path: Path) -> None:
    path.write_bytes(b"no image")
    with pytest.raises(BadDataError, match="not a TIFF"):
        TiffSegments(path)


def test_that_a_turned_image_is_refused(path: Path) -> None:
    tifffile.imwrite(path, photo(is_grey=True), extratags=[(274, "H", 1, 6, True)])
    with pytest.raises(BadDataError, match="turned or mirrored"):
        TiffSegments(path)


def test_that_colours_stored_apart_are_refused(path: Path) -> None:
    planes = np.moveaxis(photo(is_grey=False), 2, 0)
    tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate")
    with pytest.raises(BadDataError, match="colours are stored apart"):
        TiffSegments(path)


def test_that_one_large_compressed_strip_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile.imwrite(path, photo(is_grey=True), compression="zlib", rowsperstrip=HEIGHT)
    monkeypatch.setattr(tiff_segments, "_LARGEST_SEGMENT_PX", 1000)
    with pytest.raises(BadDataError, match="one piece of 100 rows") as error:
        TiffSegments(path)
    assert "in tiles" in error.value.hint


@pytest.mark.parametrize("box", [Box(0, 0, WIDTH, HEIGHT), Box(3, 60, 9, HEIGHT)])
def test_that_a_file_cut_off_later_is_told(path: Path, box: Box) -> None:
    tifffile.imwrite(path, photo(is_grey=True), photometric="minisblack")
    segments = TiffSegments(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadDataError, match="ends too early"):
        segments.read(box)


@pytest.mark.parametrize("tile", [None, (32, 64)])
def test_that_a_file_that_went_away_is_told(path: Path, tile: tuple[int, int] | None) -> None:
    tifffile.imwrite(path, photo(is_grey=True), photometric="minisblack", tile=tile)
    segments = TiffSegments(path)
    path.unlink()
    with pytest.raises(BadDataError, match="cannot be read"):
        segments.read(BOXES[1])
