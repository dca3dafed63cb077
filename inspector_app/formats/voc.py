"""Pascal VOC: an XML file of boxes for each image."""

from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImageSizes, ImportedImage, ImportedRegion, ImportPlan
from inspector_app.formats.label_files import import_label_files, known_image
from inspector_app.formats.naming import clean_name, without_suffix
from inspector_app.formats.reading import (
    Sentences,
    box_from_edges,
    clean_class_name,
    number_in,
    read_bytes,
)

IGNORED_ELEMENT = "ignore"
_LARGEST_FILE_MB = 64


def import_voc(path: Path, image_sizes: ImageSizes) -> ImportPlan:
    """Read one XML file, or every one below a folder.

    VOC counts pixels from 1 and includes the last one: the box 1…200 covers an image of 200 px.
    An object with our own ``ignore`` is to be ignored; ``difficult`` alone leaves it a defect.

    Raises:
        BadDataError: if the file, or every file of the folder, cannot be read.
    """

    def read_file(file: Path, name: str, problems: Sentences) -> ImportedImage | None:
        return _read_image(_parse(file), name, image_sizes, problems)

    return import_label_files(path, ".xml", read_file)


def _parse(path: Path) -> Element:
    data = read_bytes(path, limit_mb=_LARGEST_FILE_MB)
    try:
        root: Element = ElementTree.fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        reason = "it declares entities" if isinstance(error, DefusedXmlException) else error
        raise BadDataError(
            f"{path}: not a VOC file ({reason})", "choose files with annotation and object in them"
        ) from error
    if root.tag != "annotation":
        raise BadDataError(f"{path}: not a VOC file ({root.tag!r})", "choose another file")
    return root


def _read_image(
    root: Element, file: str, image_sizes: ImageSizes, problems: Sentences
) -> ImportedImage | None:
    spelled = clean_name(root.findtext("filename") or "")
    folder = clean_name(root.findtext("folder") or "")
    # Copied label files often keep the name of an older image inside; their own name is right then.
    names = (f"{folder}/{spelled}".strip("/"), without_suffix(file))
    stated = (_whole(root, "size/width"), _whole(root, "size/height"))
    try:
        name, size = known_image(names, stated, image_sizes)
    except ValueError as error:
        problems.add(f"{file}: {error}")
        return None
    regions: list[ImportedRegion] = []
    for index, entry in enumerate(root.iterfind("object")):
        try:
            class_name = clean_class_name(entry.findtext("name") or "")
            is_ignored = (entry.findtext(IGNORED_ELEMENT) or "").strip() == "1"
            regions.append(ImportedRegion(class_name, _box(entry, *size), None, is_ignored))
        except ValueError as error:
            problems.add(f"{file}: object[{index}]: {error}")
    return ImportedImage(name, tuple(regions)) if regions else None


def _whole(root: Element, place: str) -> int:
    """Return a whole number of the file, 0 where there is none."""
    text = root.findtext(place) or ""
    return int(text) if text.strip().isdecimal() and len(text) < 10 else 0


def _box(entry: Element, width: int, height: int) -> Box:
    left, top, right, bottom = (
        _number(entry, f"bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")
    )
    return box_from_edges(left - 1, top - 1, right, bottom, width=width, height=height)


def _number(entry: Element, place: str) -> float:
    text = entry.findtext(place)
    if text is None:
        raise ValueError(f"no {place}")
    return number_in(text)
