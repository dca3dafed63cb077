"""COCO instances: one JSON file with polygons or run lengths."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import (
    ExportReport,
    ImageSizes,
    ImportedImage,
    ImportedRegion,
    ImportPlan,
    LabelledImage,
    ProgressCallback,
    no_progress,
)
from inspector_app.formats.naming import clean_name
from inspector_app.formats.reading import (
    Sentences,
    box_from_edges,
    canonical,
    clean_class_name,
    mask_from_polygons,
    read_bytes,
)
from inspector_app.formats.writing import (
    check_written,
    class_names,
    staged_folder,
    unjudged_remark,
)

ANNOTATION_FILE = "annotations.json"
_LARGEST_FILE_MB = 1024
_USUAL_PLACES = (
    ANNOTATION_FILE,
    "_annotations.coco.json",
    "annotations/instances_default.json",
)
"""Ours, Roboflow's, CVAT's."""


# ---------------------------------------------------------------- export


def export_coco(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write ``annotations.json``; file names are relative to the project's image folder.

    Masks become compressed run lengths, which hold every pixel; regions with a box only
    have an empty segmentation. Category ids are the class ids. Images are not copied.
    """
    with staged_folder(out_folder) as staging:
        content = _content(images, classes, progress)
        path = staging / ANNOTATION_FILE
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        _check(path, images, classes)
    count = len(content["annotations"])
    return ExportReport(out_folder, len(images), count, unjudged_remark(images))


def _content(
    images: Sequence[LabelledImage], classes: Sequence[DefectClass], progress: ProgressCallback
) -> dict[str, Any]:
    image_rows: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images, start=1):
        image_rows.append(
            {
                "id": number,
                "file_name": image.relative_path,
                "width": image.width,
                "height": image.height,
                "split": image.split.value,
            }
        )
        for region in image.regions:
            box, mask = region.box, region.mask
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": region.class_id,
                    # Right and bottom are exclusive: width is right - left, no +1.
                    "bbox": [box.left, box.top, box.width, box.height],
                    "area": mask.area if mask else box.area,
                    "segmentation": mask.rle if mask else [],
                    # pycocotools leaves crowds out of its figures, whatever "ignore" says. Only
                    # the latter is read back: others write every run-length mask as a crowd.
                    "iscrowd": int(region.is_ignored),
                    **({"ignore": 1} if region.is_ignored else {}),
                }
            )
        progress(number, len(images))
    return {
        "info": {"description": "Inspector"},
        "licenses": [],
        "categories": [{"id": c.id, "name": c.name, "supercategory": "defect"} for c in classes],
        "images": image_rows,
        "annotations": annotations,
    }


def _check(path: Path, images: Sequence[LabelledImage], classes: Sequence[DefectClass]) -> None:
    names = class_names(classes)
    sizes = {clean_name(image.relative_path): (image.width, image.height) for image in images}
    expected = {
        clean_name(image.relative_path): [
            ImportedRegion(names[region.class_id], region.box, region.mask, region.is_ignored)
            for region in image.regions
        ]
        for image in images
    }
    check_written(expected, import_coco(path, sizes.get))


# ---------------------------------------------------------------- import


class _Entry(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class _Category(_Entry):
    id: int
    name: str


class _Image(_Entry):
    id: int | str
    file_name: str
    width: int = 0
    height: int = 0


class _Rle(_Entry):
    size: tuple[int, int]
    counts: str | list[int]


class _Annotation(_Entry):
    image_id: int | str
    category_id: int
    bbox: tuple[float, float, float, float] | None = None
    segmentation: _Rle | list[list[float]] | None = None
    ignore: int = 0


_EntryType = TypeVar("_EntryType", bound=_Entry)


def import_coco(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read a COCO file, or a folder with one: polygons, run lengths, crowds, and bare boxes.

    Raises:
        BadDataError: if it cannot be read at all.
    """
    file = _locate(path)
    return _Reader(file, image_sizes).plan()


def _locate(path: Path) -> Path:
    if not path.is_dir():
        return path
    for place in _USUAL_PLACES:
        if (path / place).is_file():
            return path / place
    found = sorted(path.glob("*.json")) or sorted(path.glob("annotations/*.json"))
    if len(found) != 1:
        raise BadDataError(
            f"{path}: {len(found)} JSON files that could hold the labels", "choose the file itself"
        )
    return found[0]


class _Reader:
    """One pass over a file; bad entries are noted and left out."""

    def __init__(self, path: Path, image_sizes: ImageSizes) -> None:
        self._path = path
        self._image_sizes = image_sizes
        self._problems = Sentences()
        self._content = _load(path)

    def plan(self) -> ImportPlan:
        names = self._class_names()
        images = self._images()
        regions: dict[str, list[ImportedRegion]] = {}
        for index, annotation in self._entries("annotations", _Annotation):
            where = f"annotations[{index}]"
            if annotation.image_id not in images:
                self._note(f"{where}: unknown image {annotation.image_id}")
                continue
            image = images[annotation.image_id]
            if image is None:
                continue
            if annotation.category_id not in names:
                self._note(f"{where}: unknown category {annotation.category_id}")
                continue
            try:
                region = self._region(annotation, names[annotation.category_id], image, where)
            except ValueError as error:
                self._note(f"{where}: {error}")
                continue
            regions.setdefault(image.file_name, []).append(region)
        return ImportPlan(
            tuple(dict.fromkeys(names.values())),
            tuple(ImportedImage(name, tuple(found)) for name, found in regions.items()),
            self._problems.all(),
            self._path.name,
        )

    def _note(self, sentence: str) -> None:
        self._problems.add(f"{self._path.name}: {sentence}")

    def _entries(self, key: str, kind: type[_EntryType]) -> Iterator[tuple[int, _EntryType]]:
        for index, raw in enumerate(self._content[key]):
            try:
                yield index, kind.model_validate(raw)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(str(part) for part in first["loc"]) or "entry"
                self._note(f"{key}[{index}]: {place}: {first['msg']}")

    def _class_names(self) -> dict[int, str]:
        names: dict[int, str] = {}
        for index, category in self._entries("categories", _Category):
            try:
                names[category.id] = clean_class_name(category.name)
            except ValueError as error:
                self._note(f"categories[{index}]: {error}")
        return names

    def _images(self) -> dict[int | str, _Image | None]:
        """Return images by id with the project's size; None for those that cannot be used."""
        images: dict[int | str, _Image | None] = {}
        for index, image in self._entries("images", _Image):
            name = clean_name(image.file_name)
            size = self._image_sizes(name)
            images[image.id] = None
            if size is None:
                self._note(
                    f"images[{index}]: no single image of the project is {image.file_name!r}"
                )
            elif image.width > 0 and image.height > 0 and size != (image.width, image.height):
                self._note(
                    f"images[{index}]: {image.file_name!r} is {image.width}×{image.height} px here "
                    f"but {size[0]}×{size[1]} px in the project"
                )
            else:
                images[image.id] = _Image(
                    id=image.id, file_name=name, width=size[0], height=size[1]
                )
        return images

    def _region(
        self, annotation: _Annotation, class_name: str, image: _Image, where: str
    ) -> ImportedRegion:
        is_ignored = bool(annotation.ignore)
        if annotation.segmentation:
            mask = _mask(annotation.segmentation, image)
            if mask.box is not None:
                return ImportedRegion(class_name, mask.box, canonical(mask), is_ignored)
            if annotation.bbox is None:
                raise ValueError("the segmentation covers no pixel")
            self._note(f"{where}: the segmentation covers no pixel; only its box is taken")
        if annotation.bbox is None:
            raise ValueError("neither a segmentation nor a box")
        return ImportedRegion(class_name, _box(annotation.bbox, image), None, is_ignored)


def _load(path: Path) -> Mapping[str, list[Any]]:
    data = read_bytes(path, limit_mb=_LARGEST_FILE_MB)
    remedy = "choose a COCO file with images, annotations and categories"
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadDataError(f"{path}: not a JSON file ({error})", remedy) from error
    if not isinstance(content, dict):
        raise BadDataError(f"{path}: no COCO file", remedy)
    for key in ("images", "annotations", "categories"):
        if not isinstance(content.get(key), list):
            raise BadDataError(f"{path}: no list of {key} in it", remedy)
    return content


def _mask(segmentation: _Rle | list[list[float]], image: _Image) -> Mask:
    if isinstance(segmentation, list):
        return mask_from_polygons(segmentation, width=image.width, height=image.height)
    # Before anything is decoded: a hostile size would be allocated.
    if segmentation.size != (image.height, image.width):
        height, width = segmentation.size
        raise ValueError(f"a mask of {width}×{height} px on {image.width}×{image.height} px")
    return Mask.from_rle(segmentation.model_dump())


def _box(bbox: tuple[float, float, float, float], image: _Image) -> Box:
    left, top, width, height = bbox
    return box_from_edges(
        left, top, left + width, top + height, width=image.width, height=image.height
    )
