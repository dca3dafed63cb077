"""MVTec AD's folders: train/good, test/<type> and ground_truth/<type>."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from inspector_app.domain import picture
from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.dataset import GOOD, Split
from inspector_app.domain.errors import BugError
from inspector_app.formats.base import (
    ExportReport,
    ImagePlacement,
    LabelledImage,
    ProgressCallback,
    no_progress,
)
from inspector_app.formats.naming import flat_names, folder_names, without_suffix
from inspector_app.formats.placement import ImagePlacer, refuse_reference
from inspector_app.formats.reading import Sentences
from inspector_app.formats.writing import (
    bare_box_remarks,
    class_names,
    staged_folder,
    union_of,
    write_png,
)

_SEVERAL_TYPES = "combined"
"""MVTec's name for parts with defects of more than one type."""
_UNKNOWN_TYPE = "defect"
_TRAIN, _TEST = f"train/{GOOD}", f"test/{GOOD}"


def export_mvtec(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.COPY,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Put the images into MVTec AD's layout and write one mask for each defective one.

    Good images keep their split; those without one are for training. Defective images are
    for testing, in the folder of their defect type, else of their regions' class. Images
    nobody has judged count as good in a data set without any defect and are left out of one
    that has some. File names are kept where they are unique in their folder.
    """
    refuse_reference(placement, "MVTec AD")
    placer = ImagePlacer(placement)
    remarks = Sentences()
    judged = _judged(images, remarks)
    folders = _folders(judged, class_names(classes))
    file_names = _file_names(folders)
    for remark in (*_remarks_on_places(judged, folders), *bare_box_remarks(judged)):
        remarks.add(remark)
    region_count = 0
    with staged_folder(out_folder) as staging:
        _make_folders(staging, set(folders.values()))
        for done, image in enumerate(judged, start=1):
            place, name = folders[image.relative_path], file_names[image.relative_path]
            placer.place(image.image_path, staging / place / name)
            if image.is_defective:
                mask_name = f"{without_suffix(name)}_mask.png"
                _write_mask(image, staging / _mask_folder(place) / mask_name)
                region_count += len(image.regions)
            progress(done, len(judged))
    report = (*placer.remarks(), *remarks.all())
    return ExportReport(out_folder, len(judged), region_count, report)


def _judged(images: Sequence[LabelledImage], remarks: Sentences) -> Sequence[LabelledImage]:
    judged = [image for image in images if image.is_defective is not None]
    unjudged = len(images) - len(judged)
    if not unjudged:
        return images
    if any(image.is_defective for image in judged):
        remarks.add(f"images nobody has judged, left out: {unjudged}")
        return judged
    remarks.add(f"images nobody has judged, written as good: {unjudged}")
    return images


def _folders(images: Sequence[LabelledImage], names: Mapping[int, str]) -> dict[str, str]:
    """Return each image's folder by its relative path."""
    types = {image.relative_path: _type_of(image, names) for image in images if image.is_defective}
    type_folders = folder_names(types.values())
    folders = {path: f"test/{type_folders[name]}" for path, name in types.items()}
    for image in images:
        folders.setdefault(image.relative_path, _TEST if image.split is Split.TEST else _TRAIN)
    return folders


def _type_of(image: LabelledImage, names: Mapping[int, str]) -> str:
    if image.defect_type not in ("", GOOD):
        return image.defect_type
    found = {names[region.class_id] for region in image.regions}
    if len(found) > 1:
        return _SEVERAL_TYPES
    return found.pop() if found else _UNKNOWN_TYPE


def _file_names(folders: Mapping[str, str]) -> dict[str, str]:
    """Return each image's file name: its own, or the flat one where its folder needs that."""
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for path, folder in folders.items():
        inside[folder].append(path)
    result: dict[str, str] = {}
    for paths in inside.values():
        own = {path: path.rpartition("/")[2] for path in paths}
        stems = {without_suffix(name).casefold() for name in own.values()}
        result.update(own if len(stems) == len(own) else flat_names(paths))
    return result


def _remarks_on_places(
    images: Sequence[LabelledImage], folders: Mapping[str, str]
) -> Sequence[str]:
    remarks: list[str] = []
    moved = sum(i.split is Split.VALIDATION and not i.is_defective for i in images)
    if moved:
        remarks.append(f"validation images, put into {_TRAIN}: {moved}")
    moved = sum(i.split in (Split.TRAIN, Split.VALIDATION) and bool(i.is_defective) for i in images)
    if moved:
        remarks.append(f"defective images of other splits, put into test: {moved}")
    if _TRAIN not in folders.values():
        remarks.append(f"{_TRAIN} is empty: no image of a good part is for training")
    for image in images:
        count = len(image.regions)
        if image.is_defective and not count:
            remarks.append(f"{image.relative_path}: no region says where; its mask is empty")
        elif count and not image.is_defective:
            remarks.append(f"{image.relative_path}: judged good, so its regions are left out")
    return remarks


def _make_folders(staging: Path, places: set[str]) -> None:
    for place in {_TRAIN, *places}:
        (staging / place).mkdir(parents=True)
        if place not in (_TRAIN, _TEST):
            (staging / _mask_folder(place)).mkdir(parents=True)


def _mask_folder(place: str) -> str:
    return f"ground_truth{place.removeprefix('test')}"


def _write_mask(image: LabelledImage, path: Path) -> None:
    pixels = union_of(image.regions, image).to_array()
    write_png(path, pixels.astype(np.uint8) * 255)
    if not np.array_equal(picture.decode_mask(path.read_bytes(), name=path.name), pixels):
        raise BugError(f"{path.name}: not the same when read back")
