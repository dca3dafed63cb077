"""COCO instances: one JSON file with polygons or run lengths."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
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
from inspector_app.formats.label_files import known_image
from inspector_app.formats.naming import clean_name
from inspector_app.formats.placement import ImagePlacer
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
_IMAGES = "images"
_LARGEST_FILE_MB = 1024
_USUAL_PLACES = (
    ANNOTATION_FILE,
    "_annotations.coco.json",
    "annotations/instances_default.json",
)
"""Ours, Roboflow's, CVAT's."""
_FILE_OF_A_SPLIT = "*/_annotations.coco.json"
"""Roboflow's, with the images of each split beside it."""


# ---------------------------------------------------------------- export


def export_coco(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.REFERENCE,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write ``annotations.json``, and the images below ``images`` unless they are referenced.

    Masks become compressed run lengths, which hold every pixel; regions with a box only
    have an empty segmentation. Category ids are the class ids. File names are relative to the
    project's image folder, or to ``images``.
    """
    with staged_folder(out_folder) as staging:
        placer = ImagePlacer(placement)
        image_rows = []
        for number, image in enumerate(images, start=1):
            placer.place(image.image_path, staging / _IMAGES / image.relative_path)
            image_rows.append(_image_row(number, image))
            progress(number, len(images))
        content = _content(images, classes, image_rows)
        path = staging / ANNOTATION_FILE
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        _check(path, images, classes)
    count = len(content["annotations"])
    remarks = (*placer.remarks(), *unjudged_remark(images))
    return ExportReport(out_folder, len(images), count, remarks)


def _image_row(number: int, image: LabelledImage) -> dict[str, Any]:
    return {
        "id": number,
        "file_name": image.relative_path,
        "width": image.width,
        "height": image.height,
        "split": image.split.value,
    }


def _content(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    image_rows: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images, start=1):
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
    supercategory: str | None = None


class _Image(_Entry):
    id: int | str
    file_name: str
    width: int = 0
    height: int = 0
    extra: Any = None


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
    plans = [_Reader(file, image_sizes).plan() for file in _locate(path)]
    if len(plans) == 1:
        return plans[0]
    names = (name for plan in plans for name in plan.class_names)
    return ImportPlan(
        tuple(dict.fromkeys(names)),
        tuple(image for plan in plans for image in plan.images),
        Sentences(problem for plan in plans for problem in plan.problems).all(),
        path.name,
    )


def _locate(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    for place in _USUAL_PLACES:
        if (path / place).is_file():
            return [path / place]
    if splits := sorted(path.glob(_FILE_OF_A_SPLIT)):
        return splits
    found = sorted(path.glob("*.json")) or sorted(path.glob("annotations/*.json"))
    if len(found) != 1:
        raise BadDataError(
            f"{path}: {len(found)} JSON files that could hold the labels", "choose the file itself"
        )
    return found


class _Reader:
    """One pass over a file; bad entries are noted and left out."""

    def __init__(self, path: Path, image_sizes: ImageSizes) -> None:
        self._path = path
        self._image_sizes = image_sizes
        self._problems = Sentences()
        self._content = _load(path)

    def plan(self) -> ImportPlan:
        categories = self._categories()
        names = {number: category.name for number, category in categories.items()}
        images = self._images()
        used: set[int] = set()
        regions: dict[str, list[ImportedRegion]] = {}
        for index, annotation in self._entries("annotations", _Annotation):
            where = f"annotations[{index}]"
            used.add(annotation.category_id)
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
            _class_names(categories, used),
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

    def _categories(self) -> dict[int, _Category]:
        categories: dict[int, _Category] = {}
        for index, category in self._entries("categories", _Category):
            try:
                name = clean_class_name(category.name)
            except ValueError as error:
                self._note(f"categories[{index}]: {error}")
                continue
            categories[category.id] = category.model_copy(update={"name": name})
        return categories

    def _images(self) -> dict[int | str, _Image | None]:
        """Return images by id with the project's size; None for those that cannot be used."""
        images: dict[int | str, _Image | None] = {}
        copies: dict[str, list[int | str]] = {}
        for index, image in self._entries("images", _Image):
            images[image.id] = None
            try:
                found = self._known(image)
            except ValueError as error:
                self._note(f"images[{index}]: {error}")
                continue
            images[image.id] = found
            if found.file_name == _first_name(image) != clean_name(image.file_name):
                copies.setdefault(found.file_name, []).append(image.id)
        for name, ids in copies.items():
            if len(ids) > 1:
                # Augmented: mirrored or turned, and only Roboflow knows how.
                self._note(f"{len(ids)} images are copies of {name!r}; their labels are left out")
                images.update(dict.fromkeys(ids))
        if single := sum(len(ids) == 1 for ids in copies.values()):
            self._note(
                f"images found by the names they had before Roboflow: {single}; look at one, "
                "for the labels do not fit if Roboflow has turned or mirrored the images"
            )
        return images

    def _known(self, image: _Image) -> _Image:
        """Return the image as the project has it.

        Raises:
            ValueError: if it has no single one, or one of another size.
        """
        spelled = clean_name(image.file_name)
        # The second for names that the folders of several splits have.
        names = (spelled, f"{self._path.parent.name}/{spelled}", _first_name(image))
        name, (width, height) = known_image(names, (image.width, image.height), self._image_sizes)
        return _Image(id=image.id, file_name=name, width=width, height=height)

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


def _first_name(image: _Image) -> str:
    """Return the name that a file had before Roboflow gave it another one; empty if unknown."""
    name = image.extra.get("name") if isinstance(image.extra, dict) else None
    return clean_name(name) if isinstance(name, str) else ""


def _class_names(categories: Mapping[int, _Category], used: Collection[int]) -> tuple[str, ...]:
    """Return the names of the classes, less the row with which Roboflow groups them."""
    groups = {category.supercategory for category in categories.values()}
    return tuple(
        dict.fromkeys(
            category.name
            for number, category in categories.items()
            if number in used or category.supercategory != "none" or category.name not in groups
        )
    )


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
