"""Writing CVAT for images 1.1."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray
from inspector_app.formats.base import (
    ExportReport,
    ImagePlacement,
    ImportedRegion,
    LabelledImage,
    ProgressCallback,
    no_progress,
)
from inspector_app.formats.cvat import ANNOTATION_FILE, IGNORED_ATTRIBUTE, import_cvat
from inspector_app.formats.naming import clean_name
from inspector_app.formats.placement import ImagePlacer
from inspector_app.formats.writing import check_written, class_names, staged_folder
from inspector_app.formats.xml_writing import XmlWriter, refuse_impossible_names

_IMAGES = "images"
_SOURCES = {
    Author.HAND: "manual",
    Author.CLICK_MODEL: "semi-auto",
    Author.ANOMALY_MODEL: "semi-auto",
    Author.MODEL: "auto",
    Author.IMPORTED: "file",
}
"""CVAT's words for where a shape came from."""


def export_cvat(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.REFERENCE,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write ``annotations.xml``, to be uploaded to a CVAT task that has the same images.

    Masks keep every pixel; regions with a box only become boxes. The order of the regions is
    their ``z_order``. Image names are relative to the project's image folder, or to ``images``,
    where CVAT's own exports have them, if they are not only referenced.

    Raises:
        BadDataError: if XML cannot hold a name.
    """
    names = class_names(classes)
    refuse_impossible_names([*names.values(), *(image.relative_path for image in images)])
    placer = ImagePlacer(placement)
    with staged_folder(out_folder) as staging:
        path = staging / ANNOTATION_FILE
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            xml = XmlWriter(stream)
            with xml.document("annotations"):
                xml.text("version", "1.1")
                _write_meta(xml, images, classes)
                for number, image in enumerate(images):
                    placer.place(image.image_path, staging / _IMAGES / image.relative_path)
                    _write_image(xml, number, image, names)
                    progress(number + 1, len(images))
        sizes = {clean_name(image.relative_path): (image.width, image.height) for image in images}
        check_written(_expected(images, names), import_cvat(path, sizes.get))
    count = sum(len(image.regions) for image in images)
    return ExportReport(out_folder, len(images), count, placer.remarks())


def _expected(
    images: Sequence[LabelledImage], names: Mapping[int, str]
) -> dict[str, list[ImportedRegion]]:
    return {
        clean_name(image.relative_path): [
            ImportedRegion(names[r.class_id], r.box, r.mask, r.is_ignored) for r in image.regions
        ]
        for image in images
    }


def _write_meta(
    xml: XmlWriter, images: Sequence[LabelledImage], classes: Sequence[DefectClass]
) -> None:
    has_ignored = any(region.is_ignored for image in images for region in image.regions)
    with xml.element("meta"), xml.element("task"):
        xml.text("name", "Inspector")
        xml.text("size", str(len(images)))
        xml.text("mode", "annotation")
        with xml.element("labels"):
            for defect_class in classes:
                with xml.element("label"):
                    xml.text("name", defect_class.name)
                    xml.text("color", defect_class.colour.lower())
                    xml.text("type", "any")
                    with xml.element("attributes"):
                        if has_ignored:
                            _write_ignored_attribute(xml)


def _write_ignored_attribute(xml: XmlWriter) -> None:
    with xml.element("attribute"):
        xml.text("name", IGNORED_ATTRIBUTE)
        xml.text("mutable", "False")
        xml.text("input_type", "checkbox")
        xml.text("default_value", "false")
        xml.text("values", "false")


def _write_image(
    xml: XmlWriter, number: int, image: LabelledImage, names: Mapping[int, str]
) -> None:
    attributes: dict[str, object] = {"id": number, "name": image.relative_path}
    if image.split is not Split.NONE:
        attributes["subset"] = image.split.value
    attributes |= {"width": image.width, "height": image.height}
    if not image.regions:
        xml.empty("image", **attributes)
        return
    with xml.element("image", **attributes):
        for z_order, region in enumerate(image.regions):
            _write_region(xml, region, names[region.class_id], z_order)


def _write_region(xml: XmlWriter, region: Region, label: str, z_order: int) -> None:
    tag = "box" if region.mask is None else "mask"
    place = (
        _edges(region.box) if region.mask is None else _pixels(region.mask.crop(region.box), region)
    )
    common = {"label": label, "source": _SOURCES[region.author], "occluded": 0}
    attributes = {**common, **place, "z_order": z_order}
    if not region.is_ignored:
        xml.empty(tag, **attributes)
        return
    with xml.element(tag, **attributes):
        xml.text("attribute", "true", name=IGNORED_ATTRIBUTE)


def _edges(box: Box) -> dict[str, object]:
    # CVAT's coordinates are pixel edges with two decimals; right and bottom are exclusive.
    pairs = {"xtl": box.left, "ytl": box.top, "xbr": box.right, "ybr": box.bottom}
    return {name: f"{edge}.00" for name, edge in pairs.items()}


def _pixels(crop: BoolArray, region: Region) -> dict[str, object]:
    box = region.box
    return {
        "rle": ", ".join(str(run) for run in _runs(crop)),
        "left": box.left,
        "top": box.top,
        "width": box.width,
        "height": box.height,
    }


def _runs(crop: BoolArray) -> list[int]:
    """Return run lengths row by row, of unset pixels first (maybe none of them)."""
    flat = crop.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs: list[int] = np.diff(edges, prepend=0, append=flat.size).tolist()
    return [0, *runs] if flat[0] else runs
