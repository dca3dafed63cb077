"""TIFF files of several pages, of which this program shows the first."""

import struct
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

MOST_PAGES = 1000
"""No more are looked at: in a damaged file the last may point back at the first."""
TIFF_SUFFIXES = frozenset({".tif", ".tiff"})

PagesFound = tuple[tuple[str, int], ...]
"""Relative path and number of pages of each file that has several."""

_DAMAGED = (ValueError, TypeError, LookupError, ArithmeticError, struct.error)
"""How tifffile stumbles over tags that make no sense."""


def count_pages(path: Path) -> int:
    """Return how many pictures a TIFF file holds, smaller copies and masks not counted.

    At most `MOST_PAGES` are counted one by one; one page takes about 0.2 ms. 1 for a file
    that cannot be read: that is said where its pixels are asked for.
    """
    # Imported here: it takes a third of a second, and most folders hold no TIFF.
    import tifffile  # noqa: PLC0415

    try:
        with tifffile.TiffFile(path) as file:
            first = islice(file.pages, MOST_PAGES)
            pages = sum(not (page.is_reduced or page.is_mask) for page in first)
            # ImageJ describes a large stack by its first page alone.
            stacked = int((file.imagej_metadata or {}).get("images", 1))
    except (OSError, tifffile.TiffFileError, *_DAMAGED):
        return 1
    return max(1, pages, stacked)


def first_page_size(source: Path | BinaryIO) -> tuple[int, int] | None:
    """Return (width, height) of a TIFF file's first page, None for what is no TIFF."""
    import tifffile  # noqa: PLC0415  (see above)

    try:
        with tifffile.TiffFile(source) as file:
            page = file.pages[0]
            return int(page.imagewidth), int(page.imagelength)
    except (OSError, tifffile.TiffFileError, *_DAMAGED):
        return None


def is_tiff(name: str) -> bool:
    """Tell by a file's name."""
    return Path(name).suffix.lower() in TIFF_SUFFIXES


def files_of_several_pages(folder: Path, names: Iterable[str]) -> PagesFound:
    """Return those TIFF files of which only the first page is shown."""
    counts = ((name, count_pages(folder / name)) for name in names if is_tiff(name))
    return tuple((name, count) for name, count in counts if count > 1)


def page_remarks(found: PagesFound) -> list[str]:
    """Return a sentence for each file."""
    return [f"{name}: {count} pages, only the first is used" for name, count in found]
