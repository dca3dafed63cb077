"""What inspections said of the images of a project."""

import os
from collections.abc import Callable, Iterator

from inspector_app.domain.jobs import InspectionRecord, ResultRecord
from inspector_app.domain.tiff_pages import page_path
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project


def last_judgements(project: Project) -> dict[str, bool]:
    """Return by relative path whether the part was found defective, under the threshold in force.

    From the newest inspection that judged the image: a model may be asked about one alone.
    """
    folder = f"{project.image_folder}{os.sep}"
    chosen = _chosen_pages(project)
    judged: dict[str, bool] = {}
    # The oldest first, so that newer ones overwrite what they judged again.
    for inspection in reversed(jobs.inspections(project)):
        rows = project.connection.execute(
            "SELECT image_path, score >= ? FROM results "
            "WHERE inspection_id = ? AND score IS NOT NULL",
            (inspection.threshold, inspection.id),
        )
        judged |= {
            chosen.get(path, path[len(folder) :].replace(os.sep, "/")): bool(is_defective)
            for path, is_defective in rows
            if path.startswith(folder)
        }
    return judged


def _chosen_pages(project: Project) -> dict[str, str]:
    """Return the relative path of the files of which a page was chosen, by what names the page."""
    rows = project.connection.execute("SELECT relative_path, page FROM images WHERE page > 1")
    folder = project.image_folder
    return {str(page_path(folder / path, page)): path for path, page in rows}


def newest_results(
    project: Project, is_wanted: Callable[[InspectionRecord], bool]
) -> dict[str, tuple[InspectionRecord, ResultRecord]]:
    """Return by absolute path the newest judgement of each image, of the inspections wanted."""
    found: dict[str, tuple[InspectionRecord, ResultRecord]] = {}
    for inspection in reversed(jobs.inspections(project)):
        if is_wanted(inspection):
            results = inspection_results.results(project, inspection.id)
            found |= {one.image_path: (inspection, one) for one in results if one.is_judged}
    return found


def results_of(
    project: Project, image_path: str
) -> Iterator[tuple[InspectionRecord, ResultRecord]]:
    """Yield the inspections that came to an image, newest first, with its result."""
    for inspection in jobs.inspections(project):
        result = inspection_results.result(project, inspection.id, image_path)
        if result is not None:
            yield inspection, result
