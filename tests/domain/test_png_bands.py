"""A PNG decoded in bands is the PNG decoded whole."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inspector_app.domain import png_bands as module
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_bgr, decode_rgb, rgb_from_bgr
from inspector_app.domain.png_bands import large_png, png_bands

WIDTH, HEIGHT = 61, 47


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.png"


@pytest.fixture(autouse=True)
def small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some rows in a band, some bytes of the file at a time."""
    monkeypatch.setattr(module, "_BAND_BYTES", 300)
    monkeypatch.setattr(module, "_READ_BYTES", 100)


def photo() -> NDArray[np.uint8]:
    coarse = np.random.default_rng(3).integers(0, 255, (9, 9, 3)).astype(np.uint8)
    smooth = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth ^ np.random.default_rng(4).integers(0, 4, smooth.shape), np.uint8)


def deep() -> NDArray[np.uint16]:
    return photo().astype(np.uint16) * 251 + 7


def by_pillow(mode: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(photo()).convert(mode).save(stream, "PNG", **options)
    return stream.getvalue()


def by_opencv(pixels: NDArray[Any], strategy: int) -> bytes:
    options = [cv2.IMWRITE_PNG_STRATEGY, strategy, cv2.IMWRITE_PNG_COMPRESSION, 5]
    return cv2.imencode(".png", pixels, options)[1].tobytes()


FILES: dict[str, bytes] = {
    **{mode: by_pillow(mode) for mode in ("1", "L", "P", "RGB", "LA", "RGBA")},
    "four colours": by_pillow("P", bits=2),
    "sixteen colours": by_pillow("P", bits=4),
    "deep grey": by_opencv(deep()[:, :, 0], cv2.IMWRITE_PNG_STRATEGY_DEFAULT),
    "deep colours": by_opencv(deep(), cv2.IMWRITE_PNG_STRATEGY_FILTERED),
    "deep alpha": by_opencv(np.dstack([deep(), deep()[:, :, :1]]), cv2.IMWRITE_PNG_STRATEGY_RLE),
    "with a resolution": by_pillow("RGB", dpi=(72, 72)),
    "fixed": by_opencv(photo(), cv2.IMWRITE_PNG_STRATEGY_FIXED),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_that_the_bands_together_are_the_whole(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    bands = list(png_bands(path))
    assert len(bands) > 1
    whole = decode_bgr(data, name="whole")
    found = np.concatenate(bands)
    assert found.dtype == whole.dtype
    assert np.array_equal(rgb_from_bgr(found), rgb_from_bgr(whole))


def chunks(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Return start and length of each kind's first chunk."""
    found: dict[bytes, tuple[int, int]] = {}
    place = 8
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        found.setdefault(name, (place, length))
        place += 12 + length
    return found


def test_that_an_empty_piece_of_image_data_is_passed_over(path: Path) -> None:
    data = FILES["RGB"]
    start, _ = chunks(data)[b"IDAT"]
    empty = struct.pack(">I4sI", 0, b"IDAT", 0x35AF061E)
    path.write_bytes(data[:start] + empty + data[start:])
    whole = decode_bgr(data, name="whole")
    assert np.array_equal(np.concatenate(list(png_bands(path))), whole)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_that_a_file_cut_off_is_refused(path: Path, share: float) -> None:
    data = FILES["RGB"]
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadDataError, match="ends too early"):
        list(png_bands(path))


def test_that_image_data_that_ends_before_the_last_row_is_refused(path: Path) -> None:
    data = bytearray(FILES["RGB"])
    start, _ = chunks(data)[b"IHDR"]
    data[start + 12 : start + 16] = struct.pack(">I", HEIGHT + 40)
    path.write_bytes(data)
    with pytest.raises(BadDataError, match="ends too early"):
        list(png_bands(path))


def test_that_rows_stored_in_an_unknown_way_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(FILES["RGB"])
    monkeypatch.setattr(module.cv2, "imdecode", lambda *_: None)
    with pytest.raises(BadDataError, match="damaged"):
        list(png_bands(path))


def test_that_interlaced_rows_are_refused(path: Path) -> None:
    data = bytearray(FILES["RGB"])
    start, _ = chunks(data)[b"IHDR"]
    data[start + 20] = 1
    path.write_bytes(data)
    with pytest.raises(BadDataError, match="interlaced"):
        list(png_bands(path))


def test_that_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(BadDataError, match="cannot be read"):
        list(png_bands(path))


@pytest.fixture
def any_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WORTH_A_THREAD_BYTES", 0)


@pytest.mark.usefixtures("any_is_large")
@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_that_a_large_image_is_the_one_its_bands_make(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    found = large_png(data)
    assert found is not None
    assert np.array_equal(found, np.concatenate(list(png_bands(path))))


def test_that_small_images_are_left_to_others() -> None:
    assert large_png(FILES["RGB"]) is None


@pytest.mark.usefixtures("any_is_large")
def test_that_what_is_no_png_is_left_to_others() -> None:
    assert large_png(cv2.imencode(".jpg", photo())[1].tobytes()) is None


def with_image_data(data: bytes, *pieces: bytes) -> bytes:
    """Return a PNG with other image data, a chunk for each piece."""
    start, length = chunks(data)[b"IDAT"]
    written = b"".join(
        struct.pack(">I4s", len(piece), b"IDAT")
        + piece
        + struct.pack(">I", zlib.crc32(b"IDAT" + piece))
        for piece in pieces
    )
    return data[:start] + written + data[start + 12 + length :]


def image_data(data: bytes) -> bytes:
    start, length = chunks(data)[b"IDAT"]
    return data[start + 8 : start + 8 + length]


def with_another_sum(data: bytes) -> bytes:
    """Return a PNG whose rows are not those that the sum after them was made of."""
    return with_image_data(data, image_data(data)[:-4] + b"oops")


@pytest.mark.usefixtures("any_is_large")
@pytest.mark.parametrize(
    "damaged",
    [FILES["RGB"][: len(FILES["RGB"]) // 2], with_another_sum(FILES["RGB"])],
    ids=["cut off", "other rows"],
)
def test_that_a_damaged_image_is_left_to_others(damaged: bytes) -> None:
    assert large_png(damaged) is None


def test_that_rows_with_a_wrong_sum_are_refused(path: Path) -> None:
    path.write_bytes(with_another_sum(FILES["RGB"]))
    with pytest.raises(BadDataError, match="damaged"):
        list(png_bands(path))


@pytest.mark.usefixtures("any_is_large")
@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_that_models_see_large_images_as_small_ones(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = decode_rgb(data, name="large")
    monkeypatch.setattr(module, "_WORTH_A_THREAD_BYTES", len(data) + 1)
    assert np.array_equal(found, decode_rgb(data, name="small"))


def test_that_the_sum_may_have_a_chunk_of_its_own(path: Path) -> None:
    packed = image_data(FILES["RGB"])
    path.write_bytes(with_image_data(FILES["RGB"], packed[:-4], packed[-4:]))
    whole = decode_bgr(FILES["RGB"], name="whole")
    assert np.array_equal(np.concatenate(list(png_bands(path))), whole)


def test_that_rows_without_their_sum_are_refused(path: Path) -> None:
    path.write_bytes(with_image_data(FILES["RGB"], image_data(FILES["RGB"])[:-4]))
    with pytest.raises(BadDataError, match="ends too early"):
        list(png_bands(path))
