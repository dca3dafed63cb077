"""PNG masks: our own class images, MVTec's ground truth, and masks named like their image."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ValidationError

from inspector_app.domain import picture
from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.dataset import GOOD
from inspector_app.domain.errors import BadDataError
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
from inspector_app.formats.naming import class_of_folders, clean_name, flat_names, without_suffix
from inspector_app.formats.placement import ImagePlacer
from inspector_app.formats.reading import (
    Sentences,
    clean_class_name,
    files_below,
    read_bytes,
    reason,
)
from inspector_app.formats.writing import (
    bare_box_remarks,
    check_written,
    class_names,
    pixels_of,
    staged_folder,
    unjudged_remark,
    write_png,
)

CLASSES_FILE = "classes.json"
_LARGEST_FILE_MB = 1024
_MASK_SUFFIX = "_mask"
_GROUND_TRUTH = "ground_truth"


class _Class(BaseModel):
    id: int
    name: str
    colour: str = ""


class _RegionFile(BaseModel):
    class_id: int
    file: str


class _ImageEntry(BaseModel):
    image: str
    mask: str
    """8-bit indexed (16-bit grey from class 256 on): the id of the uppermost region's class."""
    regions: list[_RegionFile] = []
    """One binary image each, where `mask` alone cannot tell the regions apart."""


class _Manifest(BaseModel):
    """``classes.json``: the classes, and which file belongs to which image."""

    format: Literal["inspector-masks"] = "inspector-masks"
    version: Literal[1] = 1
    classes: list[_Class]
    images: list[_ImageEntry]


# ---------------------------------------------------------------- export


def export_masks(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.REFERENCE,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write ``masks/<flat name>.png`` for every image, and ``classes.json``.

    A mask holds class ids, 0 where there is no defect. Where that loses something, because
    regions overlap or two have the same class, ``regions/<flat name>__<number>.png`` hold
    one region each. Bare boxes become rectangles; the report names each of them. Images that are
    not only referenced go to ``images/<flat name>``.
    """
    remarks = Sentences([*unjudged_remark(images), *bare_box_remarks(images)])
    names = class_names(classes)
    expected: dict[str, list[ImportedRegion]] = {}
    placer = ImagePlacer(placement)
    with staged_folder(out_folder) as staging:
        writer = _Writer(staging, images, classes, placer)
        for done, image in enumerate(images, start=1):
            masks = [pixels_of(region, image) for region in image.regions]
            writer.write(image, masks)
            expected[clean_name(image.relative_path)] = [
                ImportedRegion(names[region.class_id], region.box, mask)
                for region, mask in zip(image.regions, masks, strict=True)
            ]
            progress(done, len(images))
        writer.finish()
        sizes = {clean_name(image.relative_path): (image.width, image.height) for image in images}
        check_written(expected, import_masks(staging, sizes.get))
    region_count = sum(map(len, expected.values()))
    report = (*placer.remarks(), *remarks.all())
    return ExportReport(out_folder, len(images), region_count, report)


class _Writer:
    def __init__(
        self,
        folder: Path,
        images: Sequence[LabelledImage],
        classes: Sequence[DefectClass],
        placer: ImagePlacer,
    ) -> None:
        self._folder = folder
        self._placer = placer
        self._flat_names = flat_names(image.relative_path for image in images)
        entries = [_Class(id=c.id, name=c.name, colour=c.colour) for c in classes]
        self._manifest = _Manifest(classes=entries, images=[])
        self._palette = _palette(classes)
        (folder / "masks").mkdir()

    def write(self, image: LabelledImage, masks: Sequence[Mask]) -> None:
        file = self._flat_names[image.relative_path]
        self._placer.place(image.image_path, self._folder / "images" / file)
        name = without_suffix(file)
        entry = _ImageEntry(image=image.relative_path, mask=f"masks/{name}.png")
        classes = np.zeros((image.height, image.width), np.uint8 if self._palette else np.uint16)
        for region, mask in zip(image.regions, masks, strict=True):
            classes[mask.to_array()] = region.class_id
        write_png(self._folder / entry.mask, classes, self._palette)
        if not _tells_apart(classes, image.regions, masks):
            entry.regions.extend(self._write_regions(name, image.regions, masks))
        self._manifest.images.append(entry)

    def _write_regions(
        self, name: str, regions: Sequence[Region], masks: Sequence[Mask]
    ) -> list[_RegionFile]:
        (self._folder / "regions").mkdir(exist_ok=True)
        files: list[_RegionFile] = []
        for number, (region, mask) in enumerate(zip(regions, masks, strict=True), start=1):
            file = f"regions/{name}__{number:02d}.png"
            write_png(self._folder / file, mask.to_array().astype(np.uint8) * 255)
            files.append(_RegionFile(class_id=region.class_id, file=file))
        return files

    def finish(self) -> None:
        text = self._manifest.model_dump_json(indent=1, exclude_defaults=False)
        (self._folder / CLASSES_FILE).write_text(text + "\n", encoding="utf-8")


def _palette(classes: Sequence[DefectClass]) -> list[int]:
    """Return the colours by class id, empty where the ids do not fit into 8 bits."""
    if any(defect_class.id > 255 for defect_class in classes):
        return []
    palette = [0] * 768
    for defect_class in classes:
        at = 3 * defect_class.id
        palette[at : at + 3] = bytes.fromhex(defect_class.colour.removeprefix("#"))
    return palette


def _tells_apart(
    classes: NDArray[np.generic], regions: Sequence[Region], masks: Sequence[Mask]
) -> bool:
    is_overlapping = np.count_nonzero(classes) < sum(mask.area for mask in masks)
    return not is_overlapping and len({region.class_id for region in regions}) == len(regions)


# ---------------------------------------------------------------- import


def import_masks(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read a folder of PNG masks.

    A folder with our ``classes.json`` gives back what was exported. Any other holds binary
    masks, one region each: those that end in ``_mask`` if there are such, else all of them.
    Their class is their folder's name.

    Raises:
        BadDataError: if there are no masks.
    """
    if path.name == CLASSES_FILE and path.is_file():
        path = path.parent
    if (path / CLASSES_FILE).is_file():
        return _read_export(path, image_sizes)
    return _read_binary_masks(path, image_sizes)


def _read_export(folder: Path, image_sizes: ImageSizes) -> ImportPlan:
    path = folder / CLASSES_FILE
    try:
        manifest = _Manifest.model_validate_json(read_bytes(path, limit_mb=_LARGEST_FILE_MB))
        names = {entry.id: clean_class_name(entry.name) for entry in manifest.classes}
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        raise BadDataError(
            f"{path}: not written by Inspector ({place}: {first['msg']})", "choose another folder"
        ) from error
    except ValueError as error:
        raise BadDataError(f"{path}: {error}", "choose another folder") from error
    problems = Sentences()
    images: list[ImportedImage] = []
    for index, entry in enumerate(manifest.images):
        name = clean_name(entry.image)
        size = image_sizes(name)
        if size is None:
            problems.add(f"images[{index}]: no single image of the project is {entry.image!r}")
            continue
        try:
            regions = _regions_of_entry(folder, entry, names, size)
        except (BadDataError, ValueError) as error:
            problems.add(f"images[{index}] {entry.image!r}: {reason(error)}")
            continue
        if regions:
            images.append(ImportedImage(name, regions))
    return ImportPlan(
        tuple(dict.fromkeys(names.values())), tuple(images), problems.all(), folder.name
    )


def _regions_of_entry(
    folder: Path, entry: _ImageEntry, names: Mapping[int, str], size: tuple[int, int]
) -> tuple[ImportedRegion, ...]:
    if entry.regions:
        return tuple(
            _region(_class_name(names, file.class_id), _read_mask(folder, file.file, size))
            for file in entry.regions
        )
    classes = _read_class_image(folder, entry.mask, size)
    return tuple(
        _region(_class_name(names, int(class_id)), classes == class_id)
        for class_id in np.unique(classes)
        if class_id
    )


def _class_name(names: Mapping[int, str], class_id: int) -> str:
    if class_id not in names:
        raise ValueError(f"unknown class {class_id}")
    return names[class_id]


def _region(class_name: str, pixels: NDArray[np.bool_]) -> ImportedRegion:
    mask = Mask.from_array(pixels)
    if mask.box is None:
        raise ValueError("the mask is empty")
    return ImportedRegion(class_name, mask.box, mask)


def _read_binary_masks(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    folder, files = _find_binary_masks(path)
    problems = Sentences()
    images: list[ImportedImage] = []
    for file in files:
        # The folder's own name tells images of several folders apart, too.
        name = f"{folder.name}/{without_suffix(file).removesuffix(_MASK_SUFFIX)}"
        class_name = class_of_folders([folder.parent.name, folder.name], file.split("/")[:-1])
        size = image_sizes(name)
        if size is None:
            problems.add(f"{file}: no single image of the project has this name")
            continue
        try:
            pixels = _read_mask(folder, file, size)
            if class_name == GOOD:
                _refuse_defects(pixels)
            else:
                images.append(ImportedImage(name, (_region(class_name, pixels),)))
        except (BadDataError, ValueError) as error:
            problems.add(f"{file}: {reason(error)}")
    found = (image.regions[0].class_name for image in images)
    return ImportPlan(tuple(dict.fromkeys(found)), tuple(images), problems.all(), path.name)


def _find_binary_masks(path: Path) -> tuple[Path, list[str]]:
    if path.is_file():
        return path.parent, [path.name]
    folder = path / _GROUND_TRUTH if (path / _GROUND_TRUTH).is_dir() else path
    files = files_below(folder, frozenset({".png"}))
    named = [file for file in files if without_suffix(file).endswith(_MASK_SUFFIX)]
    if not files:
        raise BadDataError(f"{folder}: no PNG files below it", "choose the folder of the masks")
    return folder.resolve(), named or files


def _refuse_defects(pixels: NDArray[np.bool_]) -> None:
    if pixels.any():
        raise ValueError("the mask is not empty, but its folder says good")


def _read_mask(folder: Path, file: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    data = read_bytes(folder / clean_name(file), limit_mb=_LARGEST_FILE_MB)
    image = _open(data, file, size)
    if image.mode not in ("1", "L", "I", "I;16"):
        channels = np.asarray(image.convert("RGB"))
        if (channels != channels[:, :, :1]).any():
            raise ValueError("a colour picture, not a mask")
    return picture.decode_mask(data, name=file)


def _read_class_image(folder: Path, file: str, size: tuple[int, int]) -> NDArray[np.generic]:
    data = read_bytes(folder / clean_name(file), limit_mb=_LARGEST_FILE_MB)
    image = _open(data, file, size)
    if image.mode not in ("P", "L", "I;16"):
        raise ValueError(f"{file}: not an image of class numbers")
    return np.asarray(image)


def _open(data: bytes, name: str, size: tuple[int, int]) -> Image.Image:
    """Return the image, decoded only when its header has the right size."""
    found = picture.read_size(io.BytesIO(data), name=name)
    if found != size:
        raise ValueError(
            f"the mask is {found[0]}×{found[1]} px but the image {size[0]}×{size[1]} px"
        )
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"cannot be read ({error})") from error
    return image
