"""Clicks to masks through the inference worker: latest request wins, late answers are dropped."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app import paths
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import Mask
from inspector_app.protocol.messages import (
    BoxEdges,
    ClickPoint,
    Event,
    Hover,
    Hovered,
    ImagePrepared,
    PrepareImage,
    RequestFailed,
    RleMask,
    Segment,
    Segmented,
)
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.workers import Workers

_log = logging.getLogger(__name__)

Foreground = PrepareImage | Segment | Hover


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the click model proposes for the latest prompts; best first, maybe none."""

    image_path: Path
    masks: tuple[Mask, ...]
    qualities_01: tuple[float, ...]
    click_model: str
    seconds: float


@dataclass(frozen=True, slots=True)
class HoverAnswer:
    """What a click would give at the place that was asked about last."""

    image_path: Path
    x: float
    y: float
    mask: Mask | None


class Segmentation(QObject):
    """At most one request is under way and one of each kind waits.

    Only an image that is being prepared is overtaken: the worker gives it up for another one
    and for a click elsewhere.
    """

    ready = Signal(object)
    """Candidates for a `request`."""
    snapped = Signal(object)
    """Candidates for a `snap`."""
    hovered = Signal(object)
    """HoverAnswer."""
    failed = Signal(str, str)
    busy_changed = Signal(bool)
    """Whether an answer to a click is awaited."""
    prepared = Signal(str)
    """Path of an image that was encoded for the operator, now or from the cache."""

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._ids = count(1)
        self._under_way: Foreground | None = None
        self._waiting_click: Segment | None = None
        self._waiting_hover: Hover | None = None
        self._waiting_image: PrepareImage | None = None
        self._is_awaited = False
        """The segment under way is the latest one, and not forgotten."""
        self._is_busy = False
        self._snap_id = 0
        workers.event_received.connect(self._on_event)
        workers.inference_lost.connect(self._on_worker_lost)

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def prepare(self, image_path: Path, view: Box | None = None) -> None:
        """Have the image, or the part that is looked at, encoded ahead of the first click."""
        path, edges = str(image_path), _edges(view)
        under_way = self._under_way
        if under_way is not None and (under_way.image_path, under_way.view) == (path, edges):
            self._waiting_image = None
            return
        self._waiting_image = PrepareImage(request_id=next(self._ids), image_path=path, view=edges)
        self._send_next()

    def request(
        self,
        image_path: Path,
        points: Sequence[PromptPoint],
        box: Box | None = None,
        *,
        view: Box | None = None,
        stays_in_box: bool = False,
        refines: int = 0,
    ) -> None:
        """Ask for masks; `ready` or `failed` follows unless another request or `forget` does.

        Args:
            view: the part that is looked at; all prompts lie in it.
            refines: the candidate of the last answer that added points work on.
        """
        self._ask(
            Segment(
                request_id=next(self._ids),
                image_path=str(image_path),
                points=tuple(ClickPoint(x=p.x, y=p.y, label=p.label) for p in points),
                box=_edges(box),
                view=_edges(view),
                stays_in_box=stays_in_box,
                refines=refines,
            )
        )

    def snap(self, image_path: Path, rough: Mask | Box, view: Box | None = None) -> None:
        """Ask for the mask that was meant by a rough one; `snapped` or `failed` follows."""
        mask = rough if isinstance(rough, Mask) else None
        self._snap_id = next(self._ids)
        self._ask(
            Segment(
                request_id=self._snap_id,
                image_path=str(image_path),
                box=_edges(rough) if isinstance(rough, Box) else None,
                view=_edges(view),
                rough=RleMask(size=(mask.height, mask.width), counts=mask.counts) if mask else None,
            )
        )

    def hover(self, image_path: Path, x: float, y: float, view: Box | None = None) -> None:
        """Ask what a click would give; `hovered` follows unless anything else is asked."""
        self._waiting_hover = Hover(
            request_id=next(self._ids), image_path=str(image_path), x=x, y=y, view=_edges(view)
        )
        self._send_next()

    def forget(self) -> None:
        """Whatever is under way does not count any more (Esc, other image)."""
        self._is_awaited = False
        self._waiting_click = self._waiting_hover = None
        self._tell_busy()

    def forget_hover(self) -> None:
        self._waiting_hover = None

    def _ask(self, command: Segment) -> None:
        self._is_awaited = False
        self._waiting_click, self._waiting_hover = command, None
        self._send_next()
        self._tell_busy()

    def _send_next(self) -> None:
        if self._under_way is not None and not self._is_overtaken(self._under_way):
            return
        if self._waiting_click is not None:
            self._under_way, self._waiting_click = self._waiting_click, None
            self._is_awaited = True
        elif self._waiting_image is not None:
            self._under_way, self._waiting_image = self._waiting_image, None
        elif self._waiting_hover is not None:
            self._under_way, self._waiting_hover = self._waiting_hover, None
        if self._under_way is not None:
            self._workers.send(self._under_way)

    def _is_overtaken(self, under_way: Foreground) -> bool:
        """Whether the worker gives up what it is at for what waits here."""
        if not isinstance(under_way, PrepareImage):
            return False
        return self._waiting_click is not None or self._waiting_image is not None

    def _on_event(self, event: Event) -> None:
        match event:
            case Segmented() | Hovered() | RequestFailed() | ImagePrepared():
                if self._under_way is not None and event.request_id == self._under_way.request_id:
                    self._finish(self._under_way, event)
            case _:
                pass

    def _finish(
        self, asked: Foreground, event: Segmented | Hovered | RequestFailed | ImagePrepared
    ) -> None:
        is_awaited, self._is_awaited, self._under_way = self._is_awaited, False, None
        is_hover_wanted = self._waiting_hover is None and self._waiting_click is None
        self._send_next()
        self._tell_busy()
        if isinstance(event, Segmented | ImagePrepared):
            self.prepared.emit(asked.image_path)
        match event:
            case Segmented() if is_awaited and isinstance(asked, Segment):
                self._announce(asked, event)
            case RequestFailed() if is_awaited:
                self._announce_failure(event)
            case Hovered() if is_hover_wanted and isinstance(asked, Hover):
                self._announce_hover(asked, event)
            case _:
                pass

    def _announce(self, asked: Segment, event: Segmented) -> None:
        try:
            masks = tuple(_mask_of(candidate.mask) for candidate in event.candidates)
        except ValueError as error:
            _log.error("the click model's mask is damaged: %s", error)
            self.failed.emit(
                self.tr("The click model's answer is damaged."), self.tr("Click again.")
            )
            return
        qualities = tuple(c.quality_01 for c in event.candidates)
        path = Path(asked.image_path)
        candidates = Candidates(path, masks, qualities, event.click_model, event.seconds)
        (self.snapped if asked.request_id == self._snap_id else self.ready).emit(candidates)

    def _announce_hover(self, asked: Hover, event: Hovered) -> None:
        try:
            mask = _mask_of(event.mask) if event.mask is not None else None
        except ValueError as error:
            _log.error("the click model's mask is damaged: %s", error)
            return
        self.hovered.emit(HoverAnswer(Path(asked.image_path), asked.x, asked.y, mask))

    def _announce_failure(self, event: RequestFailed) -> None:
        if event.error_kind != "bug":
            self.failed.emit(event.error, event.hint)
            return
        self.failed.emit(
            self.tr("A fault in the click model: {error}").format(error=event.error),
            self.tr("The log in {folder} says more.").format(folder=paths.log_folder()),
        )

    def _on_worker_lost(self, end: WorkerEnd) -> None:
        # Not `_is_busy`: a worker that cannot be started is lost within `request`.
        was_wanted = self._is_awaited or self._waiting_click is not None
        self._under_way = self._waiting_click = self._waiting_image = self._waiting_hover = None
        self._is_awaited = False
        self._tell_busy()
        if was_wanted:
            reason = end.reason or self.tr("The click model was started anew.")
            self.failed.emit(reason, end.hint or self.tr("Click again."))

    def _tell_busy(self) -> None:
        is_busy = self._is_awaited or self._waiting_click is not None
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self.busy_changed.emit(is_busy)


def _edges(box: Box | None) -> BoxEdges | None:
    return (box.left, box.top, box.right, box.bottom) if box else None


def _mask_of(rle: RleMask) -> Mask:
    return Mask.from_rle({"size": rle.size, "counts": rle.counts})
