"""Writing Pascal VOC: an XML file of boxes for each image."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.tiff_pages import open_page
from inspector_app.formats.base import (
    ExportReport,
    ImagePlacement,
    ImportedRegion,
    LabelledImage,
    ProgressCallback,
    no_progress,
)
from inspector_app.formats.naming import flat_names, without_suffix
from inspector_app.formats.placement import ImagePlacer, refuse_reference
from inspector_app.formats.voc import IGNORED_ELEMENT, import_voc
from inspector_app.formats.writing import (
    check_written,
    class_names,
    split_folder,
    staged_folder,
    unjudged_remark,
)
from inspector_app.formats.xml_writing import XmlWriter, refuse_impossible_names

_IMAGES = "JPEGImages"
_LABELS = "Annotations"
_LISTS = "ImageSets/Main"


def export_voc(
    images: Sequence[LabelledImage],
    classes: Sequence[DefectClass],
    out_folder: Path,
    *,
    placement: ImagePlacement = ImagePlacement.COPY,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write VOC's folders: images, a file of boxes for each of them, and lists of the splits.

    Images go by their flat names (see `naming.flat_names`). Masks become their
    boxes, and the report counts them. Regions to be ignored are “difficult”, which VOC leaves
    out of its figures, and carry an element of their own that is read back.

    Raises:
        BadDataError: if XML cannot hold a name, or images are only to be referenced.
    """
    refuse_reference(placement, "Pascal VOC")
    placer = ImagePlacer(placement)
    names = class_names(classes)
    files = flat_names(image.relative_path for image in images)
    refuse_impossible_names([*names.values(), *files.values()])
    expected: dict[str, list[ImportedRegion]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    with staged_folder(out_folder) as staging:
        for place in (_IMAGES, _LABELS, _LISTS):
            (staging / place).mkdir(parents=True)
        for number, image in enumerate(images, start=1):
            file = files[image.relative_path]
            placer.place(image.image_path, staging / _IMAGES / file)
            _write_label(staging, file, image, names)
            sizes[f"{_IMAGES}/{file}"] = (image.width, image.height)
            expected[f"{_IMAGES}/{file}"] = [
                ImportedRegion(names[r.class_id], r.box, None, r.is_ignored) for r in image.regions
            ]
            progress(number, len(images))
        _write_lists(staging, images, files)
        if images:
            check_written(expected, import_voc(staging, sizes.get))
    return ExportReport(
        out_folder,
        len(images),
        sum(map(len, expected.values())),
        (*placer.remarks(), *unjudged_remark(images), *_mask_remark(images)),
    )


def _mask_remark(images: Sequence[LabelledImage]) -> tuple[str, ...]:
    count = sum(region.mask is not None for image in images for region in image.regions)
    return (f"masks, of which this format holds only the boxes: {count}",) if count else ()


def _write_lists(folder: Path, images: Sequence[LabelledImage], files: dict[str, str]) -> None:
    for split in (Split.TRAIN, Split.VALIDATION, Split.TEST):
        found = [files[i.relative_path] for i in images if split_folder(i) == split.value]
        text = "".join(f"{without_suffix(file)}\n" for file in found)
        (folder / _LISTS / f"{split.value}.txt").write_text(text, encoding="utf-8")


def _write_label(folder: Path, file: str, image: LabelledImage, names: dict[int, str]) -> None:
    path = folder / _LABELS / f"{without_suffix(file)}.xml"
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        xml = XmlWriter(stream)
        with xml.document("annotation"):
            xml.text("folder", _IMAGES)
            xml.text("filename", file)
            with xml.element("size"):
                xml.text("width", str(image.width))
                xml.text("height", str(image.height))
                depth = _depth(image.image_path)
                if depth is not None:
                    xml.text("depth", str(depth))
            xml.text("segmented", "0")
            for region in image.regions:
                _write_object(xml, region, names[region.class_id])


def _depth(path: Path) -> int | None:
    """Return the number of channels, None if the file does not tell it easily."""
    try:
        with open_page(path) as stream, Image.open(stream) as picture:
            return len(picture.getbands())
    except (UnidentifiedImageError, OSError, ValueError):
        return None


def _write_object(xml: XmlWriter, region: Region, name: str) -> None:
    box = region.box
    with xml.element("object"):
        xml.text("name", name)
        xml.text("pose", "Unspecified")
        xml.text("truncated", "0")
        xml.text("difficult", str(int(region.is_ignored)))
        if region.is_ignored:
            xml.text(IGNORED_ELEMENT, "1")
        with xml.element("bndbox"):
            # Pixels are counted from 1, and the last one belongs to the box.
            xml.text("xmin", str(box.left + 1))
            xml.text("ymin", str(box.top + 1))
            xml.text("xmax", str(box.right))
            xml.text("ymax", str(box.bottom))
