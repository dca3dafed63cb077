"""What the last inspection took each image of a project for."""

import os

from inspector_app.store import jobs
from inspector_app.store.project import Project


def last_judgements(project: Project) -> dict[str, bool]:
    """Return by relative path whether the part was found defective, under the threshold in force.

    From the newest inspection that judged any image of the project; empty if none did.
    """
    folder = f"{project.image_folder}{os.sep}"
    for inspection in jobs.inspections(project):
        rows = project.connection.execute(
            "SELECT image_path, score >= ? FROM results "
            "WHERE inspection_id = ? AND score IS NOT NULL",
            (inspection.threshold, inspection.id),
        )
        found = {
            path[len(folder) :].replace(os.sep, "/"): bool(is_defective)
            for path, is_defective in rows
            if path.startswith(folder)
        }
        if found:
            return found
    return {}
