"""Small photos of a made-up part, run and inspection folders of them, and an ear for events."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import (
    BUNDLE_FOLDER,
    DATASET_FILE,
    INSPECTION_FILE,
    JOB_FILE,
    MANIFEST_FILE,
    DatasetItem,
    InspectionItem,
    InspectionJob,
    TrainingJob,
)
from inspector_app.protocol.messages import Event

PHOTO_PX = 48
SMALL: dict[str, Any] = {
    "epochs": 2,
    "image_size_px": 64,
    "batch_size": 4,
    "base_channels": 4,
    "bottleneck": 8,
}
"""Settings of a network that trains in a second."""


class Listener:
    """A job's context that keeps what is said and cancels once `cancel_on` says so."""

    job_id = "job-1"

    def __init__(self, cancel_on: Callable[[Event], bool] = lambda _event: False) -> None:
        self.events: list[Event] = []
        self.is_cancelled = False
        self._cancel_on = cancel_on

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.is_cancelled = self.is_cancelled or self._cancel_on(event)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def write_photo(path: Path, *, seed: int, is_defective: bool = False) -> np.ndarray[Any, Any]:
    """Write a photo of a disc, with a bright spot if defective; return the spot's mask."""
    rng = np.random.default_rng(seed)
    photo = np.full((PHOTO_PX, PHOTO_PX, 3), 60, np.uint8)
    cv2.circle(photo, (24, 24), 15, (120, 140, 160), -1)
    mask = np.zeros((PHOTO_PX, PHOTO_PX), np.uint8)
    if is_defective:
        x, y = (int(v) for v in rng.integers(16, 32, 2))
        cv2.circle(mask, (x, y), 4, 1, -1)
        photo[mask > 0] = 255
    noise = rng.normal(0, 4, photo.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.clip(photo + noise, 0, 255).astype(np.uint8))
    return mask


def photo_items(folder: Path, *, train: int = 8, val: int = 3, test: int = 4) -> list[DatasetItem]:
    """Write photos and return their data set; of `test` half are defective, with masks."""
    items: list[DatasetItem] = []
    for split, count in (("train", train), ("val", val)):
        for number in range(count):
            path = folder / split / f"{number}.png"
            write_photo(path, seed=len(items))
            items.append(photo_item(path, split))
    for number in range(test):
        is_defective = number % 2 == 1
        path = folder / "test" / f"{number}.png"
        mask = write_photo(path, seed=len(items), is_defective=is_defective)
        items.append(photo_item(path, "test", mask if is_defective else None))
    return items


MakeItem = Callable[[Path, Any, np.ndarray[Any, Any] | None], DatasetItem]


def spot_items(
    folder: Path,
    counts: Mapping[str, int],
    *,
    goods: bool = True,
    make_item: MakeItem | None = None,
) -> list[DatasetItem]:
    """Write photos of each split, every other one with a drawn spot; all without `goods`."""
    items: list[DatasetItem] = []
    for split, count in counts.items():
        for number in range(count):
            path = folder / split / f"{number}.png"
            is_defective = number % 2 == 1 or not goods
            mask = write_photo(path, seed=len(items), is_defective=is_defective)
            items.append((make_item or photo_item)(path, split, mask if is_defective else None))
    return items


def photo_item(path: Path, split: Any, mask: np.ndarray[Any, Any] | None = None) -> DatasetItem:
    """Return a good photo, or one with a spot."""
    if mask is None:
        return DatasetItem(image_path=str(path), split=split, is_defective=False)
    rle = Mask.from_array(mask)
    return DatasetItem(
        image_path=str(path),
        split=split,
        is_defective=True,
        defect_type="spot",
        mask_size=(rle.height, rle.width),
        mask_counts=rle.counts,
    )


def write_run(folder: Path, items: Iterable[DatasetItem], **config: Any) -> Path:
    """Return a run folder of the autoencoder, small unless `config` says otherwise."""
    return write_run_of("autoencoder", folder, items, SMALL | config)


def write_run_of(
    kind: str, folder: Path, items: Iterable[DatasetItem], config: dict[str, Any]
) -> Path:
    """Return a run folder of any kind of model."""
    folder.mkdir(parents=True, exist_ok=True)
    job = TrainingJob(job_id="job-1", model_kind=kind, config=config, device="cpu")
    (folder / JOB_FILE).write_text(job.model_dump_json())
    lines = "".join(item.model_dump_json() + "\n" for item in items)
    (folder / DATASET_FILE).write_text(lines)
    return folder


def inspection_items(items: Iterable[DatasetItem]) -> list[InspectionItem]:
    """Return the test images as an inspection with known truth."""
    return [
        InspectionItem(
            image_path=item.image_path,
            is_defective=item.is_defective,
            defect_type=item.defect_type,
            mask_size=item.mask_size,
            mask_counts=item.mask_counts,
        )
        for item in items
        if item.split == "test"
    ]


def write_inspection(folder: Path, run_folder: Path, items: Iterable[InspectionItem]) -> Path:
    """Return an inspection folder for a run's bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle = str(run_folder / BUNDLE_FOLDER)
    job = InspectionJob(job_id="job-1", bundle_folder=bundle, device="cpu")
    (folder / INSPECTION_FILE).write_text(job.model_dump_json())
    lines = "".join(item.model_dump_json() + "\n" for item in items)
    (folder / MANIFEST_FILE).write_text(lines)
    return folder


def truncate(path: str) -> None:
    """Cut a file in half."""
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
