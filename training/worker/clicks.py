"""Click requests: the latest wins, one thread answers."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.protocol.messages import (
    Event,
    ImagePrepared,
    PrepareImage,
    ReleaseModels,
    RequestFailed,
    RleMask,
    Segment,
    SegmentCandidate,
    Segmented,
)
from training.segmenters.base import Answer, Candidate, Prompts, box_of
from training.worker.failures import describe_failure, log_failure

ClickCommand = PrepareImage | Segment | ReleaseModels


class ClickModel(Protocol):
    """What answers clicks."""

    def prepare(self, image_path: Path) -> str:
        """Encode an image ahead of the first click; return the model's name."""

    def segment(self, image_path: Path, prompts: Prompts) -> Answer: ...

    def release(self) -> None:
        """Drop what is loaded."""


class Mailbox:
    """Keeps the latest request of each kind; older ones that nobody has begun are dropped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[type[ClickCommand], ClickCommand] = {}

    def put(self, command: ClickCommand) -> None:
        with self._changed:
            self._waiting[type(command)] = command
            self._changed.notify()

    def take(self) -> ClickCommand:
        """Return the most urgent request, waiting for one if there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            # A click waits for no other image's encoding.
            urgent = next(kind for kind in _MOST_URGENT_FIRST if kind in self._waiting)
            return self._waiting.pop(urgent)


_MOST_URGENT_FIRST: tuple[type[ClickCommand], ...] = (ReleaseModels, Segment, PrepareImage)


class ClickDesk:
    """Takes requests from the mailbox and answers them, one at a time."""

    def __init__(self, model: ClickModel, send: Callable[[Event], None]) -> None:
        self._model = model
        self._send = send
        self._mailbox = Mailbox()
        self._busy = threading.Event()

    @property
    def is_busy(self) -> bool:
        return self._busy.is_set()

    def ask(self, command: ClickCommand) -> None:
        self._mailbox.put(command)

    def run(self) -> None:
        """Answer requests, in the calling thread, for the rest of the process's life."""
        while True:
            command = self._mailbox.take()
            self._busy.set()
            if isinstance(command, ReleaseModels):
                self._model.release()
            else:
                self._answer(command)
            self._busy.clear()

    def _answer(self, command: PrepareImage | Segment) -> None:
        started_at = time.perf_counter()
        try:
            if isinstance(command, Segment):
                answer = self._model.segment(Path(command.image_path), prompts_of(command))
                seconds = time.perf_counter() - started_at
                self._send(_segmented(command.request_id, answer, seconds))
            else:
                name = self._model.prepare(Path(command.image_path))
                seconds = time.perf_counter() - started_at
                self._send(
                    ImagePrepared(request_id=command.request_id, click_model=name, seconds=seconds)
                )
        except Exception as error:
            # The boundary of the request: the operator's next click gets its own chance.
            self._send(_failed(command, error))


def prompts_of(command: Segment) -> Prompts:
    """Return the prompts; a box without area is none."""
    points = tuple(PromptPoint(p.x, p.y, p.label) for p in command.points)
    if command.box is None:
        return Prompts(points)
    left, top, right, bottom = command.box
    has_area = left < right and top < bottom
    return Prompts(points, Box(left, top, right, bottom) if has_area else None)


def _segmented(request_id: int, answer: Answer, seconds: float) -> Segmented:
    return Segmented(
        request_id=request_id,
        click_model=answer.click_model,
        candidates=tuple(_on_the_wire(candidate) for candidate in answer.candidates),
        seconds=seconds,
    )


def _on_the_wire(candidate: Candidate) -> SegmentCandidate:
    mask = _encoded(candidate.mask)
    rle = RleMask(size=(mask.height, mask.width), counts=mask.counts)
    return SegmentCandidate(mask=rle, quality_01=candidate.quality_01)


def _encoded(pixels: BoolArray) -> Mask:
    height, width = pixels.shape
    if (box := box_of(pixels)) is None:
        return Mask.from_array(pixels)
    # Encoding all of a 4096² image takes ten times as long as encoding a defect.
    crop = pixels[box.top : box.bottom, box.left : box.right]
    return Mask.from_crop(crop, box.left, box.top, height=height, width=width)


def _failed(command: PrepareImage | Segment, error: Exception) -> RequestFailed:
    log_failure(f"{command.type} of {command.image_path} failed", error)
    failure = describe_failure(error)
    return RequestFailed(
        request_id=command.request_id,
        error_kind=failure.kind,
        error=failure.text,
        hint=failure.hint,
    )
