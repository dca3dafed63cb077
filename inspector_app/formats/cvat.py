"""CVAT for images 1.1: one XML file with boxes, outlines and masks.

Described at https://docs.cvat.ai/docs/other/xml_format.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml import DefusedXmlException, ElementTree

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImageSizes, ImportedImage, ImportedRegion, ImportPlan
from inspector_app.formats.label_files import known_image
from inspector_app.formats.naming import clean_name
from inspector_app.formats.reading import (
    Sentences,
    box_from_edges,
    clean_class_name,
    files_below,
    number_in,
    read_bytes,
)
from inspector_app.formats.shapes import corners, ellipse, masked_region, outline_mask, turned

ANNOTATION_FILE = "annotations.xml"
IGNORED_ATTRIBUTE = "ignore"
"""Of a region, “true” if it is to be ignored; CVAT shows it as a tick box."""
_LARGEST_FILE_MB = 512
_WITHOUT_AREA = frozenset({"polyline", "points", "cuboid", "skeleton", "tag"})
_SHAPES = frozenset({"box", "polygon", "ellipse", "mask"}) | _WITHOUT_AREA
_REMEDY = "choose the XML file of an export “CVAT for images 1.1”"


def import_cvat(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read CVAT's file, or the folder with it: boxes, polygons, ellipses and masks.

    Turned boxes and ellipses become masks. Shapes without an area, tracks of videos and
    attributes other than “ignore” are left out and named.

    Raises:
        BadDataError: if it cannot be read at all.
    """
    return _Reader(_locate(path), image_sizes).plan()


def _locate(path: Path) -> Path:
    if not path.is_dir():
        return path
    if (path / ANNOTATION_FILE).is_file():
        return path / ANNOTATION_FILE
    found = files_below(path, frozenset({".xml"}))
    if len(found) != 1:
        raise BadDataError(
            f"{path}: {len(found)} XML files that could hold the labels", "choose the file itself"
        )
    return path / found[0]


class _Reader:
    """One pass over a file; bad entries are noted and left out."""

    def __init__(self, path: Path, image_sizes: ImageSizes) -> None:
        self._path = path
        self._image_sizes = image_sizes
        self._problems = Sentences()
        self._names: dict[str, None] = {}
        self._images: list[ImportedImage] = []
        self._dropped_attributes: set[str] = set()
        self._track_count = 0

    def plan(self) -> ImportPlan:
        for element in self._elements():
            if element.tag == "labels":
                self._add_classes(element)
            elif element.tag == "image":
                self._add_image(element)
            else:
                self._track_count += 1
        if self._track_count:
            self._note(
                f"tracks of a video that are left out: {self._track_count}; "
                "export the task as “CVAT for images”"
            )
        if self._dropped_attributes:
            names = ", ".join(sorted(self._dropped_attributes))
            self._note(f"attributes that are not taken over: {names}")
        return ImportPlan(
            tuple(self._names), tuple(self._images), self._problems.all(), self._path.name
        )

    def _note(self, sentence: str) -> None:
        self._problems.add(f"{self._path.name}: {sentence}")

    def _elements(self) -> Iterator[Element]:
        """Give every labels, image and track element; what was given is forgotten."""
        data = read_bytes(self._path, limit_mb=_LARGEST_FILE_MB)
        if zipfile.is_zipfile(io.BytesIO(data)):
            raise BadDataError(f"{self._path}: an archive", "unpack it and choose the folder")
        root: Element | None = None
        try:
            for event, element in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):
                if root is None:
                    root = element
                    self._check_root(root)
                if event == "end" and element.tag in ("labels", "image", "track"):
                    yield element
                    # Files hold hundreds of thousands of shapes; one image at a time is enough.
                    element.clear()
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            reason = "it declares entities" if isinstance(error, DefusedXmlException) else error
            raise BadDataError(f"{self._path}: not a CVAT file ({reason})", _REMEDY) from error

    def _check_root(self, root: Element) -> None:
        if root.tag != "annotations":
            raise BadDataError(f"{self._path}: not a CVAT file ({root.tag!r})", _REMEDY)

    def _add_classes(self, labels: Element) -> None:
        for index, label in enumerate(labels.iterfind("label")):
            # Parts of skeletons are listed too, each with the skeleton's name as parent.
            if label.find("parent") is not None:
                continue
            try:
                self._names[clean_class_name(label.findtext("name") or "")] = None
            except ValueError as error:
                self._note(f"labels[{index}]: {error}")

    def _add_image(self, element: Element) -> None:
        spelled = clean_name(element.get("name", ""))
        # A project's export names the subset whose folder the image lies in.
        subset = clean_name(element.get("subset", ""))
        stated = (_whole_or_zero(element, "width"), _whole_or_zero(element, "height"))
        try:
            name, size = known_image(
                (spelled, f"{subset}/{spelled}".strip("/")), stated, self._image_sizes
            )
        except ValueError as error:
            self._note(str(error))
            return
        found: list[tuple[int, ImportedRegion]] = []
        for index, shape in enumerate(entry for entry in element if entry.tag in _SHAPES):
            try:
                found.append((_whole_or_zero(shape, "z_order"), self._region(shape, size)))
            except ValueError as error:
                self._note(f"{spelled}: {shape.tag}[{index}]: {error}")
        if found:
            found.sort(key=lambda pair: pair[0])
            regions = tuple(region for _, region in found)
            self._names.update(dict.fromkeys(region.class_name for region in regions))
            self._images.append(ImportedImage(name, regions))

    def _region(self, shape: Element, size: tuple[int, int]) -> ImportedRegion:
        if shape.tag in _WITHOUT_AREA:
            raise ValueError("it has no area")
        class_name = clean_class_name(shape.get("label", ""))
        attributes = {
            entry.get("name", ""): (entry.text or "").strip() for entry in shape.iter("attribute")
        }
        is_ignored = attributes.pop(IGNORED_ATTRIBUTE, "").lower() == "true"
        if shape.tag == "box" and not _number(shape, "rotation", 0.0):
            region = ImportedRegion(class_name, _box(shape, *size), None, is_ignored)
        else:
            region = masked_region(class_name, _mask(shape, *size), is_ignored=is_ignored)
        self._dropped_attributes.update(attributes)
        return region


def _box(shape: Element, width: int, height: int) -> Box:
    return box_from_edges(*_edges(shape), width=width, height=height)


def _edges(shape: Element) -> tuple[float, float, float, float]:
    return (
        _number(shape, "xtl"),
        _number(shape, "ytl"),
        _number(shape, "xbr"),
        _number(shape, "ybr"),
    )


def _mask(shape: Element, width: int, height: int) -> Mask:
    if shape.tag == "mask":
        return _pixels(shape, width, height)
    if shape.tag == "polygon":
        pairs = [pair.split(",") for pair in shape.get("points", "").split(";")]
        points = [(number_in(pair[0]), number_in(pair[1])) for pair in pairs if len(pair) == 2]
        if len(points) != len(pairs):
            raise ValueError("a corner that is not two numbers")
        return outline_mask(points, width=width, height=height)
    angle_deg = _number(shape, "rotation", 0.0)
    if shape.tag == "ellipse":
        centre = (_number(shape, "cx"), _number(shape, "cy"))
        points = ellipse(centre, _number(shape, "rx"), _number(shape, "ry"), angle_deg)
        return outline_mask(points, width=width, height=height)
    left, top, right, bottom = _edges(shape)
    centre = ((left + right) / 2, (top + bottom) / 2)
    points = turned(corners(left, top, right, bottom), centre, angle_deg)
    return outline_mask(points, width=width, height=height)


def _pixels(shape: Element, width: int, height: int) -> Mask:
    """Return the mask of run lengths row by row inside a box, unset pixels first."""
    left, top = _whole(shape, "left"), _whole(shape, "top")
    box = Box(left, top, left + _whole(shape, "width"), top + _whole(shape, "height"))
    if box.clipped(width, height) != box:
        raise ValueError("the mask lies outside the image")
    runs = [int(count) for count in shape.get("rle", "").split(",")]
    if min(runs) < 0 or sum(runs) != box.area:
        raise ValueError(f"the run lengths do not fill {box.width}×{box.height} px")
    values = np.arange(len(runs)) % 2 == 1
    crop = np.repeat(values, runs).reshape(box.height, box.width)
    return Mask.from_crop(crop, left, top, height=height, width=width)


def _number(shape: Element, name: str, default: float | None = None) -> float:
    text = shape.get(name)
    if text is not None:
        return number_in(text)
    if default is None:
        raise ValueError(f"no {name}")
    return default


def _whole(shape: Element, name: str) -> int:
    number = _number(shape, name)
    if not number.is_integer():
        raise ValueError(f"{name} is no whole number")
    return int(number)


def _whole_or_zero(element: Element, name: str) -> int:
    """Return a whole number of the file, 0 where there is none."""
    text = element.get(name, "").strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else 0
