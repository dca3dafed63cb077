"""What importers share: reading strangers' files without trusting a byte of them."""

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from inspector_app.domain import picture
from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.tiff_pages import file_and_page, open_page, read_page

_LONGEST_CLASS_NAME = 200
_MOST_SENTENCES = 1000
_LONGEST_SENTENCE = 500
_LONGEST_OUTLINE_PX = 20_000_000
"""pycocotools needs 40 bytes for every pixel along an edge and does not survive running out."""


class Sentences:
    """Problems or remarks: the first thousand, then only their number; none endlessly long."""

    def __init__(self, sentences: Iterable[str] = ()) -> None:
        self._sentences: list[str] = []
        self._further = 0
        for sentence in sentences:
            self.add(sentence)

    def add(self, sentence: str) -> None:
        if len(self._sentences) < _MOST_SENTENCES:
            self._sentences.append(_shortened(" ".join(sentence.split())))
        else:
            self._further += 1

    def all(self) -> tuple[str, ...]:
        if not self._further:
            return tuple(self._sentences)
        return (*self._sentences, f"… and {self._further} more")


def _shortened(sentence: str) -> str:
    if len(sentence) <= _LONGEST_SENTENCE:
        return sentence
    # Names are long, and what is wrong with them stands behind.
    half = _LONGEST_SENTENCE // 2
    return f"{sentence[: half - 1]}…{sentence[-half:]}"


def reason(error: Exception) -> str:
    """Return what is wrong without the remedy, to be part of another sentence."""
    return error.message if isinstance(error, KnownError) else str(error)


def read_bytes(path: Path, *, limit_mb: int) -> bytes:
    """Return a file's content.

    Raises:
        BadDataError: if it is no file, too large or cannot be read.
    """
    try:
        file, _ = file_and_page(path)
        if not file.is_file():
            raise BadDataError(f"{path}: no such file", "check the path")
        size = file.stat().st_size
        if size > limit_mb * 1024 * 1024:
            raise BadDataError(
                f"{path}: {size / 1024**2:.0f} MB are more than the {limit_mb} MB that are read",
                "split the file, or check whether it is the right one",
            )
        return read_page(path)
    except OSError as error:
        raise BadDataError(
            f"{path}: cannot be read ({error.strerror})", "check the file and its permissions"
        ) from error


def read_text(path: Path, *, limit_mb: int) -> str:
    """Return a UTF-8 file's text, with or without a byte-order mark.

    Raises:
        BadDataError: see `read_bytes`; also if it is no UTF-8.
    """
    try:
        return read_bytes(path, limit_mb=limit_mb).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path}: not a text file in UTF-8", "save it as UTF-8") from error


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) of the upright image, from its header.

    Raises:
        BadDataError: if it cannot be read.
    """
    try:
        with open_page(path) as stream:
            return picture.read_size(stream, name=str(path))
    except OSError as error:
        raise BadDataError(
            f"{path}: cannot be read ({error.strerror})", "check the file and its permissions"
        ) from error


def files_below(folder: Path, suffixes: frozenset[str]) -> list[str]:
    """Return the regular files with these suffixes below a folder, relative, sorted; none hidden.

    Raises:
        BadDataError: if there is no such folder.
    """
    if not folder.is_dir():
        raise BadDataError(f"{folder}: no such folder", "check the path")
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if not name.startswith(".") and path.suffix.lower() in suffixes and path.is_file():
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def number_in(text: str) -> float:
    """Return the number that a text is.

    Raises:
        ValueError: if it is none.
    """
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None


def clean_class_name(name: str) -> str:
    """Return the name as a class can have it.

    Raises:
        ValueError: if it is blank or unreasonably long.
    """
    cleaned = name.strip()
    if not cleaned:
        raise ValueError("a class without a name")
    if len(cleaned) > _LONGEST_CLASS_NAME:
        raise ValueError(f"a class name of {len(cleaned)} characters")
    return cleaned


def box_from_edges(
    left: float, top: float, right: float, bottom: float, *, width: int, height: int
) -> Box:
    """Return the box of whole pixels nearest to the edges, at least one pixel, inside the image.

    Raises:
        ValueError: if an edge is no finite number, the box has no area or lies outside.
    """
    if not all(math.isfinite(edge) for edge in (left, top, right, bottom)):
        raise ValueError("the box has an edge that is not a number")
    if not (left < right and top < bottom):
        raise ValueError("the box has no area")
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        raise ValueError("the box lies outside the image")
    first_x, last_x = _whole_pixels(left, right, width)
    first_y, last_y = _whole_pixels(top, bottom, height)
    return Box(first_x, first_y, last_x, last_y)


def _whole_pixels(low: float, high: float, size: int) -> tuple[int, int]:
    first, last = round(max(0.0, low)), round(min(float(size), high))
    if first < last:
        return first, last
    first = min(size - 1, int(max(0.0, low)))
    return first, first + 1


def mask_from_polygons(polygons: Sequence[Sequence[float]], *, width: int, height: int) -> Mask:
    """Return the union of flat x, y, x, y… polygons; it may have no pixel.

    Raises:
        ValueError: if a polygon is none, or its outline is too long to be one.
    """
    limit = 4 * max(width, height)
    length_px = 0.0
    for polygon in polygons:
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError("a polygon needs at least three x, y pairs")
        points = np.asarray(polygon, np.float64).reshape(-1, 2)
        if not np.isfinite(points).all():
            raise ValueError("a polygon has a coordinate that is not a number")
        points = np.clip(points, -limit, limit)
        length_px += float(np.abs(points - np.roll(points, 1, axis=0)).max(axis=1).sum())
    if length_px > _LONGEST_OUTLINE_PX:
        raise ValueError(f"an outline of {length_px:.0f} px is too long")
    return Mask.from_polygons(polygons, width=width, height=height)


def canonical(mask: Mask) -> Mask:
    """Return the mask with the one run-length string that stands for its pixels."""
    if mask.box is None:
        return Mask.empty(height=mask.height, width=mask.width)
    crop = mask.crop(mask.box)
    return Mask.from_crop(crop, mask.box.left, mask.box.top, height=mask.height, width=mask.width)
