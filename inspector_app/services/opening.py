"""From a folder of photos to a project. No Qt: the command line uses it too."""

from pathlib import Path

from inspector_app.formats.base import ProgressCallback, no_progress
from inspector_app.store.project import Project


def project_for_images(image_folder: Path) -> Path:
    """Return where the project of an image folder lies (or will), below `paths.projects_folder()`.

    The same folder always gives the same project; the name stays readable.
    """
    raise NotImplementedError


def create_project(project_folder: Path, image_folder: Path) -> Project:
    """Make a project and enter every image found, with split and type where MVTec's layout tells.

    Raises:
        BadDataError: if there is no image below the folder, or see `Project.create`.
    """
    raise NotImplementedError


def import_ground_truth(
    project: Project, *, progress: ProgressCallback = no_progress
) -> list[str]:
    """Turn MVTec's masks into regions of the class of their folder, in batches; return remarks.

    Images that already carry regions are left alone, so that it can be repeated. A mask that
    cannot be read, is empty or has another size than its image becomes a remark. One region for
    each mask file (several parts may belong to one defect; nothing in the file tells them apart).
    """
    raise NotImplementedError
