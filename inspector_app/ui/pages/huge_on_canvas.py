"""Brings a huge image to the canvas, its overview first and tiles as they are looked at."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.domain.picture import RgbImage
from inspector_app.services.background import Background
from inspector_app.services.overview import Overview
from inspector_app.services.tiles import Tiles
from inspector_app.ui.canvas.huge_picture import HugePicture
from inspector_app.ui.canvas.view import Canvas


class HugeOnCanvas(QObject):
    """Holds at most one huge image; closed, its memory and what is under way are let go."""

    failed = Signal(str)
    progressed = Signal(int)
    """Percent of the overview; 100 ends it."""

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
        overview.start()

    def close(self) -> None:
        """Let go of the image; the canvas must not show it any more after this."""
        for service in (self._tiles, self._overview):
            if service is not None:
                service.close()
                service.deleteLater()
        self._tiles = self._overview = self._picture = None

    def _show_box(self, box: Box) -> None:
        self._canvas.repaint_box(box)

    def _fill(self, top: int, rows: RgbImage) -> None:
        if self._picture is not None and self._overview is not None:
            self._canvas.repaint_box(self._picture.fill(top, rows))
            self.progressed.emit(round(100 * self._overview.done_01))

    def _keep(self) -> None:
        if self._picture is not None and self._overview is not None:
            self._overview.keep(self._picture.overview())
