"""Brings a huge image to the canvas, its overview first and tiles as they are looked at."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from inspector_app.domain.deep import Window
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.services.background import Background
from inspector_app.services.overview import Overview
from inspector_app.services.tiles import Tiles
from inspector_app.ui.canvas.huge_picture import HugePicture
from inspector_app.ui.canvas.picture import FILLED_ROWS
from inspector_app.ui.canvas.view import Canvas

_ROWS_AT_ONCE = 4 * FILLED_ROWS
"""Of the overview, seen through another window: some milliseconds."""


class HugeOnCanvas(QObject):
    """Holds at most one huge image; closed, its memory and what is under way are let go."""

    failed = Signal(str)
    began = Signal()
    """The overview has to be made: it fills from the top."""
    unpacking = Signal()
    """All of the file has to be read before any part of it can be had quickly."""
    filled = Signal()
    """All of the overview is there."""

    def __init__(
        self, background: Background, canvas: Canvas, cache_folder: Path, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._canvas = canvas
        self._cache_folder = cache_folder
        self._tiles: Tiles | None = None
        self._overview: Overview | None = None
        self._picture: HugePicture | None = None
        self._unseen_from = 0
        """The first row of the overview that still shows another window."""
        self._slices = QTimer(self)
        self._slices.setInterval(0)
        self._slices.timeout.connect(self._see_some_rows)

    def show(self, image: HugeImage) -> None:
        """Show another image."""
        self.close()
        tiles = Tiles(image, self._background, self)
        overview = Overview(image, self._background, self._cache_folder, self)
        self._picture = HugePicture(tiles, halvings=overview.halvings)
        self._tiles, self._overview = tiles, overview
        tiles.ready.connect(self._show_box)
        tiles.failed.connect(self.failed)
        overview.rows_ready.connect(self._fill)
        overview.ended.connect(self._keep)
        overview.failed.connect(self.failed)
        self._canvas.set_picture(self._picture)
        if not image.is_at_hand(Box(0, 0, image.width, image.height)):
            self.unpacking.emit()
        overview.start()

    def close(self) -> None:
        """Let go of the image; the canvas must not show it any more after this."""
        for service in (self._tiles, self._overview):
            if service is not None:
                service.close()
                service.deleteLater()
        self._tiles = self._overview = self._picture = None
        self._slices.stop()

    def see_through(self, window: Window | None) -> None:
        """Show a deep image through a window, None for the automatic one."""
        if self._picture is not None:
            self._picture.see_through(window)
            self._unseen_from = 0
            self._slices.start()
            self._canvas.repaint_all()

    def deep_values_at(self, x: int, y: int) -> tuple[float, ...]:
        """Return a pixel in a deep image's own units; nothing where they are not known."""
        return self._picture.deep_values_at(x, y) if self._picture is not None else ()

    def _see_some_rows(self) -> None:
        rows = None
        if self._picture is not None:
            rows = self._picture.seen_rows(self._unseen_from, _ROWS_AT_ONCE)
        if self._picture is None or rows is None:
            self._slices.stop()
            return
        self._canvas.repaint_box(self._picture.replace(self._unseen_from, rows))
        self._unseen_from += len(rows)

    def _show_box(self, box: Box) -> None:
        self._canvas.repaint_box(box)

    def _fill(self, top: int, rows: NDArray[Any]) -> None:
        if self._picture is not None and self._overview is not None:
            self._canvas.repaint_box(self._picture.fill(top, rows))
            is_all = len(rows) == self._overview.height
            if is_all:
                self.filled.emit()
            elif top == 0:
                self.began.emit()

    def _keep(self) -> None:
        if self._picture is not None and self._overview is not None:
            self._overview.keep(self._picture.overview())
            self.filled.emit()
