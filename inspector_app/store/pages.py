"""Which page of a file with several is worked on."""

from collections.abc import Iterable

from inspector_app.store.project import Project


def choose_where_untouched(project: Project, page: int, relative_paths: Iterable[str]) -> int:
    """Choose a page of those images on which nothing was ever drawn; return how many.

    What was drawn belongs to its page, also where it was taken back and may come again.
    """
    with project.transaction() as connection:
        cursor = connection.executemany(
            "UPDATE images SET page = ?1 WHERE relative_path = ?2 AND page != ?1 "
            "AND NOT EXISTS (SELECT 1 FROM regions WHERE image_id = images.id) "
            "AND NOT EXISTS (SELECT 1 FROM history WHERE image_id = images.id)",
            [(page, path) for path in relative_paths],
        )
    return cursor.rowcount
