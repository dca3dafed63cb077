"""What tools that show drafts have in common: a click takes one, a right click drops it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QPainter

from inspector_app.domain.geometry import PointXY
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.draft_painting import DraftPainting
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools.base import Pointer, Tool

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_REACH_PX = 4


class DraftTool(Tool):
    """Shows drafts; Enter takes all of them, Esc drops them until there are others."""

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self._painting = DraftPainting()
        self._is_dropped = False
        self._hover: PointXY | None = None
        self._lit: Draft | None = None
        """The draft under the mouse."""

    @property
    def drafts(self) -> Sequence[Draft]:
        """What can be accepted now; of drafts one in another, the outer one comes first."""
        raise NotImplementedError

    def take(self, draft: Draft, pointer: Pointer) -> None:
        """A draft was clicked."""
        raise NotImplementedError

    def refuse(self, draft: Draft) -> None:
        """A draft was clicked with the right button."""
        raise NotImplementedError

    def take_all(self) -> None:
        raise NotImplementedError

    def drop(self) -> None:
        """Show none of them any more."""
        self._is_dropped = True

    def joined(self) -> Sequence[Draft]:
        """Return those that are to become one region."""
        return ()

    def colour_of(self, draft: Draft) -> QColor:
        raise NotImplementedError

    def press(self, pointer: Pointer) -> None:
        draft = self._draft_at((pointer.x, pointer.y))
        if draft is None or not self.editing.can_edit:
            return
        if pointer.button is Qt.MouseButton.RightButton:
            self.refuse(draft)
        elif pointer.button is Qt.MouseButton.LeftButton:
            self.take(draft, pointer)
        self._tell()

    def move(self, pointer: Pointer) -> None:
        self._hover = (pointer.x, pointer.y)
        self._light_up()

    def leave(self) -> None:
        self._hover = None
        self._light_up()

    def takes_key(self, event: QKeyEvent) -> bool:
        return event.key() in self.key_actions and bool(self.drafts)

    def key(self, event: QKeyEvent) -> None:
        self.key_actions[Qt.Key(event.key())]()
        self._tell()

    @property
    def key_actions(self) -> dict[Qt.Key, Callable[[], None]]:
        """What keys do while there are drafts."""
        return {
            Qt.Key.Key_Return: self.take_all,
            Qt.Key.Key_Enter: self.take_all,
            Qt.Key.Key_Escape: self.drop,
        }

    def reset(self) -> None:
        self._is_dropped = False
        self._hover = None
        self._tell()

    def _draft_at(self, place: PointXY | None) -> Draft | None:
        """Return the innermost draft at a place: it may lie in the hole of a larger one."""
        if place is None:
            return None
        reach = _REACH_PX / self.canvas.viewport.scale
        met = [d for d in reversed(self.drafts) if d.is_met(*place, tolerance_px=reach)]
        return next((d for d in met if d.is_met(*place)), met[0] if met else None)

    def _light_up(self) -> None:
        """Show the draft under the mouse; nothing is painted while it stays the same."""
        before, self._lit = self._lit, self._draft_at(self._hover)
        if self._lit is not before:
            self.canvas.update()
            self.hint_changed.emit()

    def _tell(self) -> None:
        self._lit = self._draft_at(self._hover)
        self.canvas.update()
        self.hint_changed.emit()

    def paint(self, painter: QPainter) -> None:
        is_complete = self._painting.paint(
            painter,
            self.canvas.viewport,
            self.canvas.size(),
            self.drafts,
            colour_of=self.colour_of,
            joined=self.joined(),
            hovered=self._lit,
        )
        if not is_complete:
            # A timer: within a paint event, asking for another one is lost on some systems.
            QTimer.singleShot(0, self.canvas, self.canvas.update)
