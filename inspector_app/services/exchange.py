"""Import into and export from a project. No Qt: the command line uses it too."""

from dataclasses import dataclass
from pathlib import Path

from inspector_app.formats.base import ExportReport, ImportPlan, ProgressCallback, no_progress
from inspector_app.store.project import Project

EXPORT_FORMATS = ("coco", "yolo-detect", "yolo-segment", "masks", "mvtec")
IMPORT_FORMATS = ("coco", "yolo", "voc", "masks")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came into the project."""

    image_count: int
    region_count: int
    problems: tuple[str, ...]


def export_project(
    project: Project,
    format_name: str,
    out_folder: Path,
    *,
    progress: ProgressCallback = no_progress,
) -> ExportReport:
    """Write the project's labels in a format.

    Raises:
        BadDataError: if the format is unknown or the folder cannot be written or is not empty.
        DiskFullError: if the disk is full; nothing half-written remains.
    """
    raise NotImplementedError


def plan_import(project: Project, format_name: str, path: Path) -> ImportPlan:
    """Read a label file or folder without changing the project.

    Raises:
        BadDataError: if it cannot be read.
    """
    raise NotImplementedError


def perform_import(project: Project, plan: ImportPlan) -> ImportReport:
    """Enter a plan's classes and regions in one transaction.

    Regions equal to one already there (class, box and mask) are not added twice.
    """
    raise NotImplementedError
