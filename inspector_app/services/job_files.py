"""Run and inspection folders as a worker wants them. No Qt: the command line uses it too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspector_app.domain.jobs import InspectionRecord, RunRecord
from inspector_app.protocol.files import BundleCard, DatasetItem, InspectionItem
from inspector_app.store.project import Project

_ = Any


def dataset_items(project: Project, *, seed: int = 0) -> list[DatasetItem]:
    """Return the project's images as a frozen data set with train, val and test.

    MVTec's own train and test are kept. Where a project has no split of its own, good images
    are split 70/15/15 by a hash of their path, and defective ones go to test. Where there is
    a train split but no val, every seventh good training image (by hash, at least one if there
    are two) becomes val: calibration needs good parts that training has not seen. Images nobody
    has said anything of (`is_defective` is None) are taken as good in a project without any
    defect and left out in one that has some.
    """
    raise NotImplementedError


def write_run_folder(project: Project, record: RunRecord) -> Path:
    """Write ``job.json`` and ``dataset.jsonl``; return the folder.

    Raises:
        BadDataError: if there is no good image to learn from.
        DiskFullError: if the disk is full.
    """
    raise NotImplementedError


def write_inspection_folder(
    project: Project, record: InspectionRecord, items: list[InspectionItem], bundle_folder: Path
) -> Path:
    """Write ``inspection.json`` and ``manifest.jsonl``; return the folder."""
    raise NotImplementedError


def inspection_items_of_folder(folder: Path) -> list[InspectionItem]:
    """Return every image below a folder; MVTec's layout (``test/<type>`` with masks) gives truth.

    Raises:
        BadDataError: if there is no image.
    """
    raise NotImplementedError


def inspection_items_of_project(project: Project) -> list[InspectionItem]:
    """Return the project's test images (all images where there is no test split), with what is known."""
    raise NotImplementedError


def load_bundle_card(bundle_folder: Path) -> BundleCard:
    """Return a bundle's card.

    Raises:
        BadDataError: if the folder holds no bundle this version understands.
    """
    raise NotImplementedError


def read_events(run_folder: Path) -> list[object]:
    """Return the events a run has left so far; a half-written last line is passed over."""
    raise NotImplementedError


def form_defaults(schema: Mapping[str, object]) -> dict[str, object]:
    """Return the defaults of a model card's config schema."""
    raise NotImplementedError
