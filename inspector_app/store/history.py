"""Undo and redo, kept with the project so that they survive a restart.

The newest step that is not undone is the next to be undone; the oldest that is undone is
the next to be done again.
"""

import json
import sqlite3
from collections.abc import Sequence
from enum import Enum, auto
from typing import Any, assert_never

from inspector_app.domain.annotation import ImageVerdict, Region, ReviewState
from inspector_app.domain.edits import (
    AddRegion,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    SetNote,
    SetReview,
    SetVerdict,
    UndoStep,
)
from inspector_app.store.region_rows import region_of, values_of

UNDO_DEPTH = 500
"""Steps kept; the oldest go."""


class Turn(Enum):
    """What a step that is stored means for the history."""

    NEW = auto()
    UNDO = auto()
    REDO = auto()


def load_history(connection: sqlite3.Connection) -> tuple[list[UndoStep], list[UndoStep]]:
    """Return steps to undo (the last is next) and to redo (the last is next)."""
    rows = connection.execute("SELECT image_id, label, edits, is_undone FROM history ORDER BY id")
    done: list[UndoStep] = []
    undone: list[UndoStep] = []
    for image_id, label, edits, is_undone in rows:
        step = UndoStep(image_id, label, tuple(_edit(values) for values in json.loads(edits)))
        (undone if is_undone else done).append(step)
    return done, undone[::-1]


def clear_history(connection: sqlite3.Connection) -> None:
    """Forget all steps, inside the caller's transaction or alone."""
    connection.execute("DELETE FROM history")


def note(connection: sqlite3.Connection, step: UndoStep, turn: Turn) -> None:
    """Write down a step inside the caller's transaction.

    Args:
        step: as it would be done (again), also where it is being undone.
    """
    edits = json.dumps([_values(edit) for edit in step.edits])
    match turn:
        case Turn.NEW:
            connection.execute("DELETE FROM history WHERE is_undone")
            connection.execute(
                "INSERT INTO history (image_id, label, edits) VALUES (?, ?, ?)",
                (step.image_id, step.label, edits),
            )
            connection.execute(
                "DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ?", (UNDO_DEPTH,)
            )
        case Turn.UNDO:
            connection.execute(
                "UPDATE history SET is_undone = 1, edits = ? "
                "WHERE id = (SELECT max(id) FROM history WHERE NOT is_undone)",
                (edits,),
            )
        case Turn.REDO:
            connection.execute(
                "UPDATE history SET is_undone = 0, edits = ? "
                "WHERE id = (SELECT min(id) FROM history WHERE is_undone)",
                (edits,),
            )
        case _:
            assert_never(turn)


def _values(edit: Edit) -> list[Any]:
    match edit:
        case AddRegion(region, position):
            return ["add", values_of(region), position]
        case RemoveRegion(region, position):
            return ["remove", values_of(region), position]
        case ReplaceRegion(before, after):
            return ["replace", values_of(before), values_of(after)]
        case SetVerdict(before, after):
            return ["verdict", before, after]
        case SetReview(before, after):
            return ["review", before, after]
        case SetNote(before, after):
            return ["note", before, after]
        case _:
            assert_never(edit)


def _edit(values: Sequence[Any]) -> Edit:
    kind, first, second = values
    match kind:
        case "add":
            return AddRegion(_region(first), second)
        case "remove":
            return RemoveRegion(_region(first), second)
        case "replace":
            return ReplaceRegion(_region(first), _region(second))
        case "verdict":
            return SetVerdict(_verdict(first), _verdict(second))
        case "review":
            return SetReview(ReviewState(first), ReviewState(second))
        case _:
            return SetNote(first, second)


def _region(values: Sequence[Any]) -> Region:
    return region_of(tuple(values))


def _verdict(value: str | None) -> ImageVerdict | None:
    return ImageVerdict(value) if value else None
