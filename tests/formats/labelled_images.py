"""Small labelled images for the tests of the label formats."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from inspector_app.domain.annotation import Author, DefectClass, ImageVerdict, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.formats.base import ImageSizes, ImportedRegion, ImportPlan, LabelledImage

WIDTH, HEIGHT = 12, 9
"""The same as in `strategies`, whose masks fit."""

CLASSES = (
    DefectClass(1, "scratch", "#E69F00"),
    DefectClass(2, "tiefe Kerbe ⌀", "#56B4E9"),
)
NAMES = {defect_class.id: defect_class.name for defect_class in CLASSES}

RING = (
    "............",
    ".#####......",
    ".#...#......",
    ".#.#.#..##..",
    ".#...#..##..",
    ".#####......",
    "............",
)
"""A ring with an island in it, and a second part: all that a single polygon finds hard."""


def drawn(*rows: str, width: int = WIDTH, height: int = HEIGHT) -> Mask:
    """Return the mask of the # in rows of text."""
    array = np.zeros((height, width), bool)
    for y, row in enumerate(rows):
        array[y, : len(row)] = [character == "#" for character in row]
    return Mask.from_array(array)


def region(content: Mask | Box, *, class_id: int = 1, region_id: str = "r") -> Region:
    mask = content if isinstance(content, Mask) else None
    box = content.box if isinstance(content, Mask) else content
    assert box is not None
    return Region(region_id, class_id, box, mask, Author.HAND)


def write_photo(path: Path, *, width: int = WIDTH, height: int = HEIGHT, seed: int = 0) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())
    return path


def labelled(
    folder: Path,
    relative_path: str = "a.png",
    *regions: Region,
    split: Split = Split.NONE,
    defect_type: str = "",
    verdict: ImageVerdict | None = None,
    height: int = HEIGHT,
) -> LabelledImage:
    """Return a labelled image whose file is written below `folder`."""
    return LabelledImage(
        image_path=write_photo(folder / relative_path, height=height),
        relative_path=relative_path,
        width=WIDTH,
        height=height,
        split=split,
        defect_type=defect_type,
        verdict=verdict,
        regions=regions,
    )


def sizes_of(*names: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> ImageSizes:
    """Return the sizes of a project that has images of exactly these names."""
    known: Mapping[str, tuple[int, int]] = dict.fromkeys(names, size)
    return known.get


def regions_in(plan: ImportPlan) -> list[ImportedRegion]:
    return [found for image in plan.images for found in image.regions]


def as_imported(regions: Sequence[Region]) -> list[ImportedRegion]:
    return [ImportedRegion(NAMES[r.class_id], r.box, r.mask, r.is_ignored) for r in regions]


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
