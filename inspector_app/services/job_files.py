"""Run and inspection folders as a worker wants them. No Qt: the command line uses it too."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from inspector_app.domain import picture
from inspector_app.domain.dataset import (
    GOOD,
    FolderListing,
    ImageEntry,
    ImageRecord,
    Split,
    list_folder,
)
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import write_text_atomically
from inspector_app.domain.jobs import InspectionRecord, RunRecord
from inspector_app.domain.mask import Mask
from inspector_app.formats.reading import read_bytes
from inspector_app.protocol.base import FILE_VERSION, Frozen
from inspector_app.protocol.files import (
    BUNDLE_CARD_FILE,
    DATASET_FILE,
    INSPECTION_FILE,
    JOB_FILE,
    MANIFEST_FILE,
    BundleCard,
    DatasetItem,
    InspectionItem,
    InspectionJob,
    TrainingJob,
    TrainingTeam,
)
from inspector_app.services.drawn_regions import boxes_of, drawn_regions, masks_by_class, union_of
from inspector_app.services.opening import list_files, scan_images
from inspector_app.store import annotations, jobs
from inspector_app.store.project import Project

ANOMALY = "anomaly"
"""The task of models that learn from good parts only."""

_LEARN_MARKS = ("segmentation", "detection")
"""The tasks of models that learn from what is drawn."""

_SplitName = Literal["train", "val", "test"]
_TRAIN: _SplitName = "train"
_VAL: _SplitName = "val"
_SPLIT_NAMES: Mapping[Split, _SplitName] = {
    Split.TRAIN: "train",
    Split.VALIDATION: "val",
    Split.TEST: "test",
    Split.NONE: "test",
}
_ALONE = TrainingTeam()
_LARGEST_MASK_MB = 1024
_LARGEST_CARD_MB = 64


# ---------------------------------------------------------------- training


def dataset_items(project: Project, *, seed: int = 0) -> list[DatasetItem]:
    """Return the project's images as a frozen data set, split as `training_splits` has it."""
    records = project.images()
    splits = training_splits(records, seed=seed)
    kept = [record for record in records if record.relative_path in splits]
    names = {each.id: each.name for each in project.classes()}
    return [_dataset_item(project, record, splits[record.relative_path], names) for record in kept]


def example_items(project: Project, task: str, *, count: int, seed: int) -> list[DatasetItem]:
    """Return some of the images that a training may learn from, the same ones for a seed.

    Good ones only for a task that learns from them; else about as many defective ones, drawn
    ones first where marks are learned.

    Raises:
        BadDataError: if there is no such image.
    """
    records = project.images()
    splits = training_splits(records)
    usable = [record for record in records if record.relative_path in splits]
    random.Random(seed).shuffle(usable)
    good = [r for r in usable if not r.is_defective and splits[r.relative_path] == _TRAIN]
    defective = [r for r in usable if r.is_defective] if task != ANOMALY else []
    if task in _LEARN_MARKS:
        defective = [record for record in defective if record.region_count]
    shown = min(len(defective), max(count // 2, count - len(good)))
    chosen = [*defective[:shown], *good[: count - shown]]
    if not chosen:
        raise BadDataError(
            f"{project.name}: no image to learn from", "add images, or mark some as OK"
        )
    names = {each.id: each.name for each in project.classes()}
    return [_dataset_item(project, r, splits[r.relative_path], names) for r in chosen]


def training_splits(records: Sequence[ImageRecord], *, seed: int = 0) -> dict[str, _SplitName]:
    """Return train, val or test for each image a training would get, by its relative path.

    MVTec's own train and test are kept. Images without a split are shared out: good ones
    70/15/15 by a hash of their path, defective ones to test. Where no good image is in val
    then, a seventh of the good training images (at least one if there are two), those with
    the lowest hashes, becomes val: calibration needs good parts that training has not seen.
    Images nobody has said anything of (`is_defective` is None) are taken as good in a
    project without any defect and left out in one that has some.
    """
    has_defects = any(record.is_defective for record in records)
    kept = [r for r in records if r.is_defective is not None or not has_defects]
    return _splits(kept, seed)


def write_run_folder(
    project: Project, record: RunRecord, task: str = ANOMALY, team: TrainingTeam = _ALONE
) -> Path:
    """Write ``job.json`` and ``dataset.jsonl``; return the folder.

    A run that was started before keeps what it was started with.

    Args:
        task: of the model's card; what other tasks than anomalies need, their worker knows.
        team: of a run that several processes learn together.

    Raises:
        BadDataError: if there is no good image to learn from, and only those are learned from.
        DiskFullError: if the disk is full.
    """
    folder = jobs.run_folder(project, record)
    if (folder / JOB_FILE).exists():
        return folder
    items = dataset_items(project)
    is_good = (item.split == "train" and not item.is_defective for item in items)
    if task == ANOMALY and not any(is_good):
        raise BadDataError(
            f"{project.name}: no image of a good part to learn from",
            "add images of good parts, or mark some as OK",
        )
    job = TrainingJob(
        job_id=record.id,
        model_kind=record.model_kind,
        config=dict(record.config),
        project_name=project.name,
        created_at=record.created_at,
        team=team,
    )
    # The job last: where it is, the data set is whole.
    _write_lines(folder / DATASET_FILE, items)
    write_text_atomically(folder / JOB_FILE, job.model_dump_json(indent=1))
    return folder


def _splits(records: Sequence[ImageRecord], seed: int) -> dict[str, _SplitName]:
    """Return the split of each image by its relative path."""
    splits: dict[str, _SplitName] = {r.relative_path: _SPLIT_NAMES[r.split] for r in records}
    good = _by_hash((r for r in records if not r.is_defective), seed)
    loose = {r.relative_path for r in records if r.split is Split.NONE}
    shared = [path for path in good if path in loose]
    train_count, val_count = _shares(len(shared))
    splits.update(dict.fromkeys(shared[:train_count], _TRAIN))
    splits.update(dict.fromkeys(shared[train_count : train_count + val_count], _VAL))
    if not any(splits[path] == "val" for path in good):
        train = [path for path in good if splits[path] == "train"]
        splits.update(dict.fromkeys(train[: _val_count(len(train))], _VAL))
    return splits


def _by_hash(records: Iterable[ImageRecord], seed: int) -> list[str]:
    """Return the paths in an order that is always the same and has nothing to do with names."""
    paths = (record.relative_path for record in records)
    return sorted(paths, key=lambda path: hashlib.sha256(f"{seed}:{path}".encode()).digest())


def _shares(count: int) -> tuple[int, int]:
    """Return how many of so many images are for training and for validation."""
    part = round(0.15 * count)
    val_count = max(part, 1) if count > 1 else 0
    return count - part - val_count, val_count


def _val_count(train_count: int) -> int:
    return max(1, train_count // 7) if train_count > 1 else 0


def _dataset_item(
    project: Project, record: ImageRecord, split: _SplitName, class_names: Mapping[int, str]
) -> DatasetItem:
    regions = drawn_regions(project, record)
    mask = union_of(regions)
    defect_type = _defect_type(project, record, class_names)
    by_name = {
        class_names[class_id]: drawn.counts for class_id, drawn in masks_by_class(regions).items()
    }
    return DatasetItem(
        image_path=str(project.image_path(record)),
        split=split,
        is_defective=bool(record.is_defective),
        defect_type=defect_type,
        mask_size=_size(mask),
        mask_counts=mask.counts if mask else "",
        class_masks={} if set(by_name) <= {defect_type} else by_name,
        boxes=boxes_of(regions, class_names),
    )


def _defect_type(project: Project, record: ImageRecord, class_names: Mapping[int, str]) -> str:
    """Return the folder's type; where it says nothing, the class that most of the area has."""
    is_told = record.defect_type not in ("", GOOD) or not record.is_defective
    if is_told or not record.region_count:
        return record.defect_type
    areas: Counter[int] = Counter()
    for region in annotations.load_document(project, record.id).regions:
        if not region.is_ignored:
            box_area = region.box.width * region.box.height
            areas[region.class_id] += box_area if region.mask is None else region.mask.area
    [(class_id, _)] = areas.most_common(1)
    return class_names[class_id]


def _size(mask: Mask | None) -> tuple[int, int] | None:
    return (mask.height, mask.width) if mask else None


# ---------------------------------------------------------------- inspection


def write_inspection_folder(
    project: Project, record: InspectionRecord, items: list[InspectionItem], bundle_folder: Path
) -> Path:
    """Write ``inspection.json`` and ``manifest.jsonl``; return the folder.

    Raises:
        DiskFullError: if the disk is full.
    """
    folder = jobs.run_folder(project, record)
    write_inspection_files(folder, record.id, items, bundle_folder)
    return folder


def write_inspection_files(
    folder: Path, job_id: str, items: list[InspectionItem], bundle_folder: Path
) -> None:
    """Write ``inspection.json`` and ``manifest.jsonl`` of a job that need not be in a project.

    Raises:
        DiskFullError: if the disk is full.
    """
    job = InspectionJob(job_id=job_id, bundle_folder=str(bundle_folder.resolve()))
    _write_lines(folder / MANIFEST_FILE, items)
    write_text_atomically(folder / INSPECTION_FILE, job.model_dump_json(indent=1))


def inspection_items_of_folder(folder: Path) -> list[InspectionItem]:
    """Return every image below a folder; MVTec's layout gives truth.

    Of an MVTec category the test images are taken. A folder inside one, such as ``test`` or
    ``test/broken``, is recognised, too. Masks that cannot be read count as unknown.

    Raises:
        BadDataError: if there is no image.
    """
    root, listing = _find_category(folder.resolve())
    entries = listing.entries
    if listing.is_mvtec and root == folder.resolve():
        entries = tuple(e for e in entries if e.split is Split.TEST) or entries
    if not entries:
        raise BadDataError(f"{folder}: no images below it", "choose a folder with photos")
    return [_folder_item(root, entry) for entry in entries]


def inspection_items_of_project(project: Project) -> list[InspectionItem]:
    """Return the project's test images (all where there is no test split), with what is known."""
    records = project.images(split=Split.TEST) or project.images()
    return [_project_item(project, record) for record in records]


def inspection_items_from(project: Project, first: Path) -> list[InspectionItem]:
    """Return every image of the project, whatever its split, beginning with one of them."""
    items = [_project_item(project, record) for record in project.images()]
    start = next((n for n, item in enumerate(items) if item.image_path == str(first)), 0)
    return items[start:] + items[:start]


def inspection_items_of_images(project: Project, image_ids: Sequence[int]) -> list[InspectionItem]:
    """Return some images of the project, in the order of their ids given."""
    records = {record.id: record for record in project.images()}
    return [_project_item(project, records[image_id]) for image_id in image_ids]


def load_bundle_card(bundle_folder: Path) -> BundleCard:
    """Return a bundle's card.

    Raises:
        BadDataError: if the folder holds no bundle this version understands.
    """
    path = bundle_folder / BUNDLE_CARD_FILE
    remedy = "train the model again with this version, or choose another folder"
    data = read_bytes(path, limit_mb=_LARGEST_CARD_MB)
    try:
        card = BundleCard.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        raise BadDataError(f"{path}: no model ({place}: {first['msg']})", remedy) from error
    if card.protocol != FILE_VERSION:
        raise BadDataError(f"{path}: of version {card.protocol}, not {FILE_VERSION}", remedy)
    return card


def _find_category(folder: Path) -> tuple[Path, FolderListing]:
    """Return the MVTec category that a folder is (in), with the images below the folder."""
    for root in (folder.parent, folder.parent.parent):
        inside = folder.relative_to(root).as_posix()
        if inside.split("/")[0] in ("train", "test") and _is_category(root):
            files = [*_files(root, inside), *_files(root, "ground_truth")]
            return root, list_folder(files)
    return folder, scan_images(folder)


def _is_category(folder: Path) -> bool:
    return (folder / "ground_truth").is_dir() or (folder / "train" / GOOD).is_dir()


def _files(root: Path, inside: str) -> list[str]:
    files, _ = list_files(root / inside)
    return [f"{inside}/{file}" for file in files]


def _folder_item(root: Path, entry: ImageEntry) -> InspectionItem:
    mask = _mask_of_entry(root, entry)
    is_defective: bool | None = None
    if entry.defect_type:
        is_defective = entry.defect_type != GOOD
    elif mask is not None:
        is_defective = mask.area > 0
    has_pixels = mask is not None and mask.area > 0
    return InspectionItem(
        image_path=str(root / entry.relative_path),
        is_defective=is_defective,
        defect_type=entry.defect_type,
        mask_size=_size(mask) if has_pixels else None,
        mask_counts=mask.counts if mask is not None and has_pixels else "",
    )


def _mask_of_entry(root: Path, entry: ImageEntry) -> Mask | None:
    if not entry.mask_path:
        return None
    try:
        data = read_bytes(root / entry.mask_path, limit_mb=_LARGEST_MASK_MB)
        return Mask.from_array(picture.decode_mask(data, name=entry.mask_path))
    except BadDataError:
        # Truth is for figures only; the part is judged all the same.
        return None


def _project_item(project: Project, record: ImageRecord) -> InspectionItem:
    mask = union_of(drawn_regions(project, record))
    return InspectionItem(
        image_path=str(project.image_path(record)),
        is_defective=record.is_defective,
        defect_type=record.defect_type,
        mask_size=_size(mask),
        mask_counts=mask.counts if mask else "",
    )


def _write_lines(path: Path, items: Iterable[Frozen]) -> None:
    write_text_atomically(path, "".join(f"{item.model_dump_json()}\n" for item in items))
