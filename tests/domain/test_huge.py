"""Images that are read in parts: which they are, and what is seen of them."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from inspector_app.domain import huge
from inspector_app.domain.deep import Window
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage, large_size, open_huge, refuse_huge, tiff_size
from inspector_app.domain.picture import decode_rgb, read_size

WIDTH, HEIGHT = 70, 50
BOX = Box(10, 20, 50, 44)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is huge here fits a test."""
    monkeypatch.setattr(huge, "HUGE_PX", 1000)
    monkeypatch.setattr(huge, "LARGEST_WHOLE_PX", 2000)


def image_at(path: Path) -> HugeImage:
    return HugeImage(path, path.parent / "unpacked")


def opened(path: Path) -> HugeImage | None:
    return open_huge(path, path.parent / "unpacked")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.tif"
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    tifffile.imwrite(path, pixels, photometric="rgb")
    return path


def test_that_a_part_is_that_of_the_whole_image(path: Path) -> None:
    whole = decode_rgb(path.read_bytes(), name="a")
    part = image_at(path).read(BOX)
    assert np.array_equal(part, whole[BOX.top : BOX.bottom, BOX.left : BOX.right])


def test_that_a_halved_part_is_the_mean_of_its_pixels(path: Path) -> None:
    image = image_at(path)
    blocks = image.read(BOX).reshape(6, 4, 10, 4, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(image.read(BOX, halvings=2) - blocks).max() <= 0.5


def test_that_what_is_over_at_the_edge_is_cut_off(path: Path) -> None:
    assert image_at(path).read(Box(0, 0, 9, 7), halvings=2).shape == (1, 2, 3)


def test_that_every_part_of_a_deep_image_is_stretched_alike(tmp_path: Path) -> None:
    row = np.linspace(1000, 5000, WIDTH).astype(np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", np.tile(row, (HEIGHT, 1)), photometric="minisblack")
    image = image_at(tmp_path / "deep.tif")
    whole = image.read(Box(0, 0, WIDTH, HEIGHT))
    assert np.array_equal(image.read(BOX), whole[BOX.top : BOX.bottom, BOX.left : BOX.right])
    assert (whole.min(), whole.max()) == (0, 255)


def test_that_a_sample_takes_pixels_on_a_grid(path: Path) -> None:
    whole = decode_rgb(path.read_bytes(), name="a")
    assert np.array_equal(image_at(path).sampled(20), whole[::4, ::4])


def test_that_fewer_pixels_are_taken_of_a_compressed_file(tmp_path: Path) -> None:
    slope = np.tile(np.arange(160, dtype=np.uint8), (96, 1))
    tifffile.imwrite(tmp_path / "a.tif", slope, tile=(16, 16), compression="zlib")
    sample = image_at(tmp_path / "a.tif").sampled(40)
    assert sample.shape == (24, 40, 3)
    assert np.abs(sample[0, :, 0].astype(int) - slope[0, ::4]).max() <= 16


def test_that_only_large_tiffs_are_read_in_parts(path: Path, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "small.tif", np.zeros((8, 8), np.uint8))
    image = opened(path)
    assert image is not None and (image.width, image.height) == (WIDTH, HEIGHT)
    assert opened(tmp_path / "small.tif") is None
    assert opened(tmp_path / "photo.png") is None


def turned(path: Path, height: int) -> Path:
    tifffile.imwrite(path, np.zeros((height, 50), np.uint8), extratags=[(274, "H", 1, 6, True)])
    return path


def test_that_what_cannot_be_read_in_parts_is_decoded_whole_if_it_is_not_too_large(
    tmp_path: Path,
) -> None:
    assert opened(turned(tmp_path / "a.tif", 30)) is None


def test_that_what_is_too_large_for_both_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="cannot be opened in parts"):
        opened(turned(tmp_path / "a.tif", 50))


def test_that_more_pixels_than_masks_can_count_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huge, "MOST_PIXELS", 3000)
    with pytest.raises(BadDataError, match="70 × 50 px are more than"):
        opened(path)


def test_that_an_image_too_large_to_be_judged_whole_is_refused_with_its_size(path: Path) -> None:
    with pytest.raises(BadDataError, match="70 × 50 px") as error:
        refuse_huge(path)
    assert "tiles" in error.value.hint


def test_that_other_files_are_not_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "small.tif", np.zeros((8, 8), np.uint8))
    refuse_huge(tmp_path / "small.tif")
    refuse_huge(tmp_path / "photo.png")


def test_that_a_damaged_tiff_has_no_size(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"no image")
    assert tiff_size(tmp_path / "a.tif") is None


# ---------------------------------------------------------------- other formats


FORMATS = {"a.png": {}, "a.bmp": {}, "a.jpg": {"quality": 95}, "a.webp": {"lossless": True}}


@pytest.fixture(params=FORMATS)
def other(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo in a format that has no parts."""
    monkeypatch.setattr(huge, "_FEWEST_BYTES", 100)
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    target = tmp_path / request.param
    Image.fromarray(pixels).save(target, **FORMATS[request.param])
    return target


def test_that_other_formats_are_read_in_parts_too(other: Path) -> None:
    image = opened(other)
    assert image is not None
    whole = decode_rgb(other.read_bytes(), name="a")
    assert np.array_equal(image.read(BOX), whole[BOX.top : BOX.bottom, BOX.left : BOX.right])
    assert np.array_equal(image.sampled(20), whole[::4, ::4])


def test_that_other_formats_are_refused_where_they_must_be_whole(other: Path) -> None:
    with pytest.raises(BadDataError, match="70 × 50 px"):
        refuse_huge(other)


def test_that_a_large_image_beyond_what_pillow_opens_tells_its_size(
    other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with other.open("rb") as stream:
        assert read_size(stream, name="a") == (WIDTH, HEIGHT)


def test_that_a_photo_taken_sideways_is_read_upright(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huge, "_FEWEST_BYTES", 100)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.jpg"
    Image.fromarray(np.tile(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, 1))).save(path, exif=exif)
    image = opened(path)
    assert image is not None and (image.width, image.height) == (HEIGHT, WIDTH)
    whole = decode_rgb(path.read_bytes(), name="a")
    assert np.array_equal(image.read(Box(0, 0, HEIGHT, WIDTH)), whole)


def test_that_only_what_was_unpacked_is_at_hand(tmp_path: Path, other: Path) -> None:
    image = image_at(other)
    is_unpacked = other.suffix != ".bmp"
    assert image.is_at_hand(BOX) is not is_unpacked
    image.read(BOX)
    assert image.is_at_hand(BOX)


def test_that_small_files_are_passed_over_without_a_look_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("L", (WIDTH, HEIGHT)).save(path)
    assert large_size(path) is None
    refuse_huge(path)


def test_that_a_missing_file_is_told_when_it_is_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="cannot be read"):
        image_at(tmp_path / "a.png")


def test_that_deep_values_are_told_apart_from_colours(tmp_path: Path, path: Path) -> None:
    row = np.linspace(1000, 5000, WIDTH).astype(np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", np.tile(row, (HEIGHT, 1)), photometric="minisblack")
    deep = image_at(tmp_path / "deep.tif")
    assert image_at(path).facts is None
    assert deep.facts is not None and deep.facts.full == Window(1000, 5000)
    values = deep.read_values(BOX)
    assert values.dtype == np.uint16
    assert deep.seen(values, Window(4999, 5000)).max() == 0


def test_that_what_is_shown_is_rgb_of_eight_bits_and_else_the_file_s_values(
    tmp_path: Path, path: Path
) -> None:
    deep = np.full((HEIGHT, WIDTH), 3000, np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", deep, photometric="minisblack")
    image = image_at(path)
    assert np.array_equal(image.shown_values(BOX), image.read(BOX))
    shown = image_at(tmp_path / "deep.tif").shown_values(BOX, halvings=1)
    assert (shown.dtype, shown.shape, int(shown.max())) == (np.uint16, (12, 20), 3000)
