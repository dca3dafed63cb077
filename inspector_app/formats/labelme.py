"""labelme: a JSON file of shapes for each image (also what X-AnyLabeling writes)."""

import base64
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inspector_app.domain import picture
from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import write_text_atomically
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.region_operations import union
from inspector_app.formats.base import (
    ExportReport,
    ImagePlacement,
    ImageSizes,
    ImportedImage,
    ImportedRegion,
    ImportPlan,
    LabelledImage,
    ProgressCallback,
    no_progress,
)
from inspector_app.formats.label_files import import_label_files, known_image
from inspector_app.formats.naming import clean_name, without_suffix
from inspector_app.formats.placement import ImagePlacer
from inspector_app.formats.reading import (
    Sentences,
    box_from_edges,
    canonical,
    clean_class_name,
    read_text,
    reason,
)
from inspector_app.formats.shapes import ellipse, outline_mask
from inspector_app.formats.writing import check_written, class_names, staged_folder

_VERSION = "5.5.0"
"""The first with masks that every later labelme reads."""
_LARGEST_FILE_MB = 256
_OUTLINES = frozenset({"polygon", "rotation", "quadrilateral"})
_IGNORED_FLAG = "ignore"


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")

    label: str
    points: list[tuple[float, float]]
    shape_type: str = "polygon"
    group_id: int | str | None = None
    mask: str | None = None
    flags: dict[str, Any] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")

    shapes: list[Any]
    image_path: str = Field(default="", alias="imagePath")
    height: int | None = Field(default=None, alias="imageHeight")
    width: int | None = Field(default=None, alias="imageWidth")


# ---------------------------------------------------------------- export


def export_labelme(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.REFERENCE,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write one JSON file for each image that has regions, in the folders of the images.

    Masks are written as labelme's own ``mask`` shapes, which hold every pixel; regions with a
    box only as rectangles; regions to be ignored carry the flag ``ignore``. labelme looks for
    an image beside its file, where they are put unless they are only referenced by their names.
    """
    names = class_names(classes)
    expected: dict[str, list[ImportedRegion]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    placer = ImagePlacer(placement)
    places = _places(image.relative_path for image in images)
    with staged_folder(out_folder) as staging:
        for number, image in enumerate(images, start=1):
            placer.place(image.image_path, staging / image.relative_path)
            sizes[image.relative_path] = (image.width, image.height)
            if image.regions:
                target = staging / f"{places[image.relative_path]}.json"
                content = json.dumps(_content(image, names), ensure_ascii=False, indent=1)
                write_text_atomically(target, content)
                expected[image.relative_path] = [
                    ImportedRegion(names[r.class_id], r.box, r.mask, r.is_ignored)
                    for r in image.regions
                ]
            progress(number, len(images))
        if expected:
            check_written(expected, import_labelme(staging, sizes.get))
    count = sum(len(image.regions) for image in images)
    remarks = (*placer.remarks(), *_remarks_on_names(places))
    return ExportReport(out_folder, len(images), count, remarks)


def _places(paths: Iterable[str]) -> dict[str, str]:
    """Return where each image's file lies, without ``.json``: its path, less the suffix.

    Of images that differ in nothing else, and for some file systems in case, it is the whole path.
    """
    stems = {path: without_suffix(path) for path in paths}
    counts = Counter(stem.casefold() for stem in stems.values())
    return {path: stem if counts[stem.casefold()] == 1 else path for path, stem in stems.items()}


def _remarks_on_names(places: Mapping[str, str]) -> tuple[str, ...]:
    count = sum(path == place != without_suffix(path) for path, place in places.items())
    if not count:
        return ()
    return (
        f"images that differ in their suffix only: {count}; labelme does not find their labels "
        "by itself, open their files (image.png.json)",
    )


def _content(image: LabelledImage, names: dict[int, str]) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "flags": {},
        "shapes": [_shape(region, names[region.class_id]) for region in image.regions],
        "imagePath": image.relative_path.rpartition("/")[2],
        "imageData": None,
        "imageHeight": image.height,
        "imageWidth": image.width,
    }


def _shape(region: Region, label: str) -> dict[str, Any]:
    box, mask = region.box, region.mask
    shape: dict[str, Any] = {
        "label": label,
        "group_id": None,
        "description": "",
        "flags": {_IGNORED_FLAG: True} if region.is_ignored else {},
    }
    if mask is None:
        corners = [[box.left, box.top], [box.right, box.bottom]]
        return shape | {"points": corners, "shape_type": "rectangle", "mask": None}
    stream = io.BytesIO()
    Image.fromarray(mask.crop(box)).save(stream, "PNG")
    return shape | {
        # labelme's corners of a mask are its first and its last pixel.
        "points": [[box.left, box.top], [box.right - 1, box.bottom - 1]],
        "shape_type": "mask",
        "mask": base64.b64encode(stream.getvalue()).decode("ascii"),
    }


# ---------------------------------------------------------------- import


def import_labelme(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read one JSON file, or every one below a folder.

    Polygons, rectangles, circles and masks are taken; outlines of one group and class become
    one region. Points and lines have no area and are named as problems.

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
            f"{path}: not a labelme file", "choose files with shapes and imagePath in them"
        ) from error


def _read_image(
    content: _File, file: str, image_sizes: ImageSizes, problems: Sentences
) -> ImportedImage | None:
    folder = file.rpartition("/")[0]
    spelled = clean_name(content.image_path)
    names = (f"{folder}/{spelled}".strip("/"), spelled, without_suffix(file))
    try:
        name, size = known_image(names, (content.width or 0, content.height or 0), image_sizes)
    except ValueError as error:
        problems.add(f"{file}: {error}")
        return None
    regions = _Regions(*size)
    for index, entry in enumerate(content.shapes):
        try:
            regions.add(_Shape.model_validate(entry))
        except ValidationError as error:
            problems.add(f"{file}: shapes[{index}]: {error.errors()[0]['msg']}")
        except (ValueError, BadDataError) as error:
            problems.add(f"{file}: shapes[{index}]: {reason(error)}")
    found = regions.all()
    return ImportedImage(name, found) if found else None


class _Regions:
    """The regions of one image; outlines of a group grow together."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._found: list[ImportedRegion] = []
        self._place_of: dict[tuple[str, int | str], int] = {}

    def all(self) -> tuple[ImportedRegion, ...]:
        return tuple(self._found)

    def add(self, shape: _Shape) -> None:
        """Take a shape over.

        Raises:
            ValueError, BadDataError: if it is none that covers pixels of the image.
        """
        label = clean_class_name(shape.label)
        is_ignored = bool((shape.flags or {}).get(_IGNORED_FLAG))
        if shape.shape_type == "rectangle":
            self._found.append(ImportedRegion(label, self._box(shape.points), None, is_ignored))
            return
        mask = self._mask(shape)
        if mask.box is None:
            raise ValueError("it covers no pixel of the image")
        place = None
        if shape.group_id is not None:
            place = self._place_of.setdefault((label, shape.group_id), len(self._found))
        if place is None or place == len(self._found):
            self._found.append(ImportedRegion(label, mask.box, canonical(mask), is_ignored))
        else:
            self._join(place, mask)

    def _join(self, place: int, mask: Mask) -> None:
        before = self._found[place]
        assert before.mask is not None
        joined = union([before.mask, mask])
        assert joined.box is not None
        self._found[place] = ImportedRegion(
            before.class_name, joined.box, joined, before.is_ignored
        )

    def _mask(self, shape: _Shape) -> Mask:
        if shape.shape_type == "mask":
            return self._pixels(shape)
        if shape.shape_type == "circle":
            outline = _circle(shape.points)
        elif shape.shape_type in _OUTLINES:
            outline = shape.points
        else:
            raise ValueError(f"a shape of the type {shape.shape_type!r} has no area")
        return outline_mask(outline, width=self._width, height=self._height)

    def _box(self, points: Sequence[tuple[float, float]]) -> Box:
        # labelme writes two corners, X-AnyLabeling all four.
        if len(points) not in (2, 4):
            raise ValueError(f"a rectangle with {len(points)} corners")
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return box_from_edges(
            min(xs), min(ys), max(xs), max(ys), width=self._width, height=self._height
        )

    def _pixels(self, shape: _Shape) -> Mask:
        if shape.mask is None or len(shape.points) != 2:
            raise ValueError("a mask without pixels or without its two corners")
        corners = [coordinate for point in shape.points for coordinate in point]
        if not all(math.isfinite(coordinate) for coordinate in corners):
            raise ValueError("a corner that is not a number")
        left, top, right, bottom = (round(coordinate) for coordinate in corners)
        box = Box(left, top, right + 1, bottom + 1)
        if box.clipped(self._width, self._height) != box:
            raise ValueError("the mask lies outside the image")
        pixels = _decoded(shape.mask, box)
        return Mask.from_crop(pixels, box.left, box.top, height=self._height, width=self._width)


def _decoded(text: str, box: Box) -> np.ndarray[Any, np.dtype[np.bool_]]:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("the mask's pixels are no base64 text") from error
    # The size first: a picture of a few bytes can claim billions of pixels.
    if picture.read_size(io.BytesIO(data), name="the mask") != (box.width, box.height):
        raise ValueError("the mask's pixels do not fit its corners")
    return picture.decode_mask(data, name="the mask")


def _circle(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(points) != 2:
        raise ValueError(f"a circle with {len(points)} points")
    centre, edge = points
    radius = math.dist(centre, edge)
    return ellipse(centre, radius, radius)
