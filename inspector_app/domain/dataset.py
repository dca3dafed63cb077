"""What a folder of product photos holds: images, their split and their defect type."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from inspector_app.domain.annotation import ImageVerdict

GOOD = "good"
"""MVTec AD's name for the folder of parts without a defect."""

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}
)


class Split(StrEnum):
    """What an image may be used for."""

    TRAIN = "train"
    VALIDATION = "val"
    TEST = "test"
    NONE = "none"
    """Not part of any split: a plain folder, before anyone decided."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image of a project, as lists show it."""

    id: int
    relative_path: str
    """Below the project's image folder, with forward slashes."""
    split: Split
    defect_type: str
    verdict: ImageVerdict | None = None
    region_count: int = 0

    @property
    def name(self) -> str:
        return self.relative_path.rsplit("/", 1)[-1]

    @property
    def is_defective(self) -> bool | None:
        """What is known of the part: the operator's verdict, else regions, else the folder."""
        if self.verdict is ImageVerdict.NG:
            return True
        if self.verdict is ImageVerdict.OK:
            return False
        if self.region_count:
            return True
        if self.defect_type:
            return self.defect_type != GOOD
        return None


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One image file of a folder, before it is in a project."""

    relative_path: str
    """Below the image folder, with forward slashes."""
    split: Split
    defect_type: str
    """MVTec's folder name, ``good`` for good parts, empty when unknown."""
    mask_path: str = ""
    """Ground-truth mask below the image folder, empty if there is none."""


@dataclass(frozen=True, slots=True)
class FolderListing:
    """What a folder scan found."""

    entries: tuple[ImageEntry, ...]
    is_mvtec: bool
    remarks: tuple[str, ...] = ()
    """Missing or orphan masks and the like, one sentence each."""


def is_image_name(name: str) -> bool:
    """Tell whether a file is taken for an image by its name.

    Names with a leading dot are not: macOS leaves ``._part.png`` beside every
    file it copies to a foreign disk, with an image's suffix and no image in it.
    """
    return not name.startswith(".") and PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES


def classify_mvtec(relative_path: str) -> tuple[Split, str] | None:
    """Return split and defect type of ``train|test/<type>/…``, or None for any other path."""
    parts = PurePosixPath(relative_path).parts
    if len(parts) < 3:
        return None
    if parts[0] == "train":
        return Split.TRAIN, parts[1]
    if parts[0] == "test":
        return Split.TEST, parts[1]
    return None


def list_folder(file_paths: list[str]) -> FolderListing:
    """Sort the files of a folder into images and masks, recognising MVTec AD's layout.

    The layout is taken as MVTec's when ``train/good`` or ``test/<type>`` holds
    images; then everything under ``ground_truth`` is a mask and nothing else is
    an image of the project.

    Args:
        file_paths: every file below the folder, relative, with forward slashes.
    """
    images = sorted((p for p in file_paths if is_image_name(p.rsplit("/", 1)[-1])), key=natural_key)
    if not any(classify_mvtec(path) for path in images):
        entries = tuple(ImageEntry(path, Split.NONE, "") for path in images)
        return FolderListing(entries, is_mvtec=False)
    masks = {
        str(PurePosixPath(path).with_suffix("")): path
        for path in images
        if path.startswith("ground_truth/")
    }
    used: set[str] = set()
    remarks: list[str] = []
    entries_found: list[ImageEntry] = []
    for path in images:
        found = classify_mvtec(path)
        if found is None:
            continue
        split, defect_type = found
        mask = ""
        if split is Split.TEST and defect_type != GOOD:
            stem = str(PurePosixPath(path).with_suffix(""))
            key = "ground_truth" + stem.removeprefix("test") + "_mask"
            mask = masks.get(key, "")
            used.add(key)
            if not mask:
                remarks.append(f"{path}: no mask at {key}.png")
        entries_found.append(ImageEntry(path, split, defect_type, mask))
    orphans = [path for key, path in masks.items() if key not in used]
    remarks += [f"{path}: mask without an image" for path in orphans]
    return FolderListing(tuple(entries_found), is_mvtec=True, remarks=tuple(remarks))


def natural_key(path: str) -> tuple[str | int, ...]:
    """Sort key that puts ``img2`` before ``img10``."""
    # split() with a group yields text and digits in turn, text first, so the
    # same position always holds the same type.
    pieces: list[str | int] = list(_DIGITS.split(path.lower()))
    pieces[1::2] = [int(digits) for digits in pieces[1::2]]
    return tuple(pieces)


_DIGITS = re.compile(r"([0-9]+)")
