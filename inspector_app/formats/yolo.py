"""YOLO detect and segment: a text file of fractions for each image, and ``data.yaml``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.dataset import IMAGE_SUFFIXES, Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.region_operations import without_holes
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
from inspector_app.formats.naming import flat_names, without_suffix
from inspector_app.formats.outline import single_outline
from inspector_app.formats.placement import ImagePlacer, refuse_reference
from inspector_app.formats.reading import (
    Sentences,
    box_from_edges,
    clean_class_name,
    files_below,
    mask_from_polygons,
    number_in,
    read_text,
)
from inspector_app.formats.writing import (
    check_written,
    class_names,
    pixels_of,
    split_folder,
    staged_folder,
    unjudged_remark,
)

DATA_FILE = "data.yaml"
_LARGEST_FILE_MB = 64
_LARGEST_NAMES_MB = 1
_MOST_BRACKETS = 1000
_NAMES_FILES = ("classes.txt", "labels/classes.txt", "obj.names")
"""labelImg's, Label Studio's and CVAT's."""
_NOT_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt"})
"""Text files that lie beside labels: class names and lists of images."""


# ---------------------------------------------------------------- export


@dataclass(frozen=True, slots=True)
class _Label:
    """One row of a label file, and what it must say when it is read back."""

    fractions: Sequence[float]
    region: ImportedRegion
    remark: str = ""


_Labeller = Callable[[Region, LabelledImage, str], _Label]


def export_yolo_detect(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.COPY,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write boxes; see `_Export` for the layout."""
    return _Export(images, classes, _detect_label, placement).run(out_folder, progress)


def export_yolo_segment(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.COPY,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write one polygon for each region; see `_Export` for the layout.

    Separate parts are joined by bridges without width. Holes are filled and bare boxes
    become rectangles; the report names each of them.
    """
    return _Export(images, classes, _segment_label, placement).run(out_folder, progress)


def _detect_label(region: Region, image: LabelledImage, class_name: str) -> _Label:
    fractions = region.box.to_yolo(image.width, image.height)
    return _Label(fractions, ImportedRegion(class_name, region.box, None))


def _segment_label(region: Region, image: LabelledImage, class_name: str) -> _Label:
    pixels = pixels_of(region, image)
    filled = without_holes(pixels)
    remark = ""
    if region.mask is None:
        remark = "has only a box; it is written as a rectangle"
    elif filled.area != pixels.area:
        remark = "has a hole that YOLO cannot hold; it is filled"
    fractions = (single_outline(filled) / (image.width, image.height)).ravel().tolist()
    return _Label(fractions, ImportedRegion(class_name, region.box, filled), remark)


class _Export:
    """Writes ``images/<split>/*``, ``labels/<split>/*.txt`` and ``data.yaml``.

    Images go by their flat names (see `naming.flat_names`), because ultralytics
    looks for labels by replacing the last folder called “images” in a path. An image
    without a region has no label file, which is how YOLO spells “nothing here”. Classes
    are counted from 0 in the order of their ids.
    """

    def __init__(
        self,
        images: Sequence[LabelledImage],
        classes: Sequence[DefectClass],
        label: _Labeller,
        placement: ImagePlacement,
    ) -> None:
        refuse_reference(placement, "YOLO")
        self._placer = ImagePlacer(placement)
        self._images = images
        self._label = label
        self._names = class_names(sorted(classes, key=lambda defect_class: defect_class.id))
        self._numbers = {class_id: number for number, class_id in enumerate(self._names)}
        self._flat_names = flat_names(image.relative_path for image in images)
        self._remarks = Sentences(unjudged_remark(images))
        self._expected: dict[str, list[ImportedRegion]] = {}
        self._sizes: dict[str, tuple[int, int]] = {}

    def run(self, out_folder: Path, progress: ProgressCallback) -> ExportReport:
        if not self._names:
            raise BadDataError(
                f"{out_folder}: YOLO cannot hold a data set without a class",
                "add a class first, or choose another format",
            )
        with staged_folder(out_folder) as staging:
            self._write_data_file(staging)
            for done, image in enumerate(self._images, start=1):
                self._write_image(staging, image)
                progress(done, len(self._images))
            if self._expected:
                check_written(self._expected, import_yolo(staging, self._sizes.get))
        region_count = sum(map(len, self._expected.values()))
        remarks = (*self._placer.remarks(), *self._remarks.all())
        return ExportReport(out_folder, len(self._images), region_count, remarks)

    def _write_data_file(self, folder: Path) -> None:
        used: set[str] = {split_folder(image) for image in self._images}
        splits = [split.value for split in Split if split.value in used]
        places: dict[str, str] = {split: f"images/{split}" for split in splits}
        # ultralytics refuses a data set without the two, even if it is only used for one.
        for missing, instead in (("train", ("val", "test")), ("val", ("test", "train"))):
            if missing not in used:
                found = next((split for split in instead if split in used), "train")
                places[missing] = f"images/{found}"
                self._remarks.add(f"no image is in {missing}; {DATA_FILE} names {found} instead")
        for split in used or {"train"}:
            (folder / "images" / split).mkdir(parents=True)
            (folder / "labels" / split).mkdir(parents=True)
        content: dict[str, object] = {**places, "names": dict(enumerate(self._names.values()))}
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (folder / DATA_FILE).write_text(text, encoding="utf-8")

    def _write_image(self, folder: Path, image: LabelledImage) -> None:
        place = f"{split_folder(image)}/{self._flat_names[image.relative_path]}"
        self._placer.place(image.image_path, folder / "images" / place)
        name = f"images/{place}"
        self._sizes[name] = (image.width, image.height)
        labels = [self._label(r, image, self._names[r.class_id]) for r in image.regions]
        if not labels:
            return
        self._expected[name] = [label.region for label in labels]
        rows = []
        for number, (region, label) in enumerate(zip(image.regions, labels, strict=True), start=1):
            rows.append(_row(self._numbers[region.class_id], label.fractions))
            if label.remark:
                self._remarks.add(
                    f"{image.relative_path}: region {number} ({label.region.class_name}) "
                    f"{label.remark}"
                )
        path = folder / "labels" / f"{without_suffix(place)}.txt"
        path.write_text("".join(rows), encoding="utf-8")


def _row(class_number: int, fractions: Sequence[float]) -> str:
    # Eight decimals are a thousandth of a pixel on an image of 100,000 px.
    numbers = (f"{fraction:.8f}".rstrip("0").rstrip(".") for fraction in fractions)
    return f"{class_number} {' '.join(numbers)}\n"


# ---------------------------------------------------------------- import


def import_yolo(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read a YOLO folder (or its YAML file): boxes and polygons, told apart by their rows.

    Only files below the folder are read, whatever the YAML file says of other places.

    Raises:
        BadDataError: if there are no labels, or their classes cannot be read.
    """
    data_file = _find_data_file(path)
    folder = path if path.is_dir() else path.parent
    labels = _find_labels(folder)
    problems = Sentences()
    names = _class_names(folder, data_file, problems)
    images_by_stem = {without_suffix(name): name for name in files_below(folder, IMAGE_SUFFIXES)}
    images: list[ImportedImage] = []
    for label in labels:
        stem = _image_stem(label)
        name = images_by_stem.get(stem, stem)
        size = image_sizes(name)
        if size is None:
            problems.add(f"{label}: no single image of the project has this name")
            continue
        regions = _read_label(folder / label, label, size, names, problems)
        if regions:
            images.append(ImportedImage(name, tuple(regions)))
    return ImportPlan(
        tuple(dict.fromkeys(names.values())), tuple(images), problems.all(), path.name
    )


def _find_data_file(path: Path) -> Path | None:
    if not path.is_dir():
        if path.suffix.lower() not in {".yaml", ".yml"}:
            raise BadDataError(f"{path}: no YOLO data set", f"choose the folder with {DATA_FILE}")
        return path
    if (path / DATA_FILE).is_file():
        return path / DATA_FILE
    found = sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
    return found[0] if len(found) == 1 else None


def _find_labels(folder: Path) -> list[str]:
    texts = files_below(folder, frozenset({".txt"}))
    labels = [name for name in texts if "labels" in name.split("/")[:-1]] or [
        name for name in texts if not name.rpartition("/")[2].lower().startswith("readme")
    ]
    labels = [name for name in labels if name.rpartition("/")[2] not in _NOT_LABELS]
    if not labels:
        raise BadDataError(f"{folder}: no label files below it", "choose the folder of the labels")
    return labels


def _image_stem(label: str) -> str:
    """Return where the label's image lies, as ultralytics finds it, without a suffix."""
    parts = without_suffix(label).split("/")
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] == "labels":
            parts[index] = "images"
            break
    return "/".join(parts)


def _class_names(folder: Path, data_file: Path | None, problems: Sentences) -> dict[int, str]:
    listed = _names_in_text_file(folder) if data_file is None else _names_in_data_file(data_file)
    names: dict[int, str] = {}
    for number, name in listed.items():
        try:
            names[number] = clean_class_name(name)
        except ValueError as error:
            problems.add(f"names[{number}]: {error}")
    return names


def _names_in_data_file(path: Path) -> dict[int, str]:
    text = read_text(path, limit_mb=_LARGEST_NAMES_MB)
    # Deep nesting takes PyYAML minutes to refuse, and crashes its C version.
    is_nested = text.count("[") + text.count("{") > _MOST_BRACKETS
    try:
        content = None if is_nested else yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise BadDataError(f"{path}: not a YAML file ({reason})", "choose another file") from error
    if not isinstance(content, dict):
        raise BadDataError(f"{path}: not a YOLO data file", f"choose the folder with {DATA_FILE}")
    if "kpt_shape" in content:
        raise BadDataError(f"{path}: labels of key points", "choose labels of boxes or outlines")
    names = content.get("names")
    if isinstance(names, list):
        names = dict(enumerate(names))
    pairs = names.items() if isinstance(names, dict) else ()
    # Only plain values: str() of nested aliases would take for ever.
    found = {n: str(v) for n, v in pairs if isinstance(n, int) and isinstance(v, str | int | float)}
    if not found or len(found) != len(pairs):
        raise BadDataError(
            f"{path}: no class names", "write “names” as a list, or as numbers with their names"
        )
    return found


def _names_in_text_file(folder: Path) -> dict[int, str]:
    for place in _NAMES_FILES:
        if (folder / place).is_file():
            lines = read_text(folder / place, limit_mb=_LARGEST_NAMES_MB).splitlines()
            return {number: line for number, line in enumerate(lines) if line.strip()}
    raise BadDataError(
        f"{folder}: neither {DATA_FILE} nor classes.txt",
        "choose the YAML file itself, or put a classes.txt with the class names beside the labels",
    )


def _read_label(
    path: Path,
    shown: str,
    size: tuple[int, int],
    names: Mapping[int, str],
    problems: Sentences,
) -> list[ImportedRegion]:
    regions: list[ImportedRegion] = []
    try:
        lines = read_text(path, limit_mb=_LARGEST_FILE_MB).splitlines()
    except BadDataError as error:
        problems.add(error.message)
        return regions
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            regions.append(_read_row(line.split(), size, names))
        except ValueError as error:
            problems.add(f"{shown} line {number}: {error}")
    return regions


def _read_row(
    fields: Sequence[str], size: tuple[int, int], names: Mapping[int, str]
) -> ImportedRegion:
    """Return the region of a row: class and box, maybe with a confidence, or class and polygon.

    Raises:
        ValueError: if it is neither.
    """
    class_number = number_in(fields[0])
    if class_number not in names:
        raise ValueError(f"unknown class {fields[0]}")
    class_name = names[int(class_number)]
    fractions = [number_in(field) for field in fields[1:]]
    if not all(-0.01 <= fraction <= 1.01 for fraction in fractions):
        raise ValueError("a coordinate is no fraction between 0 and 1")
    width, height = size
    if len(fractions) in (4, 5):
        return ImportedRegion(class_name, _box(fractions[:4], width, height), None)
    if len(fractions) < 6 or len(fractions) % 2:
        raise ValueError(f"{len(fractions)} numbers are neither a box nor an outline")
    polygon = [f * (height if index % 2 else width) for index, f in enumerate(fractions)]
    mask = mask_from_polygons([polygon], width=width, height=height)
    if mask.box is None:
        raise ValueError("the outline covers no pixel")
    return ImportedRegion(class_name, mask.box, mask)


def _box(centre_and_size: Sequence[float], width: int, height: int) -> Box:
    x, y, w, h = centre_and_size
    return box_from_edges(
        (x - w / 2) * width,
        (y - h / 2) * height,
        (x + w / 2) * width,
        (y + h / 2) * height,
        width=width,
        height=height,
    )
