"""ISAT (ISAT with segment anything): a JSON file of outlines for each image.

The program is at https://github.com/yatengLG/ISAT_with_segment_anything.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.domain.region_operations import difference, union
from inspector_app.formats.base import ImageSizes, ImportedImage, ImportedRegion, ImportPlan
from inspector_app.formats.label_files import import_label_files, known_image
from inspector_app.formats.naming import clean_name, without_suffix
from inspector_app.formats.reading import Sentences, clean_class_name, read_text
from inspector_app.formats.shapes import masked_region, outline_mask

_LARGEST_FILE_MB = 256
_BACKGROUND = "__background__"
"""ISAT's class of outlines that cut what lies below them."""


class _Info(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = ""
    width: int = 0
    height: int = 0


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")

    info: _Info
    objects: list[Any]


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore")

    category: str
    segmentation: list[tuple[float, float]]
    group: int | str | None = None
    layer: float = 0.0


def import_isat(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read one JSON file, or every one below a folder.

    Outlines of one group and class become one region. Outlines of the background cut holes into
    what lies below them; other outlines leave each other whole, as in ISAT's own export to COCO.

    Raises:
        BadDataError: if the file, or every file of the folder, cannot be read.
    """

    def read_file(file: Path, name: str, problems: Sentences) -> ImportedImage | None:
        return _read_image(_parse(file), name, image_sizes, problems)

    return import_label_files(path, ".json", read_file)


def _parse(path: Path) -> _File:
    text = read_text(path, limit_mb=_LARGEST_FILE_MB)
    try:
        return _File.model_validate(json.loads(text))
    except (ValueError, RecursionError, ValidationError) as error:
        raise BadDataError(
            f"{path}: not an ISAT file", "choose files with info and objects in them"
        ) from error


def _read_image(
    content: _File, file: str, image_sizes: ImageSizes, problems: Sentences
) -> ImportedImage | None:
    folder = file.rpartition("/")[0]
    spelled = clean_name(content.info.name)
    names = (f"{folder}/{spelled}".strip("/"), spelled, without_suffix(file))
    stated = (content.info.width, content.info.height)
    try:
        name, size = known_image(names, stated, image_sizes)
    except ValueError as error:
        problems.add(f"{file}: {error}")
        return None
    painting = _Painting(*size)
    for index, shape in _in_painting_order(content, file, problems):
        try:
            painting.add(shape, index)
        except ValueError as error:
            problems.add(f"{file}: objects[{index}]: {error}")
    regions, covered = painting.regions()
    for index in covered:
        problems.add(f"{file}: objects[{index}]: the background above it covers it wholly")
    return ImportedImage(name, regions) if regions else None


def _in_painting_order(content: _File, file: str, problems: Sentences) -> list[tuple[int, _Object]]:
    shapes: list[tuple[int, _Object]] = []
    for index, entry in enumerate(content.objects):
        try:
            shapes.append((index, _Object.model_validate(entry)))
        except ValidationError as error:
            problems.add(f"{file}: objects[{index}]: {error.errors()[0]['msg']}")
    return sorted(shapes, key=lambda pair: pair[1].layer)


class _Painting:
    """The regions of one image, painted from the lowest layer up."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._masks: dict[tuple[str, str], Mask] = {}
        self._first_index: dict[tuple[str, str], int] = {}

    def add(self, shape: _Object, index: int) -> None:
        """Paint an outline over what is there.

        Raises:
            ValueError: if it is none that covers pixels of the image.
        """
        label = clean_class_name(shape.category)
        mask = outline_mask(shape.segmentation, width=self._width, height=self._height)
        if mask.box is None:
            raise ValueError("it covers no pixel of the image")
        if label == _BACKGROUND:
            self._masks = {key: difference(below, mask) for key, below in self._masks.items()}
            return
        # An outline without a group stands for itself.
        group = f"object {index}" if shape.group in (None, "") else f"group {shape.group}"
        key = (label, group)
        self._first_index.setdefault(key, index)
        below = self._masks.get(key)
        self._masks[key] = mask if below is None else union([below, mask])

    def regions(self) -> tuple[tuple[ImportedRegion, ...], list[int]]:
        """Return the regions, and the objects of which the background has left nothing."""
        found = tuple(
            masked_region(label, mask) for (label, _), mask in self._masks.items() if mask.box
        )
        covered = [self._first_index[key] for key, mask in self._masks.items() if not mask.box]
        return found, covered
