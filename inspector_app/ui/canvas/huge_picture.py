"""A huge image on the canvas: its overview, and tiles where they are there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter

from inspector_app.domain.deep import Window
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.services.tiles import TILE_PX, TilePlace, Tiles
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.arrays import Pixels, rgb_image
from inspector_app.ui.canvas.picture import SMOOTH_UP_TO, OnRead, Picture, scaled
from inspector_app.ui.canvas.viewport import Viewport


class HugePicture:
    """Paints the overview until the tiles of a finer level are there; asks for them."""

    def __init__(self, tiles: Tiles, *, halvings: int) -> None:
        """Take an overview of so many halvings, black until it is filled."""
        self._tiles = tiles
        self._halvings = halvings
        size = self.size
        self._overview = Picture.blank(size.width() >> halvings, size.height() >> halvings)
        self._values: NDArray[Any] | None = None
        """The overview of a deep image in its own values."""
        self._window: Window | None = None

    @property
    def size(self) -> QSize:
        return QSize(self._tiles.image.width, self._tiles.image.height)

    def overview(self) -> NDArray[Any]:
        """Return a copy of the overview, of a deep image in its own values."""
        return self._overview.whole() if self._values is None else self._values.copy()

    def fill(self, top: int, rows: NDArray[Any]) -> Box:
        """Put rows of the overview in, as `Overview` gives them; return what part they show."""
        if rows.dtype != np.uint8:
            if self._values is None:
                shape = (self._overview.size.height(), *rows.shape[1:])
                self._values = np.zeros(shape, rows.dtype)
            self._values[top : top + len(rows)] = rows
            rows = self._tiles.image.seen(rows, self._window)
        self._overview.fill(top, rows)
        return self._box_of(top, len(rows))

    def see_through(self, window: Window | None) -> None:
        """Paint tiles of a deep image through a window; rows of the overview as they are seen."""
        self._window = window
        self._tiles.see_through(window)

    def seen_rows(self, top: int, count: int) -> Pixels | None:
        """Return rows of a deep image's overview as the window shows them; None beyond the last.

        None of one of eight bits.
        """
        if self._values is None or top >= len(self._values):
            return None
        return self._tiles.image.seen(self._values[top : top + count], self._window)

    def replace(self, top: int, rows: Pixels) -> Box:
        """Paint rows of the overview anew, as another window shows them."""
        self._overview.fill(top, rows)
        return self._box_of(top, len(rows))

    def _box_of(self, top: int, rows: int) -> Box:
        step = 1 << self._halvings
        return Box(0, top * step, self.size.width(), (top + rows) * step)

    def pixels(self, box: Box) -> NDArray[np.uint8] | None:
        """Return a box's pixels: a single one if its tile is there, more of them by reading."""
        if box.area > 1:
            try:
                return self._tiles.image.read(box)
            except BadDataError:
                return None
        return self._tiles.pixel(box.left, box.top)

    def read(self, box: Box, on_read: OnRead) -> None:
        self._tiles.read(box, on_read)

    def deep_values_at(self, x: int, y: int) -> tuple[float, ...]:
        """Return a pixel in a deep image's own units; nothing while its tile is not there."""
        return self._tiles.deep_values_at(x, y)

    def paint(
        self, painter: QPainter, viewport: Viewport, exposed: QRectF, adjustment: Adjustment
    ) -> None:
        """Paint what lies in `exposed` (widget coordinates)."""
        magnification = viewport.scale * painter.device().devicePixelRatioF()
        level = 0
        while magnification * 2 ** (level + 1) <= 1.0:
            level += 1
        if level >= self._halvings:
            # A pixel of the overview is as large as so many of the image.
            coarse = Viewport(viewport.scale * 2**self._halvings, viewport.left, viewport.top)
            self._overview.paint(painter, coarse, exposed, adjustment)
            return
        step = 2**level
        room = QRect(0, 0, self.size.width() >> level, self.size.height() >> level)
        visible = scaled(viewport.rect_to_image(exposed), 1 / step)
        # As in Picture: smoothing sees its neighbours, so partial repaints leave no seams.
        source = visible.toAlignedRect().adjusted(-2, -2, 2, 2).intersected(room)
        if source.isEmpty():
            return
        pixels = self._composed(level, source)
        if not adjustment.is_neutral:
            pixels = adjustment.applied(pixels)
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, magnification <= SMOOTH_UP_TO
        )
        target = viewport.rect_to_widget(scaled(QRectF(source), step))
        painter.drawImage(target, rgb_image(pixels), QRectF(0, 0, source.width(), source.height()))

    def _composed(self, level: int, source: QRect) -> Pixels:
        """Return a part of a level: tiles, and the enlarged overview where they are missing."""
        left, top = source.left(), source.top()
        box = Box(left, top, left + source.width(), top + source.height())
        result = np.zeros((box.height, box.width, 3), np.uint8)
        for row in range(box.top // TILE_PX, (box.bottom - 1) // TILE_PX + 1):
            for column in range(box.left // TILE_PX, (box.right - 1) // TILE_PX + 1):
                place = TilePlace(level, column, row)
                corner = Box(column * TILE_PX, row * TILE_PX, box.right, box.bottom)
                part = _shared(box, column, row)
                tile = self._tiles.tile(place)
                if tile is None:
                    pixels = self._enlarged(level, part)
                else:
                    y, x = part.top - corner.top, part.left - corner.left
                    pixels = tile[y : y + part.height, x : x + part.width]
                y, x = part.top - box.top, part.left - box.left
                result[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
        return result

    def _enlarged(self, level: int, box: Box) -> Pixels:
        """Return a box of a level as the overview shows it."""
        factor = 2 ** (self._halvings - level)
        size = self._overview.size
        coarse = Box(
            box.left // factor,
            box.top // factor,
            -(-box.right // factor),
            -(-box.bottom // factor),
        ).clipped(size.width(), size.height())
        if coarse is None:
            return np.zeros((0, 0, 3), np.uint8)
        seen = np.ascontiguousarray(self._overview.pixels(coarse))
        large = cv2.resize(
            seen, (coarse.width * factor, coarse.height * factor), interpolation=cv2.INTER_LINEAR
        )
        y, x = box.top - coarse.top * factor, box.left - coarse.left * factor
        return np.asarray(large[y : y + box.height, x : x + box.width], np.uint8)


def _shared(box: Box, column: int, row: int) -> Box:
    """Return the part of a box that lies in a tile."""
    left, top = column * TILE_PX, row * TILE_PX
    return Box(
        max(left, box.left),
        max(top, box.top),
        min(left + TILE_PX, box.right),
        min(top + TILE_PX, box.bottom),
    )
