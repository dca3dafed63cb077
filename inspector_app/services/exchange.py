"""Import into and export from a project. No Qt: the command line uses it too."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inspector_app import formats
from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.tiff_pages import file_and_page
from inspector_app.formats.base import (
    ExportReport,
    ImagePlacement,
    ImportPlan,
    LabelledImage,
    ProgressCallback,
    no_progress,
)
from inspector_app.formats.naming import ImageMatcher
from inspector_app.formats.placement import PLACEMENTS
from inspector_app.formats.reading import Sentences, image_size, reason
from inspector_app.store import annotations
from inspector_app.store.classes import freeze_classes
from inspector_app.store.project import Project, utc_now

EXPORT_FORMATS = ("coco", "yolo-detect", "yolo-segment", "voc", "masks", "mvtec", "labelme", "cvat")
IMPORT_FORMATS = ("coco", "yolo", "voc", "masks", "labelme", "cvat", "label-studio", "isat")
"""Names only: the formats themselves are loaded when one is used."""

_WRITING_PIXELS = frozenset({"masks", "mvtec"})
_LARGEST_MASK_PX = 2**30
"""OpenCV's own limit for an image."""
_Content = tuple[int, Box, Mask | None]
"""What makes a region the same as another one: class id, box and mask."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came into the project."""

    image_count: int
    region_count: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would bring, before anything is changed."""

    image_count: int
    regions_by_class: dict[str, int]
    new_classes: tuple[str, ...]
    known_count: int
    """Regions that stay out: there already, twice in the file, or on images not in the project."""
    problems: tuple[str, ...]

    @property
    def region_count(self) -> int:
        return sum(self.regions_by_class.values())


# ---------------------------------------------------------------- export


def export_project(
    project: Project,
    format_name: str,
    out_folder: Path,
    *,
    placement: ImagePlacement | None = None,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write the project's labels in a format.

    Images that cannot be read are left out and named in the report's remarks.

    Args:
        placement: what happens to the image files; None for what is usual with the format.

    Raises:
        BadDataError: if the format is unknown or cannot have its images there, or the folder
            cannot be written or is not empty.
        DiskFullError: if the disk is full; nothing half-written remains.
    """
    _refuse_unknown(format_name, EXPORT_FORMATS)
    remarks = Sentences()
    images = list(_labelled_images(project, remarks))
    if not images:
        raise BadDataError(f"{project.image_folder}: no image can be read", "put the images back")
    placement = placement or PLACEMENTS[format_name][0]
    if placement is ImagePlacement.REFERENCE:
        _tell_of_pages(images, remarks)
    if format_name not in formats.IGNORING:
        images = _without_ignored(images, remarks)
    if format_name in _WRITING_PIXELS:
        images = _without_huge(images, remarks)
    report = formats.EXPORTERS[format_name](
        images,
        project.classes(with_retired=True),
        out_folder,
        placement=placement,
        progress=progress,
    )
    if not project.is_read_only:
        freeze_classes(project)
    return replace(report, remarks=(*remarks.all(), *report.remarks))


def _refuse_unknown(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise BadDataError(f"unknown format {name!r}", f"choose one of {', '.join(known)}")


def _without_ignored(images: list[LabelledImage], remarks: Sentences) -> list[LabelledImage]:
    count = sum(region.is_ignored for image in images for region in image.regions)
    if not count:
        return images
    remarks.add(
        f"regions to be ignored, which this format cannot say and which are left out: {count}"
    )
    return [
        replace(image, regions=tuple(r for r in image.regions if not r.is_ignored))
        for image in images
    ]


def _tell_of_pages(images: list[LabelledImage], remarks: Sentences) -> None:
    for image in images:
        _, page = file_and_page(image.image_path)
        if page > 1:
            remarks.add(
                f"{image.relative_path}: what is marked belongs to page {page}, programs that "
                "are led to the file show the first; copy the images instead"
            )


def _without_huge(images: list[LabelledImage], remarks: Sentences) -> list[LabelledImage]:
    for image in images:
        if image.width * image.height > _LARGEST_MASK_PX:
            remarks.add(
                f"{image.relative_path}: too large for this format, which writes a picture of its "
                "size; left out (COCO, YOLO and labelme can hold it)"
            )
    return [image for image in images if image.width * image.height <= _LARGEST_MASK_PX]


def _labelled_images(project: Project, remarks: Sentences) -> Iterator[LabelledImage]:
    labelled = annotations.images_with_regions(project)
    for record in project.images():
        regions: tuple[Region, ...] = ()
        if record.id in labelled:
            regions = annotations.load_document(project, record.id).regions
        try:
            width, height = image_size(project.image_path(record))
        except BadDataError as error:
            remarks.add(f"{error.message}; left out")
            continue
        yield LabelledImage(
            image_path=project.image_path(record),
            relative_path=record.relative_path,
            width=width,
            height=height,
            split=record.split,
            defect_type=record.defect_type,
            verdict=record.verdict,
            regions=tuple(_fitting(regions, record, (width, height), remarks)),
        )


def _fitting(
    regions: tuple[Region, ...], record: ImageRecord, size: tuple[int, int], remarks: Sentences
) -> Iterator[Region]:
    """Give the regions that the image can have; the file may have been replaced since."""
    for number, region in enumerate(regions, start=1):
        where = f"{record.relative_path}: region {number}"
        box = region.box.clipped(*size)
        if region.mask is not None and (region.mask.width, region.mask.height) != size:
            remarks.add(f"{where} was drawn on an image of another size; left out")
        elif box is None:
            remarks.add(f"{where} lies outside the image; left out")
        else:
            yield replace(region, box=box)


# ---------------------------------------------------------------- import


def plan_import(project: Project, format_name: str, path: Path) -> ImportPlan:
    """Read a label file or folder without changing the project.

    Raises:
        BadDataError: if it cannot be read.
    """
    _refuse_unknown(format_name, IMPORT_FORMATS)
    paths = {record.relative_path: project.image_path(record) for record in project.images()}
    matcher = ImageMatcher(paths)
    unreadable = Sentences()
    sizes: dict[str, tuple[int, int] | None] = {}

    def size_of(name: str) -> tuple[int, int] | None:
        found = matcher.match(name)
        if found is None:
            return None
        if found not in sizes:
            sizes[found] = _size_or_none(paths[found], unreadable)
        return sizes[found]

    plan = formats.IMPORTERS[format_name](path, size_of)
    return replace(plan, problems=(*unreadable.all(), *plan.problems))


def _size_or_none(path: Path, unreadable: Sentences) -> tuple[int, int] | None:
    try:
        return image_size(path)
    except BadDataError as error:
        unreadable.add(reason(error))
        return None


def preview_import(project: Project, plan: ImportPlan) -> ImportPreview:
    """Return what `perform_import` would do; nothing is changed."""
    there = {defect_class.name: defect_class.id for defect_class in project.classes()}
    # Ids that no class has stand for those that would be made.
    made = (name for name in plan.class_names if name not in there)
    class_ids = there | {name: -number for number, name in enumerate(made, 1)}
    added, problems = _additions(project, plan, class_ids)
    names = {number: name for name, number in class_ids.items()}
    return ImportPreview(
        image_count=len({image_id for image_id, _ in added}),
        regions_by_class=dict(Counter(names[region.class_id] for _, region in added)),
        new_classes=tuple(name for name, number in class_ids.items() if number < 0),
        known_count=sum(len(image.regions) for image in plan.images) - len(added),
        problems=problems,
    )


def perform_import(project: Project, plan: ImportPlan) -> ImportReport:
    """Enter a plan's classes and regions in one transaction.

    Regions equal to one already there (class, box and mask) are not added twice.
    """
    with project.transaction() as connection:
        class_ids = {name: project.add_class(name).id for name in plan.class_names}
        added, problems = _additions(project, plan, class_ids)
        count = annotations.insert_regions(connection, added)
    return ImportReport(len({image_id for image_id, _ in added}), count, problems)


def _additions(
    project: Project, plan: ImportPlan, class_ids: Mapping[str, int]
) -> tuple[list[tuple[int, Region]], tuple[str, ...]]:
    """Return the (image id, region) pairs that a plan adds, and the problems."""
    images = {record.relative_path: record.id for record in project.images()}
    matcher = ImageMatcher(images)
    problems = Sentences(plan.problems)
    new: dict[int, dict[_Content, Region]] = {}
    for image in plan.images:
        path = matcher.match(image.image_name)
        if path is None:
            problems.add(f"{image.image_name}: not in the project")
            continue
        found = new.setdefault(images[path], {})
        for region in image.regions:
            content = (class_ids[region.class_name], region.box, region.mask)
            found.setdefault(
                content, _new_region(*content, plan.source, is_ignored=region.is_ignored)
            )
    return list(_without_known(project, new)), problems.all()


def _new_region(
    class_id: int, box: Box, mask: Mask | None, source: str, *, is_ignored: bool
) -> Region:
    return Region(
        id=uuid.uuid4().hex,
        class_id=class_id,
        box=box,
        mask=mask,
        author=Author.IMPORTED,
        author_detail=source,
        created_at=utc_now(),
        is_ignored=is_ignored,
    )


def _without_known(
    project: Project, new: Mapping[int, Mapping[_Content, Region]]
) -> Iterator[tuple[int, Region]]:
    for image_id, found in new.items():
        there = annotations.load_document(project, image_id).regions
        known = {(region.class_id, region.box, region.mask) for region in there}
        for content, region in found.items():
            if content not in known:
                yield image_id, region
