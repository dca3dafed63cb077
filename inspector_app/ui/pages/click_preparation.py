"""Has encoded what the operator looks at, and what comes next."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HUGE_PX
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.segmentation import Segmentation
from inspector_app.ui.canvas.seen import part_to_encode

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_SETTLED_AFTER_MS = 250
"""Leafing or zooming, what is only passed is not encoded."""


class ClickPreparation(QObject):
    """Follows the canvas: the image, and the part of it that is zoomed to."""

    def __init__(
        self,
        canvas: "Canvas",
        segmentation: Segmentation,
        ahead: EncodingAhead,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._segmentation = segmentation
        self._ahead = ahead
        self._path: Path | None = None
        self._next: list[Path] = []
        self._follows_view = False
        self._prepared: tuple[Path, Box | None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLED_AFTER_MS)
        self._timer.timeout.connect(self._prepare)
        canvas.view_changed.connect(self._on_view_changed)
        segmentation.prepared.connect(ahead.look_again)

    def set_image(self, path: Path, following: list[Path]) -> None:
        """The pixels of an image are on the canvas; these are likely to come next."""
        self._path, self._next = path, following
        self._timer.start()

    def clear(self) -> None:
        """There is no image to click on."""
        self._path, self._next = None, []
        self._timer.stop()

    def set_follows_view(self, follows: bool) -> None:
        """Encode the part that is zoomed to, not only whole images: clicks are about to come."""
        self._follows_view = follows
        self._on_view_changed()

    def prepare_again(self) -> None:
        """Another click model is in use."""
        self._prepared = None
        self._on_view_changed()

    def _on_view_changed(self) -> None:
        if self._path is not None:
            self._timer.start()

    def _prepare(self) -> None:
        if self._path is None or not self._canvas.has_image:
            return
        view = part_to_encode(self._canvas) if self._follows_view else None
        size = self._canvas.image_size
        if (view.area if view else size.width() * size.height()) > HUGE_PX:
            # Nothing is to be seen of a defect yet; the operator will zoom in.
            return
        if (self._path, view) == self._prepared:
            return
        self._prepared = self._path, view
        self._segmentation.prepare(self._path, view)
        self._ahead.set_view(view)
        self._ahead.wish([(path, view) for path in self._next])
