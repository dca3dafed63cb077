"""Draft regions from an anomaly map, made in a thread; the latest request wins."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QPainterPath

from inspector_app.domain.annotation import Region
from inspector_app.domain.errors import KnownError
from inspector_app.domain.geometry import PointXY
from inspector_app.domain.hot_areas import hot_areas, is_drawn
from inspector_app.domain.mask import Mask
from inspector_app.domain.tidy import Tidying
from inspector_app.services.background import URGENT, Background, Task
from inspector_app.services.heatmaps import read_heatmap
from inspector_app.ui.canvas.outlines import Outline


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """Everything that drafts depend on."""

    source: "DraftSource"
    drawn: tuple[Region, ...]
    """What the image's document holds: no draft is made of that again."""


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A map and what is taken of it."""

    path: Path
    file_scale: float
    """Value of the file's white, see `read_heatmap`."""
    level: float
    width: int
    height: int
    tidying: Tidying


@dataclass(frozen=True, eq=False)
class Draft:
    """A region that nobody has accepted yet."""

    mask: Mask
    traced: Outline

    @property
    def outline(self) -> QPainterPath:
        return self.traced.coarse

    def is_met(self, x: float, y: float, *, tolerance_px: float = 0.0) -> bool:
        """Tell whether it lies at a place of the image, or no further from it than that."""
        # Coarse outlines run up to a pixel beside the mask's edge.
        reach = max(tolerance_px, 1.0)
        return self.outline.intersects(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))

    @cached_property
    def place(self) -> PointXY:
        """The middle of one of its pixels."""
        assert self.mask.box is not None
        rows, columns = np.nonzero(self.mask.crop(self.mask.box))
        middle = len(rows) // 2
        x, y = self.mask.box.left + columns[middle], self.mask.box.top + rows[middle]
        return float(x) + 0.5, float(y) + 0.5


@dataclass(frozen=True, slots=True)
class _Made:
    """What a request has come to; most of it serves the next one, too."""

    request: DraftRequest
    values: NDArray[np.float32]
    found: list[Draft]
    """Also those that are drawn already."""
    drafts: list[Draft]


class DraftMaker(QObject):
    """At most one request is worked on and one waits."""

    ready = Signal(object)
    """list[Draft] of the latest request, largest first."""
    failed = Signal(str)
    """A sentence for the operator."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._task: Task | None = None
        self._waiting: DraftRequest | None = None
        self._last: _Made | None = None

    def request(self, request: DraftRequest) -> None:
        if self._task is not None:
            self._waiting = request
            return
        self._task = self._background.run(
            partial(_make, request, self._last), self._finish, self._fail, priority=URGENT
        )

    def forget(self) -> None:
        """Whatever is under way does not count any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._waiting = None

    def _finish(self, made: _Made) -> None:
        self._last = made
        self._task = None
        waiting = self._waiting
        # Shown although a newer one waits, so that outlines move with the slider.
        if waiting is None or _is_same_matter(waiting, made.request):
            self.ready.emit(made.drafts)
        self._start_waiting()

    def _fail(self, error: Exception) -> None:
        self._task = None
        if self._start_waiting():
            return
        if not isinstance(error, KnownError):
            raise error
        self.failed.emit(error.message)

    def _start_waiting(self) -> bool:
        if self._waiting is None:
            return False
        request, self._waiting = self._waiting, None
        self.request(request)
        return True


def _is_same_matter(one: DraftRequest, other: DraftRequest) -> bool:
    return (one.source.path, one.drawn) == (other.source.path, other.drawn)


def _make(request: DraftRequest, last: _Made | None) -> _Made:
    source = request.source
    is_same_map = last is not None and last.request.source.path == source.path
    values = last.values if last is not None and is_same_map else _read(source)
    is_same = last is not None and last.request.source == source
    found = last.found if last is not None and is_same else _found(values, source)
    known = _drawn_masks(request)
    return _Made(request, values, found, [d for d in found if not is_drawn(d.mask, known)])


def _read(source: DraftSource) -> NDArray[np.float32]:
    return read_heatmap(source.path, source.file_scale)


def _found(values: NDArray[np.float32], source: DraftSource) -> list[Draft]:
    masks = hot_areas(
        values, source.level, width=source.width, height=source.height, tidying=source.tidying
    )
    drafts = [Draft(mask, Outline(mask)) for mask in masks]
    for draft in drafts:
        # Traced here, and not while the window paints.
        _ = draft.outline
    return drafts


def _drawn_masks(request: DraftRequest) -> list[Mask]:
    """Return what is drawn; regions that were made for another image size are passed over."""
    width, height = request.source.width, request.source.height
    masks = [r.mask or Mask.from_box(r.box, height=height, width=width) for r in request.drawn]
    return [mask for mask in masks if (mask.width, mask.height) == (width, height)]
