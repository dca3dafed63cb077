"""What every annotation tool has: a name, an icon, a key, a hint, and answers to mouse and keys."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools.options import NumberOption, ToolOption

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is and what is held."""

    x: float
    y: float
    """In image pixels; may lie outside the image."""
    position: QPointF
    """On the widget."""
    button: Qt.MouseButton
    """The one that was pressed or released."""
    modifiers: Qt.KeyboardModifier
    is_double: bool = False
    """It is the second press of a double click."""

    @property
    def has_shift(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def has_ctrl(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)


class Tool(QObject):
    """Turns mouse and keys on a canvas into edits.

    A new tool is a subclass in a file of its own and a line in `TOOLS`: tool bar,
    shortcut, cursor, hint and options follow from what it declares here.
    """

    name: ClassVar[str]
    icon_name: ClassVar[str]
    shortcut: ClassVar[str]
    cursor: Qt.CursorShape = Qt.CursorShape.CrossCursor
    edits: ClassVar[bool] = True
    """It is of no use on a read-only project."""
    meets_regions: ClassVar[bool] = False
    """The region under the mouse lights up."""

    hint_changed = Signal()

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.editing = editing
        self.options: tuple[NumberOption, ...] = ()
        self.details: tuple[ToolOption, ...] = ()
        """Options that are changed now and then: behind a button."""

    def title(self) -> str:
        """Return its translated name."""
        raise NotImplementedError

    def hint(self) -> str:
        """Return one sentence on what to do next."""
        raise NotImplementedError

    def press(self, pointer: Pointer) -> None:
        """A button went down; the canvas has taken what means panning."""

    def move(self, pointer: Pointer) -> None:
        """The mouse moved, with or without a button held."""

    def release(self, pointer: Pointer) -> None:
        """The button that was pressed went up."""

    def leave(self) -> None:
        """The mouse left the canvas."""

    def takes_key(self, event: QKeyEvent) -> bool:
        """Tell whether the key belongs to the tool now; it is no shortcut then."""
        return False

    def key(self, event: QKeyEvent) -> None:
        """A key that `takes_key` claimed."""

    def reset(self) -> None:
        """Drop what is under way: another image, another tool, Esc."""

    def paint(self, painter: QPainter) -> None:
        """Paint on top of everything, in widget coordinates."""
