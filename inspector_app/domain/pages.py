"""TIFF files of several pages: how many there are."""

import re
import struct
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from inspector_app.domain.tiff_pages import MOST_PAGES, REDUCED_OR_MASK, SUBFILE_TYPE, is_tiff

PagesFound = tuple[tuple[str, int], ...]
"""Relative path and number of pages of each file that has several."""

_DESCRIPTION = 270
_IMAGEJ_COUNT = re.compile(r"\AImageJ=.*?^images=(\d{1,9})$", re.DOTALL | re.MULTILINE)
_DAMAGED = (ValueError, TypeError, LookupError, ArithmeticError, struct.error)
"""How Pillow and tifffile stumble over tags that make no sense."""


def count_pages(path: Path) -> int:
    """Return how many pictures a TIFF file holds, smaller copies and masks not counted.

    At most `MOST_PAGES` are counted one by one; one page takes about 0.3 ms. 1 for a file
    that cannot be read: that is said where its pixels are asked for.
    """
    try:
        with Image.open(path) as image:
            return _pages_of(image)
    except (OSError, Image.DecompressionBombError, EOFError, SyntaxError, *_DAMAGED):
        # Too large for Pillow, of a kind it does not know, or damaged.
        return _pages_by_tifffile(path)


def _pages_of(image: Image.Image) -> int:
    # Imported here: every start of the window would pay for it.
    from PIL.TiffImagePlugin import TiffImageFile  # noqa: PLC0415

    pages = 0
    if not isinstance(image, TiffImageFile):
        return 1
    stacked = _IMAGEJ_COUNT.search(str(image.tag_v2.get(_DESCRIPTION, "")))
    for number in range(MOST_PAGES):
        try:
            image.seek(number)
        except EOFError:
            break
        pages += not image.tag_v2.get(SUBFILE_TYPE, 0) & REDUCED_OR_MASK
    # ImageJ describes a large stack by its first page alone.
    return max(1, pages, int(stacked[1]) if stacked else 1)


def _pages_by_tifffile(path: Path) -> int:
    # Imported here: it takes a third of a second, in which the window may stand still.
    import tifffile  # noqa: PLC0415

    try:
        with tifffile.TiffFile(path) as file:
            first = islice(file.pages, MOST_PAGES)
            return max(1, sum(not (page.is_reduced or page.is_mask) for page in first))
    except (OSError, tifffile.TiffFileError, *_DAMAGED):
        return 1


def first_page_size(source: Path | BinaryIO) -> tuple[int, int] | None:
    """Return (width, height) of a TIFF file's first page, None for what is no TIFF."""
    try:
        with Image.open(source) as image:
            return image.size if image.format == "TIFF" else None
    except (OSError, Image.DecompressionBombError, SyntaxError, *_DAMAGED):
        return _size_by_tifffile(source)


def _size_by_tifffile(source: Path | BinaryIO) -> tuple[int, int] | None:
    import tifffile  # noqa: PLC0415  (see above)

    if not isinstance(source, Path):
        source.seek(0)
    try:
        with tifffile.TiffFile(source) as file:
            page = file.pages[0]
            return int(page.imagewidth), int(page.imagelength)
    except (OSError, tifffile.TiffFileError, *_DAMAGED):
        return None


def files_of_several_pages(folder: Path, names: Iterable[str]) -> PagesFound:
    """Return those files that are TIFFs of several pages."""
    counts = ((name, count_pages(folder / name)) for name in names if is_tiff(name))
    return tuple((name, count) for name, count in counts if count > 1)


def page_remarks(found: PagesFound) -> list[str]:
    """Return a sentence for each file."""
    return [f"{name}: {count} pages, only the first is used" for name, count in found]
