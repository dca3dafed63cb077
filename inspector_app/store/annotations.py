"""Regions and verdicts of images in the database."""

import sqlite3
from collections.abc import Iterable
from typing import assert_never

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    AddRegion,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    SetVerdict,
    UndoStep,
)
from inspector_app.domain.errors import BugError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.store.project import Project

_COLUMNS = (
    "id, class_id, box_left, box_top, box_right, box_bottom, "
    "mask_height, mask_width, mask_counts, author, author_detail, created_at"
)


def load_document(project: Project, image_id: int) -> Document:
    """Return what is said of an image."""
    rows = project.connection.execute(
        f"SELECT {_COLUMNS} FROM regions WHERE image_id = ? ORDER BY position", (image_id,)
    )
    regions = tuple(_region(row) for row in rows)
    return Document(image_id, regions, project.image(image_id).verdict)


def perform(project: Project, step: UndoStep) -> None:
    """Store one step; all of it or nothing.

    Raises:
        BugError: if the database does not hold what the edits start from.
    """
    try:
        with project.transaction() as connection:
            for edit in step.edits:
                _apply(connection, step.image_id, edit)
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
                    "UPDATE regions SET (class_id, box_left, box_top, box_right, box_bottom, "
                    "mask_height, mask_width, mask_counts, author, author_detail, created_at) "
                    "= (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?",
                    (*_values(after)[1:], after.id),
                )
            )
        case SetVerdict(_, verdict):
            value = verdict.value if verdict else None
            _exactly_one(
                connection.execute("UPDATE images SET verdict = ? WHERE id = ?", (value, image_id))
            )
        case _:
            assert_never(edit)


def _exactly_one(cursor: sqlite3.Cursor) -> None:
    if cursor.rowcount != 1:
        raise BugError(f"an edit met {cursor.rowcount} rows instead of one")


def _insert(connection: sqlite3.Connection, image_id: int, region: Region, position: int) -> None:
    connection.execute(
        f"INSERT INTO regions (image_id, position, {_COLUMNS}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (image_id, position, *_values(region)),
    )


def _values(region: Region) -> tuple[object, ...]:
    mask, box = region.mask, region.box
    return (
        region.id,
        region.class_id,
        box.left,
        box.top,
        box.right,
        box.bottom,
        mask.height if mask else None,
        mask.width if mask else None,
        mask.counts if mask else None,
        region.author.value,
        region.author_detail,
        region.created_at,
    )


def _region(row: tuple[object, ...]) -> Region:
    (region_id, class_id, left, top, right, bottom, height, width, counts, author, detail, at) = row
    mask = Mask(height, width, counts) if counts is not None else None  # type: ignore[arg-type]
    return Region(
        id=region_id,  # type: ignore[arg-type]
        class_id=class_id,  # type: ignore[arg-type]
        box=Box(left, top, right, bottom),  # type: ignore[arg-type]
        mask=mask,
        author=Author(str(author)),
        author_detail=detail,  # type: ignore[arg-type]
        created_at=at,  # type: ignore[arg-type]
    )


__all__ = ["ImageVerdict", "add_regions", "insert_regions", "load_document", "perform"]
