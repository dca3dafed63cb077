"""Counting the pages of TIFF files."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import tifffile
from PIL import Image

from inspector_app.domain import pages
from inspector_app.domain.pages import (
    count_pages,
    files_of_several_pages,
    first_page_size,
    page_remarks,
)
from inspector_app.domain.tiff_pages import MOST_PAGES

PAGE = np.zeros((32, 48), np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


@pytest.mark.parametrize("count", [1, 3])
def test_that_pages_are_counted(path: Path, count: int) -> None:
    tifffile.imwrite(path, np.zeros((count, 32, 48), np.uint8), photometric="minisblack")
    assert count_pages(path) == count


def test_that_the_colours_of_one_page_are_no_pages(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((32, 48, 3), np.uint8), photometric="rgb")
    assert count_pages(path) == 1


def test_that_smaller_copies_are_no_pages(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        file.write(PAGE)
        file.write(PAGE[::2, ::2], subfiletype=1)
    assert count_pages(path) == 1


def test_that_a_stack_described_by_its_first_page_counts_as_many(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((4, 32, 48), np.uint8), imagej=True)
    with tifffile.TiffFile(path) as file:
        first, second = file.pages[0].offset, file.pages[1].offset
    data = bytearray(path.read_bytes())
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    end = first + 2 + 12 * int.from_bytes(data[first : first + 2], order)
    assert int.from_bytes(data[end : end + 4], order) == second
    data[end : end + 4] = bytes(4)
    path.write_bytes(data)
    assert count_pages(path) == 4


def test_that_only_so_many_pages_are_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile.imwrite(path, np.zeros((5, 32, 48), np.uint8), photometric="minisblack")
    monkeypatch.setattr(pages, "MOST_PAGES", 3)
    assert count_pages(path) == 3


def test_that_another_format_under_the_name_has_one_page(path: Path) -> None:
    Image.fromarray(PAGE).save(path, "PNG")
    assert (count_pages(path), first_page_size(path)) == (1, None)


def test_that_kinds_unknown_to_pillow_are_counted_and_measured(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((3, 32, 48), np.complex64), photometric="minisblack")
    assert (count_pages(path), first_page_size(path)) == (3, (48, 32))


@pytest.mark.parametrize("content", [b"", b"no image", b"II*\0\xff\xff\xff\xff"])
def test_that_what_cannot_be_read_is_left_to_others(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert count_pages(path) == 1


def test_that_a_missing_file_is_left_to_others(tmp_path: Path) -> None:
    assert count_pages(tmp_path / "gone.tif") == 1


def test_that_a_chain_of_pages_that_bites_its_tail_is_counted_only_so_far(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((2, 8, 8), np.uint8), photometric="minisblack", metadata=None)
    with tifffile.TiffFile(path) as file:
        first, second = file.pages[0].offset, file.pages[1].offset
    data = bytearray(path.read_bytes())
    entries = int.from_bytes(data[second : second + 2], "little")
    end = second + 2 + 12 * entries
    data[end : end + 4] = first.to_bytes(4, "little")
    path.write_bytes(data)
    assert 2 <= count_pages(path) <= MOST_PAGES


def test_that_files_of_several_pages_are_told_with_their_number(tmp_path: Path) -> None:
    for name, count in (("one.tif", 1), ("three.tiff", 3)):
        stack = np.zeros((count, 32, 48), np.uint8)
        tifffile.imwrite(tmp_path / name, stack, photometric="minisblack")
    found = files_of_several_pages(tmp_path, ["one.tif", "three.tiff", "photo.png"])
    assert page_remarks(found) == ["three.tiff: 3 pages, only the first is used"]
