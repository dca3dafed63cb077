"""Steps that can be undone and done again, as the window knows them."""

from collections import deque
from collections.abc import Iterable

from inspector_app.domain.edits import UndoStep
from inspector_app.store.history import UNDO_DEPTH


class StepHistory:
    """Told of what was stored; the database keeps the same."""

    def __init__(self, done: Iterable[UndoStep], undone: Iterable[UndoStep]) -> None:
        """Begin with steps to undo and to redo, of both the next one last."""
        self._done = deque(done, maxlen=UNDO_DEPTH)
        self._undone = list(undone)

    @property
    def next_to_undo(self) -> UndoStep | None:
        return self._done[-1] if self._done else None

    @property
    def next_to_redo(self) -> UndoStep | None:
        return self._undone[-1] if self._undone else None

    def was_done(self, step: UndoStep) -> None:
        """A new step; what was undone before it cannot be done again."""
        self._done.append(step)
        self._undone.clear()

    def was_undone(self, step: UndoStep) -> None:
        """Take the step to undo, in the form in which it can be done again, to those undone."""
        self._done.pop()
        self._undone.append(step)

    def was_redone(self, step: UndoStep) -> None:
        self._undone.pop()
        self._done.append(step)

    def clear(self) -> None:
        self._done.clear()
        self._undone.clear()
