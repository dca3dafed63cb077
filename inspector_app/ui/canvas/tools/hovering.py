"""What a click would give at the cursor, asked for no faster than it is answered."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from inspector_app.domain.geometry import PointXY
from inspector_app.domain.mask import Mask
from inspector_app.services.segmentation import HoverAnswer, Segmentation
from inspector_app.ui.canvas.seen import part_to_encode

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_ASK_EVERY_MS = 80
_SAME_PLACE_PX = 24.0
"""On the screen: an answer for a place further away from the cursor would only confuse."""


class Hovering(QObject):
    """Follows the mouse; the latest place wins, and there is at most one question a while."""

    changed = Signal()
    """`mask` is another one."""

    def __init__(self, canvas: "Canvas", segmentation: Segmentation, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._segmentation = segmentation
        self._path: Path | None = None
        self._place: PointXY | None = None
        self._mask: Mask | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_ASK_EVERY_MS)
        self._timer.timeout.connect(self._ask)
        segmentation.hovered.connect(self._on_hovered)

    @property
    def mask(self) -> Mask | None:
        return self._mask

    def follow(self, path: Path, place: PointXY) -> None:
        """The cursor is at an image position where a click would begin a region."""
        self._path, self._place = path, place
        if self._mask is not None and not self._is_near(place, self._shown_at):
            self._show(None)
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """A click or anything else has come; what is on its way does not count."""
        self._timer.stop()
        self._path = self._place = None
        self._segmentation.forget_hover()
        self._show(None)

    def _ask(self) -> None:
        if self._path is not None and self._place is not None and not self._segmentation.is_busy:
            view = part_to_encode(self._canvas)
            self._segmentation.hover(self._path, *self._place, view)

    def _on_hovered(self, answer: HoverAnswer) -> None:
        if self._place is None or answer.image_path != self._path:
            return
        place = (answer.x, answer.y)
        if self._is_near(place, self._place):
            self._shown_at = place
            self._show(answer.mask)

    _shown_at: PointXY = (0.0, 0.0)

    def _show(self, mask: Mask | None) -> None:
        if mask != self._mask:
            self._mask = mask
            self.changed.emit()

    def _is_near(self, first: PointXY, second: PointXY) -> bool:
        way = QPointF(*first) - QPointF(*second)
        return way.manhattanLength() * self._canvas.viewport.scale <= _SAME_PLACE_PX
