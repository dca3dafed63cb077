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
    ClickPoint,
    Event,
    ImagePrepared,
    PrepareImage,
    RequestFailed,
    Segment,
    Segmented,
)
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.workers import Workers

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the click model proposes for the latest prompts; best first, maybe none."""

    image_path: Path
    masks: tuple[Mask, ...]
    qualities_01: tuple[float, ...]
    click_model: str
    seconds: float


class Segmentation(QObject):
    """At most one request is under way and one waits.

    The worker answers one after the other. Sending it every image the operator
    leafs past would make the first click wait for all of them.
    """

    ready = Signal(object)
    """Candidates."""
    failed = Signal(str, str)
    busy_changed = Signal(bool)
    """Whether an answer to a click is awaited."""

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._ids = count(1)
        self._under_way: PrepareImage | Segment | None = None
        self._waiting_click: Segment | None = None
        self._waiting_image: PrepareImage | None = None
        self._is_awaited = False
        """The segment under way is the latest one, and not forgotten."""
        self._is_busy = False
        workers.event_received.connect(self._on_event)
        workers.inference_lost.connect(self._on_worker_lost)

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def prepare(self, image_path: Path) -> None:
        """Have the image encoded ahead of the first click."""
        path = str(image_path)
        if self._under_way is not None and self._under_way.image_path == path:
            self._waiting_image = None
            return
        self._waiting_image = PrepareImage(request_id=next(self._ids), image_path=path)
        self._send_next()

    def request(
        self, image_path: Path, points: Sequence[PromptPoint], box: Box | None = None
    ) -> None:
        """Ask for masks; `ready` or `failed` follows unless another request or `forget` does."""
        self._is_awaited = False
        self._waiting_click = Segment(
            request_id=next(self._ids),
            image_path=str(image_path),
            points=tuple(ClickPoint(x=p.x, y=p.y, label=p.label) for p in points),
            box=(box.left, box.top, box.right, box.bottom) if box else None,
        )
        self._send_next()
        self._tell_busy()

    def forget(self) -> None:
        """Whatever is under way does not count any more (Esc, other image)."""
        self._is_awaited = False
        self._waiting_click = None
        self._tell_busy()

    def _send_next(self) -> None:
        if self._under_way is not None:
            return
        if self._waiting_click is not None:
            self._under_way, self._waiting_click = self._waiting_click, None
            self._is_awaited = True
        elif self._waiting_image is not None:
            self._under_way, self._waiting_image = self._waiting_image, None
        if self._under_way is not None:
            self._workers.send(self._under_way)

    def _on_event(self, event: Event) -> None:
        match event:
            case Segmented() | RequestFailed() | ImagePrepared():
                if self._under_way is not None and event.request_id == self._under_way.request_id:
                    self._finish(event)
            case _:
                pass

    def _finish(self, event: Segmented | RequestFailed | ImagePrepared) -> None:
        assert self._under_way is not None
        image_path = Path(self._under_way.image_path)
        is_awaited, self._is_awaited, self._under_way = self._is_awaited, False, None
        self._send_next()
        self._tell_busy()
        if not is_awaited:
            return
        if isinstance(event, Segmented):
            self._announce(image_path, event)
        elif isinstance(event, RequestFailed):
            self._announce_failure(event)

    def _announce(self, image_path: Path, event: Segmented) -> None:
        try:
            masks = tuple(
                Mask.from_rle({"size": c.mask.size, "counts": c.mask.counts})
                for c in event.candidates
            )
        except ValueError as error:
            _log.error("the click model's mask is damaged: %s", error)
            self.failed.emit(
                self.tr("The click model's answer is damaged."), self.tr("Click again.")
            )
            return
        qualities = tuple(c.quality_01 for c in event.candidates)
        self.ready.emit(Candidates(image_path, masks, qualities, event.click_model, event.seconds))

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
        self._under_way = self._waiting_click = self._waiting_image = None
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
