"""Undo and redo, kept with the project so that they survive a restart.

The newest step that is not undone is the next to be undone; the oldest that is undone is
the next to be done again.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, assert_never

from inspector_app.domain.annotation import ImageVerdict, Region, ReviewState
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
from inspector_app.store.place_rows import proposal_of, proposal_values
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


_NAMES: dict[type[Edit], str] = {
    SetVerdict: "verdict",
    SetReview: "review",
    SetNote: "note",
    DismissProposal: "dismiss",
    RestoreProposal: "restore",
    SetPage: "page",
}


def _values(edit: Edit) -> list[Any]:
    match edit:
        case AddRegion(region, position):
            return ["add", values_of(region), position]
        case RemoveRegion(region, position):
            return ["remove", values_of(region), position]
        case ReplaceRegion(before, after):
            return ["replace", values_of(before), values_of(after)]
        case SetVerdict() | SetReview() | SetNote() | SetPage():
            return [_NAMES[type(edit)], edit.before, edit.after]
        case DismissProposal(proposal) | RestoreProposal(proposal):
            return [_NAMES[type(edit)], proposal_values(proposal), None]
        case _:
            assert_never(edit)


def _edit(values: Sequence[Any]) -> Edit:
    kind, first, second = values
    return _READERS[kind](first, second)


def _region(values: Sequence[Any]) -> Region:
    return region_of(tuple(values))


def _verdict(value: str | None) -> ImageVerdict | None:
    return ImageVerdict(value) if value else None


_READERS: dict[str, Callable[[Any, Any], Edit]] = {
    "add": lambda values, position: AddRegion(_region(values), position),
    "remove": lambda values, position: RemoveRegion(_region(values), position),
    "replace": lambda before, after: ReplaceRegion(_region(before), _region(after)),
    "verdict": lambda before, after: SetVerdict(_verdict(before), _verdict(after)),
    "review": lambda before, after: SetReview(ReviewState(before), ReviewState(after)),
    "note": SetNote,
    "page": SetPage,
    "dismiss": lambda proposal, _: DismissProposal(proposal_of(proposal)),
    "restore": lambda proposal, _: RestoreProposal(proposal_of(proposal)),
}
"""Of what is written as kind, first and second value."""
