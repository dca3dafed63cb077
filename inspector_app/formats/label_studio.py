"""Label Studio: one JSON file with all tasks.

Described at https://labelstud.io/guide/task_format and, for each kind of region, at
https://labelstud.io/tags. Coordinates are percents of the image.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, Field, ValidationError

from inspector_app.domain.dataset import IMAGE_SUFFIXES
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImageSizes, ImportedImage, ImportedRegion, ImportPlan
from inspector_app.formats.label_files import known_image
from inspector_app.formats.label_studio_brush import brush_pixels
from inspector_app.formats.naming import clean_name
from inspector_app.formats.reading import Sentences, box_from_edges, clean_class_name, read_bytes
from inspector_app.formats.shapes import corners, ellipse, masked_region, outline_mask, turned

_LARGEST_FILE_MB = 512
_REMEDY = "choose the file of a Label Studio export of the kind “JSON”"
_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
"""What Label Studio puts before the name of every uploaded file."""
_LARGEST_PERCENT = 1e6
_KINDS = frozenset({"rectangle", "polygon", "ellipse", "brush"})


class _Result(BaseModel):
    id: str = ""
    type: str
    value: dict[str, Any]
    original_width: int | None = None
    original_height: int | None = None
    image_rotation: float | None = 0
    item_index: int | None = 0

    @property
    def kind(self) -> str:
        return self.type.removesuffix("labels")

    @property
    def labels(self) -> list[str]:
        found = self.value.get(self.type)
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


class _Annotation(BaseModel):
    result: list[Any] = Field(default_factory=list)
    was_cancelled: bool | None = False
    created_at: str | None = None
    updated_at: str | None = None


class _Task(BaseModel):
    annotations: list[_Annotation]
    predictions: list[Any] = Field(default_factory=list)
    data: dict[str, Any] = Field(default_factory=dict)
    file_upload: str | None = None


def import_label_studio(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read an export of the kind “JSON”: rectangles, polygons, ellipses and brush strokes.

    Turned rectangles become masks. Of several annotations of an image the latest that was not
    skipped is taken. What has no area, and predictions, are left out and counted.

    Raises:
        BadDataError: if it cannot be read at all.
    """
    return _Reader(_locate(path), image_sizes).plan()


def _locate(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = sorted(path.glob("*.json"))
    if len(found) != 1:
        raise BadDataError(
            f"{path}: {len(found)} JSON files that could hold the labels", "choose the file itself"
        )
    return found[0]


def _load(path: Path) -> list[Any]:
    try:
        content = json.loads(read_bytes(path, limit_mb=_LARGEST_FILE_MB))
    except (ValueError, RecursionError) as error:
        raise BadDataError(f"{path}: not a JSON file ({error})", _REMEDY) from error
    tasks = content if isinstance(content, list) else []
    if not any(isinstance(task, dict) and "annotations" in task for task in tasks):
        raise BadDataError(f"{path}: no list of tasks with annotations in it", _REMEDY)
    return tasks


class _Reader:
    """One pass over a file; bad entries are noted and left out."""

    def __init__(self, path: Path, image_sizes: ImageSizes) -> None:
        self._path = path
        self._image_sizes = image_sizes
        self._problems = Sentences()
        self._left_out: Counter[str] = Counter()

    def plan(self) -> ImportPlan:
        images: list[ImportedImage] = []
        for index, entry in enumerate(_load(self._path)):
            try:
                image = self._read_task(_Task.model_validate(entry), f"[{index}]")
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(str(part) for part in first["loc"]) or "entry"
                self._note(f"[{index}]: {place}: {first['msg']}")
                continue
            except ValueError as error:
                self._note(f"[{index}]: {error}")
                continue
            if image is not None:
                images.append(image)
        for kind, count in sorted(self._left_out.items()):
            self._note(f"{kind} that are left out: {count}")
        names = (region.class_name for image in images for region in image.regions)
        return ImportPlan(
            tuple(dict.fromkeys(names)), tuple(images), self._problems.all(), self._path.name
        )

    def _note(self, sentence: str) -> None:
        self._problems.add(f"{self._path.name}: {sentence}")

    def _read_task(self, task: _Task, where: str) -> ImportedImage | None:
        self._count("predictions", len(task.predictions))
        annotation = self._latest(task.annotations, where)
        if annotation is None:
            return None
        name, size = known_image(_image_names(task), None, self._image_sizes)
        regions = tuple(self._regions(annotation.result, size, where))
        return ImportedImage(name, regions) if regions else None

    def _count(self, kind: str, count: int = 1) -> None:
        if count:
            self._left_out[kind] += count

    def _latest(self, annotations: Sequence[_Annotation], where: str) -> _Annotation | None:
        done = [annotation for annotation in annotations if not annotation.was_cancelled]
        self._count("skipped annotations", len(annotations) - len(done))
        if len(done) > 1:
            self._note(f"{where}: {len(done)} annotations of one image; the latest is taken")
        # Times are in ISO 8601 and UTC, so their order is that of their characters.
        return max(done, key=lambda a: a.updated_at or a.created_at or "", default=None)

    def _regions(
        self, entries: Sequence[Any], size: tuple[int, int], where: str
    ) -> Iterator[ImportedRegion]:
        results: dict[int, _Result] = {}
        for index, entry in enumerate(entries):
            try:
                results[index] = _Result.model_validate(entry)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                self._note(f"{where}.result[{index}]: {first['msg']}")
        # Where labels and shapes are two tags, they are two results with the same id.
        labels = {r.id: r.labels for r in results.values() if r.type == "labels"}
        for index, result in results.items():
            if result.type == "labels":
                continue
            if result.kind not in _KINDS:
                self._count(f"results of the type “{result.type}”")
                continue
            try:
                yield from _read_result(result, result.labels or labels.get(result.id, ()), size)
            except ValueError as error:
                self._note(f"{where}.result[{index}]: {error}")


def _image_names(task: _Task) -> Iterator[str]:
    """Give the names that the task's image can have in the project, likely ones first."""
    others = (text for key, text in task.data.items() if key != "image" and _is_image_name(text))
    for text in (task.file_upload, task.data.get("image"), *others):
        if not isinstance(text, str):
            continue
        name = clean_name(_path_in(text))
        yield name
        folder, _, last = name.rpartition("/")
        yield f"{folder}/{_UPLOAD_PREFIX.sub('', last)}".lstrip("/")


def _is_image_name(text: object) -> bool:
    return isinstance(text, str) and Path(_path_in(text)).suffix.lower() in IMAGE_SUFFIXES


def _path_in(text: str) -> str:
    """Return the path of an address or of a file on the server (``…/local-files/?d=path``)."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if local := parse_qs(parts.query).get("d"):
        return local[0]
    return unquote(parts.path) if parts.scheme or text.startswith("/data/") else text


def _read_result(
    result: _Result, labels: Sequence[str], size: tuple[int, int]
) -> list[ImportedRegion]:
    """Return a region for each label of a result.

    Raises:
        ValueError: if it covers no pixels of the image, or is not of this image.
    """
    width, height = size
    names = [clean_class_name(label) for label in labels]
    if not names:
        raise ValueError("a region without a label")
    if result.item_index:
        raise ValueError("it belongs to a further image of the task")
    if result.image_rotation:
        raise ValueError("the image was turned in Label Studio")
    stated = (result.original_width or width, result.original_height or height)
    if stated != size:
        raise ValueError(
            f"its image is {stated[0]}×{stated[1]} px here but {width}×{height} px in the project"
        )
    if result.kind == "rectangle" and not result.value.get("rotation"):
        left, top, right, bottom = _edges(result.value, width, height)
        box = box_from_edges(left, top, right, bottom, width=width, height=height)
        return [ImportedRegion(name, box, None) for name in names]
    mask = _mask(result, width, height)
    return [masked_region(name, mask) for name in names]


def _edges(value: Mapping[str, Any], width: int, height: int) -> tuple[float, float, float, float]:
    left, top = _number(value, "x") * width / 100, _number(value, "y") * height / 100
    right = left + _number(value, "width") * width / 100
    return left, top, right, top + _number(value, "height") * height / 100


def _mask(result: _Result, width: int, height: int) -> Mask:
    value = result.value
    if result.kind == "brush":
        return _brush(value, width, height)
    if result.kind == "polygon":
        points = [
            (x * width / 100, y * height / 100) for x, y in map(_pair, _list(value, "points"))
        ]
        return outline_mask(points, width=width, height=height)
    angle_deg = _number(value, "rotation", 0)
    if result.kind == "ellipse":
        centre = (_number(value, "x") * width / 100, _number(value, "y") * height / 100)
        radius_x = _number(value, "radiusX") * width / 100
        radius_y = _number(value, "radiusY") * height / 100
        points = ellipse(centre, radius_x, radius_y, angle_deg)
        return outline_mask(points, width=width, height=height)
    left, top, right, bottom = _edges(value, width, height)
    # Rectangles turn around their top left corner, ellipses around their centre.
    points = turned(corners(left, top, right, bottom), (left, top), angle_deg)
    return outline_mask(points, width=width, height=height)


def _brush(value: Mapping[str, Any], width: int, height: int) -> Mask:
    packed = _list(value, "rle")
    try:
        data = bytes(packed)
    except (TypeError, ValueError) as error:
        raise ValueError("the brush's pixels are no bytes") from error
    return Mask.from_array(brush_pixels(data, width=width, height=height))


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    if not isinstance(found, list):
        raise ValueError(f"no list of {name}")
    return found


def _pair(point: object) -> tuple[float, float]:
    if not (isinstance(point, list) and len(point) == 2):
        raise ValueError("a corner that is not two numbers")
    return _float(point[0], "a corner"), _float(point[1], "a corner")


def _number(value: Mapping[str, Any], name: str, default: float | None = None) -> float:
    return _float(value.get(name, default), name)


def _float(number: object, name: str) -> float:
    if not isinstance(number, int | float) or abs(number) > _LARGEST_PERCENT:
        raise ValueError(f"{name} is no number that a position can have")
    return float(number)
