"""Tiles of a huge image: made in threads, the last asked for first, within a memory bound."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from inspector_app.domain.deep import Window
from inspector_app.domain.errors import KnownError
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HugeImage
from inspector_app.domain.picture import RgbImage
from inspector_app.services.background import URGENT, Background, Task

TILE_PX = 512
_MAX_WAITING = 64
"""More than any screen shows; what was asked for before that has been panned away."""
_MAX_RUNNING = 2


@dataclass(frozen=True, slots=True)
class TilePlace:
    """A tile of one level; level n shows 2ⁿ × 2ⁿ image pixels as one."""

    level: int
    column: int
    row: int

    def box(self, width_px: int, height_px: int) -> Box | None:
        """Return the part of the image that it shows, None beside the image."""
        side = TILE_PX << self.level
        left, top = self.column * side, self.row * side
        return Box(left, top, left + side, top + side).clipped(width_px, height_px)


class Tiles(QObject):
    """Gives tiles at once or announces them."""

    ready = Signal(object)
    """Box of the image that can be shown finely now."""
    failed = Signal(str)
    """A sentence for the operator; that tile is not tried again."""

    def __init__(
        self,
        image: HugeImage,
        background: Background,
        parent: QObject | None = None,
        *,
        max_bytes: int = 256 * 2**20,
    ) -> None:
        super().__init__(parent)
        self.image = image
        self._background = background
        self._max_bytes = max_bytes
        self._known: OrderedDict[TilePlace, NDArray[Any]] = OrderedDict()
        """RGB, or the file's own values where they are deep."""
        self._window: Window | None = None
        self._waiting: OrderedDict[TilePlace, None] = OrderedDict()
        self._running: dict[TilePlace, Task] = {}
        self._refused: set[TilePlace] = set()
        self.cached_bytes = 0
        self._is_closed = False

    def known(self, place: TilePlace) -> RgbImage | None:
        """Return a tile if it is there."""
        if (tile := self._known.get(place)) is None:
            return None
        self._known.move_to_end(place)
        return tile if tile.dtype == np.uint8 else self.image.seen(tile, self._window)

    def pixel(self, x: int, y: int) -> RgbImage | None:
        """Return (1, 1, 3), of deep images through the automatic window; None without its tile."""
        part = self._value(x, y)
        return part if part is None or part.dtype == np.uint8 else self.image.seen(part)

    def deep_values_at(self, x: int, y: int) -> tuple[float, ...]:
        """Return grey, or red, green and blue in a deep image's units; nothing without its tile."""
        part = self._value(x, y)
        if part is None or part.dtype == np.uint8:
            return ()
        return tuple(float(value) for value in part.ravel()[::-1])

    def read(self, box: Box, on_read: Callable[[RgbImage | None], None]) -> None:
        """Call with any part of the image once it is read, None where that is not possible."""
        self._background.run(
            partial(self.image.read, box),
            partial(self._hand_over, on_read),
            partial(self._on_unreadable, on_read),
            priority=URGENT,
        )

    def _hand_over(self, on_read: Callable[[RgbImage | None], None], part: RgbImage) -> None:
        if not self._is_closed:
            on_read(part)

    def _on_unreadable(self, on_read: Callable[[RgbImage | None], None], error: Exception) -> None:
        if not isinstance(error, KnownError):
            self._background.bug_found.emit(error)
        if not self._is_closed:
            self.failed.emit(str(error))
            on_read(None)

    def _value(self, x: int, y: int) -> NDArray[Any] | None:
        tile = self._known.get(TilePlace(0, x // TILE_PX, y // TILE_PX))
        x, y = x % TILE_PX, y % TILE_PX
        return None if tile is None else tile[y : y + 1, x : x + 1]

    def see_through(self, window: Window | None) -> None:
        """Give deep tiles as they are seen through a window, None for the automatic one."""
        self._window = window

    def tile(self, place: TilePlace) -> RgbImage | None:
        """Return a tile if it is there, else ask for it: `ready` follows."""
        if (tile := self.known(place)) is not None:
            return tile
        box = place.box(self.image.width, self.image.height)
        # What still has to be unpacked is asked for again as the overview grows over it.
        is_there = box is not None and self.image.is_at_hand(box)
        is_asked = place in self._running or place in self._refused
        if is_there and not is_asked and not self._is_closed:
            self._ask(place)
        return None

    def close(self) -> None:
        """Drop everything; nothing is told any more."""
        self._is_closed = True
        for task in self._running.values():
            task.cancel()
        for kept in (self._running, self._waiting, self._known):
            kept.clear()
        self.cached_bytes = 0

    def _ask(self, place: TilePlace) -> None:
        # Another zoom: what was wanted at the last one is not looked at any more.
        for other in [other for other in self._waiting if other.level != place.level]:
            del self._waiting[other]
        self._waiting[place] = None
        self._waiting.move_to_end(place)
        if len(self._waiting) > _MAX_WAITING:
            self._waiting.popitem(last=False)
        self._start_next()

    def _start_next(self) -> None:
        while self._waiting and len(self._running) < _MAX_RUNNING:
            place, _ = self._waiting.popitem()
            if (box := place.box(self.image.width, self.image.height)) is not None:
                self._running[place] = self._background.run(
                    partial(self.image.shown_values, box, halvings=place.level),
                    partial(self._on_made, place, box),
                    partial(self._on_failed, place),
                    priority=URGENT,
                )

    def _on_made(self, place: TilePlace, box: Box, tile: NDArray[Any]) -> None:
        del self._running[place]
        self._known[place] = tile
        self.cached_bytes += tile.nbytes
        while self.cached_bytes > self._max_bytes:
            _, oldest = self._known.popitem(last=False)
            self.cached_bytes -= oldest.nbytes
        self._start_next()
        self.ready.emit(box)

    def _on_failed(self, place: TilePlace, error: Exception) -> None:
        del self._running[place]
        self._refused.add(place)
        self._start_next()
        if not isinstance(error, KnownError):
            self._background.bug_found.emit(error)
        self.failed.emit(str(error))
