"""From a folder of photos to a project. No Qt: the command line uses it too."""

import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PIL import Image

from inspector_app import paths
from inspector_app.domain import picture
from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.dataset import GOOD, FolderListing, ImageEntry, list_folder
from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.domain.huge import LARGEST_WHOLE_PX
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ProgressCallback, no_progress
from inspector_app.formats.naming import class_of_folders, without_suffix
from inspector_app.formats.reading import image_size, read_bytes
from inspector_app.store import annotations
from inspector_app.store.project import (
    BACKUP_FOLDER,
    CLICK_MODEL_FOLDER,
    DATABASE_FILE,
    INSPECTIONS_FOLDER,
    RUNS_FOLDER,
    Project,
    utc_now,
)

REMARKS_KEY = "folder_remarks"
"""Meta key: what the scan of the image folder had to say, as a JSON list."""

_OWN_FOLDERS = frozenset({BACKUP_FOLDER, CLICK_MODEL_FOLDER, INSPECTIONS_FOLDER, RUNS_FOLDER})
_BATCH = 64
_LARGEST_MASK_MB = 1024
_MASK_MODES = frozenset({"1", "L", "P", "I", "I;16"})
_PNGS_LOOKED_AT = 16

_FoundMask = tuple[int, ImageEntry, Mask]
"""Image id, what the folder says of the image, and its mask, which may be empty."""


def project_for_images(image_folder: Path) -> Path:
    """Return where the project of an image folder lies (or will), below `paths.projects_folder()`.

    The same folder always gives the same project; the name stays readable.
    """
    resolved = image_folder.resolve()
    readable = re.sub(r"[^\w.-]+", "-", resolved.name).strip(".-")[:60] or "images"
    unique = hashlib.sha256(os.path.normcase(resolved).encode(errors="surrogateescape"))
    return paths.projects_folder() / f"{readable}-{unique.hexdigest()[:8]}"


def create_project(project_folder: Path, image_folder: Path) -> Project:
    """Make a project and enter every image found, with split and type where MVTec's layout tells.

    There is a class for each defect type. What is odd about the folder is in the project's
    remarks and kept under `REMARKS_KEY`.

    Raises:
        BadDataError: if there is no image below the folder, or see `Project.create`.
    """
    return project_of_listing(project_folder, image_folder, scan_images(image_folder))


def project_of_listing(project_folder: Path, image_folder: Path, listing: FolderListing) -> Project:
    """Make a project of what `scan_images` has found; otherwise as `create_project`."""
    if not listing.entries:
        raise BadDataError(f"{image_folder}: no images below it", "choose a folder with photos")
    project = Project.create(project_folder, image_folder=image_folder)
    try:
        project.add_images(listing.entries)
        with project.transaction():
            for defect_type in dict.fromkeys(entry.defect_type for entry in listing.entries):
                if defect_type not in ("", GOOD):
                    project.add_class(defect_type)
            project.set_meta(REMARKS_KEY, json.dumps(listing.remarks))
    except BaseException:
        # Without its images the project would open as an empty one.
        project.close()
        for file in project.folder.glob(f"{DATABASE_FILE}*"):
            file.unlink(missing_ok=True)
        raise
    project.remarks.extend(listing.remarks)
    return project


# ---------------------------------------------------------------- the folder


def scan_images(image_folder: Path) -> FolderListing:
    """Return the images below a folder, without hidden files and projects' own folders.

    Raises:
        BadDataError: if there is no such folder.
    """
    if not image_folder.is_dir():
        raise BadDataError(f"{image_folder}: no such folder", "check the path of the images")
    files, remarks = list_files(image_folder)
    listing = list_folder(files)
    if not listing.is_mvtec:
        listing = _with_masks_beside(listing, image_folder)
    return replace(listing, remarks=(*listing.remarks, *remarks))


def list_files(root: Path) -> tuple[list[str], list[str]]:
    """Return the files below a folder, relative, and remarks on what could not be listed.

    Hidden ones are passed over, and projects' own folders.
    """
    files: list[str] = []
    remarks: list[str] = []
    real_root = os.path.realpath(root)
    links: set[str] = set()
    waiting = [(str(root), "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            remarks.append(f"{prefix or folder}: cannot be listed ({error.strerror})")
            continue
        is_project = any(entry.name == DATABASE_FILE for entry in entries)
        if is_project and prefix:
            continue
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if not name.isascii() and not _is_text(name):
                remarks.append(f"{prefix}{name!a}: passed over, its name is no valid text")
            elif not _is_folder(entry):
                files.append(prefix + name)
            elif not (is_project and name in _OWN_FOLDERS) and _is_new(entry, real_root, links):
                waiting.append((entry.path, f"{prefix}{name}/"))
    return files, remarks


def _is_text(name: str) -> bool:
    # Linux gives bytes that are no UTF-8 as lone surrogates, which no database takes.
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link that points at itself; as a file it is found unreadable in its turn.
        return False


def _is_new(entry: "os.DirEntry[str]", real_root: str, links: set[str]) -> bool:
    """Tell whether a folder is to be entered: a link into the tree, or back up it, is not."""
    if not entry.is_symlink():
        return True
    target = Path(os.path.realpath(entry.path))
    root = Path(real_root)
    if str(target) in links or target.is_relative_to(root) or root.is_relative_to(target):
        return False
    links.add(str(target))
    return True


def _with_masks_beside(listing: FolderListing, image_folder: Path) -> FolderListing:
    """Take PNGs for masks where each lies beside a JPEG of the same name and none is in colour."""
    paths = [entry.relative_path for entry in listing.entries]
    pngs = [path for path in paths if path.lower().endswith(".png")]
    if not pngs or 2 * len(pngs) != len(paths):
        return listing
    masks = {without_suffix(path): path for path in pngs}
    if masks.keys() != {without_suffix(path) for path in set(paths).difference(pngs)}:
        return listing
    some = list(masks.values())[:: max(1, len(masks) // _PNGS_LOOKED_AT)]
    if not all(_may_be_mask(image_folder / path) for path in some):
        return listing
    entries = (
        entry._replace(mask_path=masks[without_suffix(entry.relative_path)])
        for entry in listing.entries
        if not entry.relative_path.lower().endswith(".png")
    )
    remark = f"PNG files taken for the masks of the images beside them: {len(masks)}"
    return replace(listing, entries=tuple(entries), remarks=(*listing.remarks, remark))


def _may_be_mask(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.mode in _MASK_MODES
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


# ---------------------------------------------------------------- its masks


def import_ground_truth(project: Project, *, progress: ProgressCallback = no_progress) -> list[str]:
    """Turn the masks that came with the images into regions of the class of their folder.

    Images that already carry regions are left alone, so that it can be repeated. A mask that
    cannot be read, is empty or has another size than its image becomes a remark. One region
    for each mask file (several parts may belong to one defect; nothing in the file tells
    them apart). Masks are decoded in batches, one transaction each; what `progress` stops
    stays complete up to the last batch.
    """
    listing = scan_images(project.image_folder)
    records = {record.relative_path: record for record in project.images()}
    waiting = [
        (records[entry.relative_path].id, entry)
        for entry in listing.entries
        if entry.mask_path
        and entry.relative_path in records
        and not records[entry.relative_path].region_count
    ]
    remarks: list[str] = []
    empty: list[str] = []
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        masks = _read_masks(project.image_folder, batch, remarks)
        _add_regions(project, [found for found in masks if found[2].area])
        empty += [entry.mask_path for _, entry, mask in masks if not mask.area]
        progress(start + len(batch), len(waiting))
    if listing.is_mvtec:
        remarks += [f"{path}: the mask is empty" for path in empty]
    elif empty:
        remarks.append(f"empty masks (whether their parts are good is not known): {len(empty)}")
    return remarks


def _read_masks(
    image_folder: Path, batch: Iterable[tuple[int, ImageEntry]], remarks: list[str]
) -> list[_FoundMask]:
    masks: list[_FoundMask] = []
    for image_id, entry in batch:
        try:
            masks.append((image_id, entry, _read_mask(image_folder, entry)))
        except KnownError as error:
            remarks.append(str(error))
    return masks


def _add_regions(project: Project, masks: Iterable[_FoundMask]) -> None:
    with project.transaction() as connection:
        # The operator may have drawn something while the masks were decoded.
        taken = {row[0] for row in connection.execute("SELECT DISTINCT image_id FROM regions")}
        regions = [
            (image_id, _region(project, entry, mask))
            for image_id, entry, mask in masks
            if image_id not in taken
        ]
        annotations.insert_regions(connection, regions)


def _region(project: Project, entry: ImageEntry, mask: Mask) -> Region:
    class_name = entry.defect_type or class_of_folders([], entry.mask_path.split("/")[:-1])
    assert mask.box is not None
    return Region(
        id=uuid.uuid4().hex,
        class_id=project.add_class(class_name).id,
        box=mask.box,
        mask=mask,
        author=Author.IMPORTED,
        author_detail=entry.mask_path,
        created_at=utc_now(),
    )


def _read_mask(image_folder: Path, entry: ImageEntry) -> Mask:
    """Return the mask of an image.

    Raises:
        BadDataError: if either file cannot be read, or they differ in size.
    """
    width, height = image_size(image_folder / entry.relative_path)
    if width * height > LARGEST_WHOLE_PX:
        raise BadDataError(f"{entry.mask_path}: of an image too large for a mask of its size")
    data = read_bytes(image_folder / entry.mask_path, limit_mb=_LARGEST_MASK_MB)
    mask = Mask.from_array(picture.decode_mask(data, name=entry.mask_path))
    if (mask.width, mask.height) != (width, height):
        raise BadDataError(
            f"{entry.mask_path}: the mask is {mask.width}×{mask.height} px "
            f"but the image {width}×{height} px"
        )
    return mask
