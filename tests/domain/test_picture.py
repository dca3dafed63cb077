"""Image files of every kind to pixels; all of them are made here."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageOps

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_mask, decode_rgb, read_size, stretch_to_8_bit

Decode = Callable[..., NDArray[Any]]
ORIENTATION = 0x0112
HEIGHT, WIDTH = 24, 40


def colour_blocks() -> NDArray[np.uint8]:
    """Four blocks of different colours, so that every turn and mirror image can be told."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[: HEIGHT // 2, : WIDTH // 2] = (200, 30, 30)
    image[: HEIGHT // 2, WIDTH // 2 :] = (30, 200, 30)
    image[HEIGHT // 2 :, : WIDTH // 2] = (30, 30, 200)
    image[HEIGHT // 2 :, WIDTH // 2 :] = (210, 210, 40)
    return image


def grey_ramp(dtype: type, top: float) -> NDArray[Any]:
    ramp = np.linspace(0, top, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    return ramp.astype(dtype)


def pillow_bytes(image: Image.Image, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def tiff_bytes(array: NDArray[Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


def png_bytes(array: NDArray[Any]) -> bytes:
    return bytes(cv2.imencode(".png", array)[1].tobytes())


# ---- kinds of images


@pytest.mark.parametrize("format_name", ["PNG", "BMP", "TIFF", "WEBP"])
def test_that_eight_bit_colour_is_kept_exactly(format_name: str) -> None:
    options = {"lossless": True} if format_name == "WEBP" else {}
    data = pillow_bytes(Image.fromarray(colour_blocks()), format_name, **options)
    assert np.array_equal(decode_rgb(data, name="a"), colour_blocks())


def test_that_grey_becomes_three_equal_channels() -> None:
    grey = grey_ramp(np.uint8, 255)
    image = decode_rgb(png_bytes(grey), name="a.png")
    assert np.array_equal(image, np.dstack([grey] * 3))


def test_that_a_palette_is_resolved() -> None:
    palette = Image.fromarray(colour_blocks()).convert("P", palette=Image.Palette.ADAPTIVE)
    image = decode_rgb(pillow_bytes(palette, "PNG"), name="a.png")
    assert np.array_equal(image, colour_blocks())


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_that_alpha_is_dropped_and_the_colour_below_it_kept(format_name: str) -> None:
    alpha = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    rgba = Image.fromarray(np.concatenate([colour_blocks(), alpha], axis=2))
    if format_name == "TIFF":
        # libtiff multiplies by associated alpha; a part that is wholly clear is black then.
        rgba.putalpha(255)
    image = decode_rgb(pillow_bytes(rgba, format_name), name="a")
    assert np.array_equal(image, colour_blocks())


def test_that_a_bilevel_image_is_black_and_white() -> None:
    bilevel = Image.fromarray(colour_blocks()).convert("1")
    image = decode_rgb(pillow_bytes(bilevel, "PNG"), name="a.png")
    assert set(np.unique(image)) == {0, 255}


def test_that_a_format_opencv_cannot_read_is_read_all_the_same() -> None:
    data = pillow_bytes(Image.fromarray(colour_blocks()), "PCX")
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is None
    assert np.array_equal(decode_rgb(data, name="a.pcx"), colour_blocks())


@pytest.mark.parametrize(
    "data",
    [
        png_bytes(grey_ramp(np.uint16, 900)),
        tiff_bytes(grey_ramp(np.uint16, 60000)),
        tiff_bytes(grey_ramp(np.int16, 900)),
        tiff_bytes(grey_ramp(np.uint32, 900)),
        tiff_bytes(grey_ramp(np.float32, 0.01)),
        tiff_bytes(grey_ramp(np.float64, 5000)),
        tiff_bytes(np.dstack([grey_ramp(np.uint16, 900)] * 3), photometric="rgb"),
        tiff_bytes(np.dstack([grey_ramp(np.float32, 900)] * 3), photometric="rgb"),
        pillow_bytes(Image.fromarray(grey_ramp(np.float32, 900)), "TIFF"),
    ],
    ids=[
        "16-bit PNG",
        "16-bit TIFF",
        "signed TIFF",
        "32-bit TIFF",
        "float TIFF",
        "double TIFF",
        "16-bit colour TIFF",
        "float colour TIFF",
        "float TIFF of Pillow",
    ],
)
def test_that_deep_images_use_the_whole_range(data: bytes) -> None:
    image = decode_rgb(data, name="deep")
    expected = grey_ramp(np.float64, 255)
    assert image.dtype == np.uint8
    assert np.abs(image - expected[:, :, None]).max() < 1.5


def test_that_a_hot_pixel_does_not_darken_a_deep_image() -> None:
    grey = np.tile(grey_ramp(np.uint16, 900), (2, 2))
    grey[3, 3] = 65535
    image = decode_rgb(png_bytes(grey), name="deep.png")
    assert np.abs(image[:, :, 0] - np.tile(grey_ramp(np.float64, 255), (2, 2))).mean() < 1.5


def test_that_the_channels_of_a_deep_image_share_one_range() -> None:
    low, high = grey_ramp(np.uint16, 1000), grey_ramp(np.uint16, 2000)
    image = decode_rgb(tiff_bytes(np.dstack([low, high, high]), photometric="rgb"), name="deep")
    assert image[:, :, 0].max() == pytest.approx(128, abs=2)
    assert image[:, :, 1].max() == 255


def test_that_a_deep_image_without_contrast_is_black() -> None:
    flat = np.full((HEIGHT, WIDTH), 700, np.uint16)
    assert decode_rgb(png_bytes(flat), name="flat.png").max() == 0


def test_that_numbers_that_are_not_finite_become_black() -> None:
    values = np.array([[0.0, 1.0, np.nan, np.inf, -np.inf]], np.float32)
    assert stretch_to_8_bit(values).tolist() == [[0, 255, 0, 0, 0]]


def test_that_a_large_deep_image_is_stretched_from_a_sample() -> None:
    large = np.tile(np.arange(1000, dtype=np.uint16), (2500, 1))
    stretched = stretch_to_8_bit(large)
    assert (stretched.min(), stretched.max()) == (0, 255)


# ---- orientation


def oriented(orientation: int, format_name: str) -> bytes:
    image = Image.fromarray(colour_blocks())
    if format_name == "TIFF":
        return pillow_bytes(image, "TIFF", tiffinfo={ORIENTATION: orientation})
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    quality = {"quality": 95, "subsampling": 0} if format_name == "JPEG" else {}
    return pillow_bytes(image, format_name, exif=exif.tobytes(), **quality)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_an_image_is_shown_upright_and_measured_so(orientation: int, format_name: str) -> None:
    data = oriented(orientation, format_name)
    transposed: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
        1: lambda image: image,
        2: lambda image: image[:, ::-1],
        3: lambda image: image[::-1, ::-1],
        4: lambda image: image[::-1],
        5: lambda image: image.transpose(1, 0, 2),
        6: lambda image: np.rot90(image, -1),
        7: lambda image: image[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90,
    }
    expected = transposed[orientation](colour_blocks())
    image = decode_rgb(data, name="photo")
    assert image.shape == expected.shape
    # JPEG blurs colours where blocks meet.
    assert np.median(np.abs(image.astype(int) - expected)) <= 3
    assert np.mean(np.abs(image.astype(int) - expected)) < 8
    height, width = expected.shape[:2]
    assert read_size(io.BytesIO(data), name="photo") == (width, height)
    assert decode_mask(data, name="photo").shape == (height, width)


def test_that_orientation_is_heeded_where_pillow_decodes() -> None:
    deep = Image.fromarray(grey_ramp(np.uint16, 900)).convert("I")
    data = tiff_bytes(np.asarray(deep, np.uint32), extratags=[(ORIENTATION, 3, 1, 6, True)])
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    image = decode_rgb(data, name="deep.tif")
    assert image.shape[:2] == (expected.height, expected.width) == (WIDTH, HEIGHT)


# ---- masks


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (np.uint8, 1),
        (np.uint8, 128),
        (np.uint8, 255),
        (np.uint16, 1),
        (np.uint16, 255),
        (np.uint16, 32768),
        (np.uint16, 65535),
        (np.float32, 1.0),
    ],
)
def test_that_masks_of_any_depth_are_told_from_the_background(dtype: type, value: float) -> None:
    mask: NDArray[Any] = np.zeros((HEIGHT, WIDTH), dtype)
    mask[4:9, 5:20] = value
    data = tiff_bytes(mask) if dtype is np.float32 else png_bytes(mask)
    assert np.array_equal(decode_mask(data, name="mask"), mask > 0)


@pytest.mark.parametrize(
    "values",
    [
        np.array([[0, 127, 128, 255]], np.uint8),
        np.array([[0, 127, 128, 255]], np.uint16),
        np.array([[0, 32767, 32768, 65535]], np.uint16),
    ],
)
def test_that_the_rim_of_an_anti_aliased_mask_counts_from_one_half(values: NDArray[Any]) -> None:
    mask = decode_mask(png_bytes(values), name="mask.png")
    assert mask.tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_that_an_empty_mask_has_no_pixel(dtype: type) -> None:
    assert not decode_mask(png_bytes(np.zeros((5, 6), dtype)), name="mask.png").any()


def test_that_a_colour_mask_is_taken_by_its_brightness() -> None:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[4:9, 5:20] = 255
    for format_name in ("PNG", "PCX"):
        mask = decode_mask(pillow_bytes(Image.fromarray(image), format_name), name="mask")
        assert np.array_equal(mask, image[:, :, 0] > 0)


# ---- files that are none


def truncated(format_name: str, share: float) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    options = {"progressive": True} if format_name == "JPEG" else {}
    data = pillow_bytes(Image.fromarray(noise), format_name, **options)
    return data[: int(len(data) * share)]


def with_preview(image: Image.Image) -> bytes:
    """A JPEG whose header holds a whole small JPEG, as cameras write."""
    preview = pillow_bytes(image.resize((16, 16)), "JPEG")
    data = pillow_bytes(image, "JPEG")
    segment = b"Exif\0\0" + preview
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


def huge_png() -> bytes:
    """A header that claims more pixels than any decoder takes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


NOT_IMAGES = {
    "empty file": b"",
    "text": b"These are not the pixels you are looking for.",
    "half a PNG": truncated("PNG", 0.5),
    "almost a PNG": truncated("PNG", 0.99),
    "half a JPEG": truncated("JPEG", 0.5),
    "almost a JPEG": truncated("JPEG", 0.98),
    "half a TIFF": truncated("TIFF", 0.5),
    "half a BMP": truncated("BMP", 0.5),
    "half a WebP": truncated("WEBP", 0.5),
    "half a PCX": truncated("PCX", 0.5),
    "half a JPEG with a preview": with_preview(Image.fromarray(colour_blocks()))[:-300],
    "a macOS companion file": b"\0\x05\x16\x07\0\x02\0\0Mac OS X" + b"\0" * 100,
    "a huge PNG": huge_png(),
}


@pytest.mark.parametrize("decode", [decode_rgb, decode_mask])
@pytest.mark.parametrize("data", NOT_IMAGES.values(), ids=NOT_IMAGES.keys())
def test_that_a_file_which_is_no_whole_image_is_refused_by_name(
    data: bytes, decode: Decode
) -> None:
    with pytest.raises(BadDataError, match=r"test/cut/007\.png") as caught:
        decode(data, name="test/cut/007.png")
    assert caught.value.hint


def test_that_a_whole_jpeg_with_a_preview_is_read() -> None:
    data = with_preview(Image.fromarray(colour_blocks()))
    assert decode_rgb(data, name="a.jpg").shape == (HEIGHT, WIDTH, 3)


def test_that_a_jpeg_with_something_after_its_end_is_read() -> None:
    data = pillow_bytes(Image.fromarray(colour_blocks()), "JPEG") + b"\0" * 5000
    assert decode_rgb(data, name="a.jpg").shape == (HEIGHT, WIDTH, 3)


def test_that_a_decompression_bomb_is_refused_where_pillow_decodes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pillow_bytes(Image.fromarray(colour_blocks()), "PCX")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(BadDataError, match=r"a\.pcx: .*pixels"):
        decode_rgb(data, name="a.pcx")


# ---- sizes from headers

GREY = np.zeros((40, 30), np.uint8)


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "TIFF", "BMP"])
def test_that_a_size_is_read_from_the_header_alone(format_name: str) -> None:
    assert read_size(io.BytesIO(truncated(format_name, 0.5)), name="a") == (64, 64)


def test_that_the_size_of_a_webp_is_read() -> None:
    data = pillow_bytes(Image.fromarray(colour_blocks()), "WEBP")
    assert read_size(io.BytesIO(data), name="a.webp") == (WIDTH, HEIGHT)


@pytest.mark.parametrize("data", [b"", b"text"], ids=["empty", "text"])
def test_that_a_file_without_a_header_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(BadDataError, match=r"a\.png: "):
        read_size(io.BytesIO(data), name="a.png")


@pytest.mark.parametrize("data", [tiff_bytes(GREY), png_bytes(GREY)], ids=["TIFF", "PNG"])
def test_that_an_image_beyond_pillows_limit_has_a_size(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_size(io.BytesIO(data), name="a") == (30, 40)


def test_that_another_image_beyond_pillows_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(BadDataError, match="exceeds limit"):
        read_size(io.BytesIO(pillow_bytes(Image.fromarray(GREY), "PCX")), name="a.pcx")
