"""Regions and verdicts of images in the database."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, assert_never

from inspector_app.domain.annotation import ImageVerdict, Region, ReviewState
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    AddRegion,
    DismissProposal,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    RestoreProposal,
    SetNote,
    SetPage,
    SetReview,
    SetVerdict,
    UndoStep,
)
from inspector_app.domain.errors import BugError
from inspector_app.domain.proposals import Proposal
from inspector_app.store import history
from inspector_app.store.history import Turn
from inspector_app.store.place_rows import PROPOSAL_COLUMNS, proposal_of, proposal_values
from inspector_app.store.project import Project
from inspector_app.store.region_rows import COLUMNS, region_of, values_of

_COLUMNS = ", ".join(COLUMNS)
_PLACES = ", ".join("?" * len(COLUMNS))
_PROPOSAL = ", ".join(PROPOSAL_COLUMNS)
_PROPOSAL_PLACES = ", ".join("?" * len(PROPOSAL_COLUMNS))


def load_document(project: Project, image_id: int) -> Document:
    """Return what is said of an image.

    Raises:
        KeyError: if there is no image with this id.
    """
    rows = project.connection.execute(
        f"SELECT {_COLUMNS} FROM regions WHERE image_id = ? ORDER BY position", (image_id,)
    )
    regions = [region_of(row) for row in rows]
    dismissals = project.connection.execute(
        f"SELECT {_PROPOSAL} FROM dismissals WHERE image_id = ?", (image_id,)
    )
    dismissed = [proposal_of(row) for row in dismissals]
    image = project.connection.execute(
        "SELECT verdict, review, note, page FROM images WHERE id = ?", (image_id,)
    ).fetchone()
    if image is None:
        raise KeyError(image_id)
    return _document((image_id, *image), regions, dismissed)


def documents(project: Project) -> Iterator[Document]:
    """Yield what is said of every image, in order, with one query for each table."""
    connection = project.connection
    regions: dict[int, list[Region]] = {}
    for image_id, *values in connection.execute(
        f"SELECT image_id, {_COLUMNS} FROM regions ORDER BY image_id, position"
    ):
        regions.setdefault(image_id, []).append(region_of(values))
    dismissed: dict[int, set[Proposal]] = {}
    for image_id, *values in connection.execute(f"SELECT image_id, {_PROPOSAL} FROM dismissals"):
        dismissed.setdefault(image_id, set()).add(proposal_of(values))
    for row in connection.execute(
        "SELECT id, verdict, review, note, page FROM images ORDER BY position, id"
    ):
        yield _document(row, regions.get(row[0], ()), dismissed.get(row[0], ()))


def _document(
    row: Sequence[Any], regions: Iterable[Region], dismissed: Iterable[Proposal]
) -> Document:
    """Return the document of an image's id, verdict, review state, note and page."""
    image_id, verdict, review, note, page = row
    return Document(
        image_id,
        tuple(regions),
        verdict=ImageVerdict(verdict) if verdict else None,
        review=ReviewState(review),
        note=note,
        page=page,
        dismissed=frozenset(dismissed),
    )


def images_with_regions(project: Project) -> set[int]:
    """Return the ids of images that have any region, ignored ones included."""
    return {name for (name,) in project.connection.execute("SELECT DISTINCT image_id FROM regions")}


def perform(project: Project, step: UndoStep, turn: Turn = Turn.NEW) -> None:
    """Store one step together with its place in the history; all of it or nothing.

    Raises:
        BugError: if the database does not hold what the edits start from.
    """
    try:
        with project.transaction() as connection:
            for edit in step.edits:
                _apply(connection, step.image_id, edit)
            history.note(connection, step if turn is not Turn.UNDO else step.inverse(), turn)
    except sqlite3.IntegrityError as error:
        raise BugError(f"image {step.image_id}: {step.label!r} does not fit ({error})") from error


def add_regions(project: Project, regions: Iterable[tuple[int, Region]]) -> int:
    """Append many (image id, region) pairs in one transaction, as imports do; return how many."""
    with project.transaction() as connection:
        return insert_regions(connection, regions)


def insert_regions(connection: sqlite3.Connection, regions: Iterable[tuple[int, Region]]) -> int:
    """Append (image id, region) pairs inside the caller's transaction; return how many."""
    positions: dict[int, int] = dict(
        connection.execute("SELECT image_id, max(position) + 1 FROM regions GROUP BY image_id")
    )
    count = 0
    for image_id, region in regions:
        position = positions.get(image_id, 0)
        positions[image_id] = position + 1
        _insert(connection, image_id, region, position)
        count += 1
    return count


def _apply(connection: sqlite3.Connection, image_id: int, edit: Edit) -> None:
    match edit:
        case AddRegion(region, position):
            connection.execute(
                "UPDATE regions SET position = position + 1 WHERE image_id = ? AND position >= ?",
                (image_id, position),
            )
            _insert(connection, image_id, region, position)
        case RemoveRegion(region, position):
            _exactly_one(connection.execute("DELETE FROM regions WHERE id = ?", (region.id,)))
            connection.execute(
                "UPDATE regions SET position = position - 1 WHERE image_id = ? AND position > ?",
                (image_id, position),
            )
        case ReplaceRegion(_, after):
            _exactly_one(
                connection.execute(
                    f"UPDATE regions SET ({_COLUMNS}) = ({_PLACES}) WHERE id = ?",
                    (*values_of(after), after.id),
                )
            )
        case SetVerdict(_, verdict):
            _set_of_image(connection, image_id, "verdict", verdict.value if verdict else None)
        case SetReview(_, review):
            _set_of_image(connection, image_id, "review", review.value)
        case SetNote(_, text):
            _set_of_image(connection, image_id, "note", text)
        case SetPage(_, page):
            _set_of_image(connection, image_id, "page", page)
        case DismissProposal(proposal):
            connection.execute(
                f"INSERT INTO dismissals (image_id, {_PROPOSAL}) VALUES (?, {_PROPOSAL_PLACES})",
                (image_id, *proposal_values(proposal)),
            )
        case RestoreProposal(proposal):
            _exactly_one(
                connection.execute(
                    "DELETE FROM dismissals WHERE "
                    f"image_id = ? AND ({_PROPOSAL}) IS ({_PROPOSAL_PLACES})",
                    (image_id, *proposal_values(proposal)),
                )
            )
        case _:
            assert_never(edit)


def _set_of_image(
    connection: sqlite3.Connection, image_id: int, column: str, value: str | int | None
) -> None:
    _exactly_one(
        connection.execute(f"UPDATE images SET {column} = ? WHERE id = ?", (value, image_id))
    )


def _exactly_one(cursor: sqlite3.Cursor) -> None:
    if cursor.rowcount != 1:
        raise BugError(f"an edit met {cursor.rowcount} rows instead of one")


def _insert(connection: sqlite3.Connection, image_id: int, region: Region, position: int) -> None:
    connection.execute(
        f"INSERT INTO regions (image_id, position, {_COLUMNS}) VALUES (?, ?, {_PLACES})",
        (image_id, position, *values_of(region)),
    )


__all__ = [
    "ImageVerdict",
    "add_regions",
    "images_with_regions",
    "insert_regions",
    "load_document",
    "perform",
]
