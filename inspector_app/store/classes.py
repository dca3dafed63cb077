"""Changes to a project's classes. Ids stay: exports and regions refer to them."""

import sqlite3

from inspector_app.domain.errors import BadDataError
from inspector_app.store.history import clear_history
from inspector_app.store.project import Project


def rename_class(project: Project, class_id: int, name: str) -> None:
    """Give a class another name; its regions keep it.

    Raises:
        BadDataError: if the name is blank or another class has it.
    """
    name = name.strip()
    if not name:
        raise BadDataError("a class needs a name", "type one")
    try:
        with project.transaction() as connection:
            connection.execute("UPDATE classes SET name = ? WHERE id = ?", (name, class_id))
    except sqlite3.IntegrityError as error:
        raise BadDataError(
            f"there is a class {name!r} already", "merge the two, or choose another name"
        ) from error


def set_class_colour(project: Project, class_id: int, colour: str) -> None:
    """Give a class another colour, #RRGGBB."""
    with project.transaction() as connection:
        connection.execute("UPDATE classes SET colour = ? WHERE id = ?", (colour, class_id))


def count_regions_of_class(project: Project, class_id: int) -> int:
    (count,) = project.connection.execute(
        "SELECT count(*) FROM regions WHERE class_id = ?", (class_id,)
    ).fetchone()
    return int(count)


def set_number_key(project: Project, class_id: int, key: int | None) -> None:
    """Give a class one of the keys 1…9, taking it from the class that had it; None: by order."""
    with project.transaction() as connection:
        connection.execute("UPDATE classes SET number_key = NULL WHERE number_key = ?", (key,))
        connection.execute("UPDATE classes SET number_key = ? WHERE id = ?", (key, class_id))


def describe_class(project: Project, class_id: int, description: str) -> None:
    """Say in words what belongs to a class."""
    with project.transaction() as connection:
        connection.execute(
            "UPDATE classes SET description = ? WHERE id = ?", (description.strip(), class_id)
        )


def freeze_classes(project: Project) -> None:
    """Remember that files outside know the classes by their numbers now.

    Their place in later exports stays theirs, also after they are removed or merged.
    """
    with project.transaction() as connection:
        connection.execute("UPDATE classes SET state = 'exported' WHERE state = 'own'")


def merge_classes(project: Project, source_id: int, target_id: int) -> int:
    """Give all regions and examples of one class to another and remove it; return how many regions.

    The undo history is forgotten: its steps speak of regions as they were before.
    """
    if source_id == target_id:
        raise ValueError("a class cannot be merged into itself")
    with project.transaction() as connection:
        moved = connection.execute(
            "UPDATE regions SET class_id = ? WHERE class_id = ?", (target_id, source_id)
        ).rowcount
        connection.execute(
            "UPDATE examples SET class_id = ? WHERE class_id = ?", (target_id, source_id)
        )
        _remove(connection, source_id)
    return moved


def remove_class(project: Project, class_id: int) -> None:
    """Remove a class that no region has; the undo history is forgotten, as it may speak of it.

    Raises:
        BadDataError: if regions have it.
    """
    count = count_regions_of_class(project, class_id)
    if count:
        raise BadDataError(f"{count} regions have this class", "merge it into another one instead")
    with project.transaction() as connection:
        _remove(connection, class_id)


def _remove(connection: sqlite3.Connection, class_id: int) -> None:
    connection.execute(
        "UPDATE classes SET state = 'retired', number_key = NULL "
        "WHERE id = ? AND state = 'exported'",
        (class_id,),
    )
    connection.execute("DELETE FROM classes WHERE id = ? AND state = 'own'", (class_id,))
    clear_history(connection)
