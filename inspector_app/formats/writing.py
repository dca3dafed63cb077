"""What exporters share: a folder that appears whole or not at all, and the look back at it."""

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from inspector_app.domain.annotation import DefectClass, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.errors import BadDataError, BugError
from inspector_app.domain.files import known_write_errors
from inspector_app.domain.mask import Mask
from inspector_app.domain.tiff_pages import open_page
from inspector_app.formats.base import ImportedRegion, ImportPlan, LabelledImage
from inspector_app.formats.reading import canonical, clean_class_name

_CHUNK_BYTES = 1024 * 1024


@contextlib.contextmanager
def staged_folder(out_folder: Path) -> Iterator[Path]:
    """Give an empty folder beside `out_folder` that takes its name when all went well.

    Raises:
        BadDataError: if `out_folder` is not empty, is no folder, or cannot be written.
        DiskFullError: if the disk is full. Nothing of what was written remains.
    """
    out_folder = out_folder.resolve()
    with known_write_errors(out_folder):
        _refuse_to_overwrite(out_folder)
        out_folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=out_folder.parent, prefix=f".{out_folder.name}."))
        try:
            # mkdtemp gives 0700; other people of the shop floor must be able to read.
            staging.chmod(0o755)
            yield staging
            if out_folder.exists():
                out_folder.rmdir()
            staging.rename(out_folder)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise


def _refuse_to_overwrite(out_folder: Path) -> None:
    if out_folder.is_dir():
        if any(out_folder.iterdir()):
            raise BadDataError(f"{out_folder}: not empty", "choose a new or an empty folder")
    elif out_folder.exists():
        raise BadDataError(f"{out_folder}: not a folder", "choose a new or an empty folder")


def copy_image(source: Path, target: Path) -> None:
    """Copy a file byte for byte; a link would let a program write through it to the source.

    Of a file with pages the copy begins with the page that the path names.

    Raises:
        BadDataError: if the source cannot be read or changed meanwhile.
    """
    try:
        reader = open_page(source)
    except OSError as error:
        raise BadDataError(
            f"{source}: cannot be read ({error.strerror})", "put the file back, or remove it"
        ) from error
    with reader, target.open("xb") as writer:
        shutil.copyfileobj(reader, writer, _CHUNK_BYTES)
    if not _are_equal(source, target):
        raise BadDataError(f"{source}: changed while it was copied", "try again")


def _are_equal(source: Path, target: Path) -> bool:
    with open_page(source) as one, target.open("rb") as other:
        while (read := one.read(_CHUNK_BYTES)) == other.read(_CHUNK_BYTES):
            if not read:
                return True
    return False


def write_png(path: Path, array: NDArray[Any], palette: Sequence[int] = ()) -> None:
    """Write an (H, W) uint8 or uint16 array; `palette` is red, green, blue of each value."""
    image = Image.fromarray(array)
    if palette:
        image.putpalette(list(palette))
    image.save(path, "PNG")


def pixels_of(region: Region, image: LabelledImage) -> Mask:
    """Return a region's mask, or its box as a filled rectangle."""
    if region.mask is not None:
        return region.mask
    return Mask.from_box(region.box, width=image.width, height=image.height)


def union_of(regions: Iterable[Region], image: LabelledImage) -> Mask:
    """Return the pixels of all regions together; maybe none."""
    return union((pixels_of(region, image) for region in regions), image.width, image.height)


def union(masks: Iterable[Mask], width: int, height: int) -> Mask:
    """Return the pixels of any of the masks, which all have this size; maybe none."""
    size = [height, width]
    encoded = [{"size": size, "counts": mask.counts.encode("ascii")} for mask in masks]
    if not encoded:
        return Mask.empty(height=height, width=width)
    return Mask.from_rle(coco_mask.merge(encoded))


def class_names(classes: Iterable[DefectClass]) -> dict[int, str]:
    """Return the names by class id, as an importer will read them."""
    return {defect_class.id: clean_class_name(defect_class.name) for defect_class in classes}


def split_folder(image: LabelledImage) -> str:
    """Return where an image goes in formats that know nothing but train, val and test."""
    return Split.TRAIN.value if image.split is Split.NONE else image.split.value


def bare_box_remarks(images: Iterable[LabelledImage]) -> Iterator[str]:
    """Name the regions that become rectangles in a format of pixels."""
    for image in images:
        for number, region in enumerate(image.regions, start=1):
            if region.mask is None:
                yield (
                    f"{image.relative_path}: region {number} has only a box; "
                    "it is written as a rectangle"
                )


def unjudged_remark(images: Iterable[LabelledImage]) -> tuple[str, ...]:
    """Say how many images go out as free of defects although nobody has said so."""
    count = sum(image.is_defective is None for image in images)
    if not count:
        return ()
    return (f"images nobody has judged, written as images without a defect: {count}",)


def check_written(expected: Mapping[str, Sequence[ImportedRegion]], plan: ImportPlan) -> None:
    """Compare what was read back with what was to be written.

    Args:
        expected: regions by image name as the importer gives it.

    Raises:
        BugError: if anything differs.
    """
    if plan.problems:
        raise BugError(f"what was written cannot be read back: {plan.problems[0]}")
    found = {image.image_name: image.regions for image in plan.images}
    for name in expected.keys() | found.keys():
        ours, theirs = expected.get(name, ()), found.get(name, ())
        if Counter(ours) != Counter(theirs) and _by_pixels(ours) != _by_pixels(theirs):
            raise BugError(f"{name}: its regions are not the same when read back")


def _by_pixels(regions: Iterable[ImportedRegion]) -> Counter[ImportedRegion]:
    return Counter(
        replace(region, mask=region.mask and canonical(region.mask)) for region in regions
    )
