"""One page of a TIFF file, as every decoder and every writer sees it."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import tifffile
from PIL import Image

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import tiff_size
from inspector_app.domain.picture import decode_bgr, read_size
from inspector_app.domain.tiff_pages import file_and_page, is_tiff, open_page, page_path, read_page
from inspector_app.domain.tiff_segments import TiffSegments

ORDERS: dict[str, Literal["little", "big"]] = {"<": "little", ">": "big"}
SHAPES = ((20, 30), (40, 50), (24, 16))


def page(number: int) -> np.ndarray:
    """Return a ramp of its own size and level."""
    height, width = SHAPES[number - 1]
    return (np.arange(height * width) % 50 + 60 * number).reshape(height, width).astype(np.uint8)


@pytest.fixture(params=["<II", ">II", "<big"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of three pages with a smaller copy after the first, in either byte order and form."""
    order, form = request.param[0], request.param[1:]
    target = tmp_path / "stack.tif"
    is_big = form == "big"
    with tifffile.TiffWriter(target, byteorder=order, bigtiff=is_big) as file:
        file.write(page(1))
        file.write(page(1)[::2, ::2], subfiletype=1)
        file.write(page(2))
        file.write(page(3), compression="zlib")
    return target


@pytest.mark.parametrize("number", [1, 2, 3])
def test_that_every_page_is_decoded_as_a_file_of_its_own(path: Path, number: int) -> None:
    data = read_page(page_path(path, number))
    assert np.array_equal(decode_bgr(data, name="page"), page(number))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_that_the_header_tells_the_size_of_the_page(path: Path, number: int) -> None:
    with open_page(page_path(path, number)) as stream:
        assert read_size(stream, name="page") == SHAPES[number - 1][::-1]
    assert tiff_size(page_path(path, number)) == SHAPES[number - 1][::-1]


def test_that_a_page_can_be_read_in_parts(path: Path) -> None:
    part = TiffSegments(page_path(path, 2)).read(Box(3, 4, 20, 9))
    assert np.array_equal(part, page(2)[4:9, 3:20])


def test_that_pillow_takes_the_page_for_the_first(path: Path) -> None:
    with open_page(page_path(path, 3)) as stream, Image.open(stream) as image:
        assert np.array_equal(np.asarray(image), page(3))


def test_that_reading_a_page_leaves_the_file_alone(path: Path) -> None:
    before = path.read_bytes()
    read_page(page_path(path, 2))
    assert path.read_bytes() == before


def test_that_a_subfile_type_of_two_bytes_is_understood(path: Path) -> None:
    with tifffile.TiffFile(path) as file:
        entry = file.pages[1].tags[254].offset
        order = ORDERS[file.byteorder]
        value_at = entry + (12 if file.is_bigtiff else 8)
    data = bytearray(path.read_bytes())
    data[entry + 2 : entry + 4] = (3).to_bytes(2, order)
    data[value_at : value_at + 4] = (1).to_bytes(2, order) + bytes(2)
    path.write_bytes(data)
    assert np.array_equal(decode_bgr(read_page(page_path(path, 2)), name="page"), page(2))


@pytest.mark.parametrize("number", [4, 1000])
def test_that_a_page_beyond_the_last_is_refused(path: Path, number: int) -> None:
    with pytest.raises(BadDataError, match=rf"page {number}: there is no such page"):
        open_page(page_path(path, number))
    assert tiff_size(page_path(path, number)) is None


@pytest.mark.parametrize(
    "content", [b"", b"II", b"no TIFF", b"II*\0\xff\xff\xff\x7f", b"II\x63\0\0\0\0\0"]
)
def test_that_a_damaged_file_has_no_other_page(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.tif"
    path.write_bytes(content)
    with pytest.raises(BadDataError, match="no such page"):
        read_page(page_path(path, 2))


def test_that_a_chain_of_pages_that_bites_its_tail_ends(path: Path) -> None:
    with tifffile.TiffFile(path) as file:
        first, last = file.pages[0].offset, file.pages[-1]
        width = 8 if file.is_bigtiff else 4
        order = ORDERS[file.byteorder]
        (count_bytes, entry_bytes) = (8, 20) if file.is_bigtiff else (2, 12)
        end = last.offset + count_bytes + entry_bytes * len(last.tags)
    data = bytearray(path.read_bytes())
    data[end : end + width] = first.to_bytes(width, order)
    path.write_bytes(data)
    with pytest.raises(BadDataError, match="no such page"):
        read_page(page_path(path, 9000))


def test_that_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_page(page_path(tmp_path / "gone.tif", 2))


@pytest.mark.parametrize("number", [0, 1])
def test_that_the_first_page_is_the_file_itself(number: int) -> None:
    assert page_path(Path("a.tif"), number) == Path("a.tif")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x/a.TIFF/page 12", ("x/a.TIFF", 12)),
        ("x/a.tif", ("x/a.tif", 1)),
        ("x/a.png/page 2", ("x/a.png/page 2", 1)),
        ("x/a.tif/page 0", ("x/a.tif/page 0", 1)),
        ("x/a.tif/page 2.png", ("x/a.tif/page 2.png", 1)),
    ],
)
def test_that_only_what_names_a_page_is_taken_for_one(path: str, expected: tuple[str, int]) -> None:
    file, number = file_and_page(Path(path))
    assert (file.as_posix(), number) == expected


def test_that_tiffs_are_known_by_their_names() -> None:
    assert is_tiff("a/b.TIF") and is_tiff("b.tiff") and not is_tiff("tif.png")
