"""Click requests: the latest wins, one thread answers."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.protocol.messages import (
    BoxEdges,
    ChooseClickModel,
    ClickModelChanged,
    Event,
    Hover,
    Hovered,
    ImagePrepared,
    PrepareAhead,
    PrepareImage,
    ReclaimDevice,
    ReleaseModels,
    RequestFailed,
    RleMask,
    Segment,
    SegmentCandidate,
    Segmented,
)
from training.segmenters.base import Answer, Interrupted, Kept, Prompts, box_of
from training.worker.failures import describe_failure, log_failure
from training.worker.mailbox import ClickCommand, Mailbox

Request = PrepareImage | PrepareAhead | Segment | Hover


class ClickModel(Protocol):
    """What answers clicks."""

    @property
    def name(self) -> str: ...

    @property
    def encoder(self) -> str:
        """Names what is kept of prepared images; empty if nothing is."""

    def prepare(
        self,
        image_path: Path,
        view: Box | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Kept:
        """Encode an image ahead of the first click.

        Raises:
            Interrupted: if `should_stop` came true meanwhile.
        """

    def prepare_ahead(
        self, image_path: Path, view: Box | None, should_stop: Callable[[], bool]
    ) -> Kept:
        """Likewise for an image that is looked at later."""

    def segment(self, image_path: Path, prompts: Prompts, view: Box | None = None) -> Answer: ...

    def glance(self, image_path: Path, prompts: Prompts, view: Box | None = None) -> Answer:
        """Return at most one candidate, and none where something had to be prepared first."""

    def release(self) -> None:
        """Drop what is loaded and leave the GPU."""

    def reclaim(self) -> None:
        """Use the GPU again."""

    @property
    def present(self) -> tuple[str, ...]:
        """Every model that could answer, best first."""

    def choose(self, name: str, adapted: Path | None = None) -> None:
        """Answer with this model, the best one if empty; one may be adapted to the project."""


class ClickDesk:
    """Takes requests from the mailbox and answers them, one at a time."""

    def __init__(
        self,
        model: ClickModel,
        send: Callable[[Event], None],
        may_work_ahead: Callable[[], bool] = lambda: True,
    ) -> None:
        self._model = model
        self._send = send
        self._mailbox = Mailbox(may_work_ahead)
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
            match command:
                case ReleaseModels() | ReclaimDevice() | ChooseClickModel():
                    self._change_model(command)
                case _:
                    self._answer(command)
            self._busy.clear()

    def _change_model(self, command: ReleaseModels | ReclaimDevice | ChooseClickModel) -> None:
        match command:
            case ReleaseModels():
                self._model.release()
            case ReclaimDevice():
                self._model.reclaim()
            case ChooseClickModel(name=name, adapted_folder=folder):
                self._model.choose(name, Path(folder) if folder else None)
        self._send(
            ClickModelChanged(
                click_model=self._model.name,
                encoder=self._model.encoder,
                click_models=self._model.present,
            )
        )

    def _answer(self, command: Request) -> None:
        try:
            self._send(self._answer_to(command))
        except Interrupted:
            # An image that is not looked at any more needs no answer.
            if isinstance(command, PrepareAhead):
                self._mailbox.put_back(command)
        except Exception as error:
            # The boundary of the request: the operator's next click gets its own chance.
            self._send(_failed(command, error))

    def _answer_to(self, command: Request) -> Event:
        started_at = time.perf_counter()
        path, view = Path(command.image_path), box_from(command.view)
        match command:
            case Segment():
                answer = self._model.segment(path, prompts_of(command), view)
                return _segmented(command.request_id, answer, time.perf_counter() - started_at)
            case Hover(x=x, y=y):
                answer = self._model.glance(path, Prompts((PromptPoint(x, y, 1),)), view)
                return _hovered(command.request_id, answer)
            case PrepareImage():
                kept = self._model.prepare(path, view, lambda: self._mailbox.outdates(command))
            case PrepareAhead():
                kept = self._model.prepare_ahead(path, view, lambda: self._mailbox.has_urgent)
        return ImagePrepared(
            request_id=command.request_id,
            click_model=self._model.name,
            seconds=time.perf_counter() - started_at,
            encoder=self._model.encoder,
            is_kept=kept.is_kept,
            was_kept=kept.was_kept,
        )


def prompts_of(command: Segment) -> Prompts:
    """Return the prompts; a box without area is none.

    Raises:
        ValueError: if the rough mask is damaged.
    """
    rough = command.rough
    return Prompts(
        tuple(PromptPoint(p.x, p.y, p.label) for p in command.points),
        box_from(command.box),
        command.stays_in_box,
        Mask.from_rle({"size": rough.size, "counts": rough.counts}) if rough else None,
        command.refines,
    )


def box_from(edges: BoxEdges | None) -> Box | None:
    """Return the box; None if it has no area."""
    if edges is None:
        return None
    left, top, right, bottom = edges
    return Box(left, top, right, bottom) if left < right and top < bottom else None


def _segmented(request_id: int, answer: Answer, seconds: float) -> Segmented:
    return Segmented(
        request_id=request_id,
        click_model=answer.click_model,
        candidates=tuple(
            SegmentCandidate(
                mask=_on_the_wire(candidate.mask, answer), quality_01=candidate.quality_01
            )
            for candidate in answer.candidates
        ),
        seconds=seconds,
    )


def _hovered(request_id: int, answer: Answer) -> Hovered:
    best = answer.candidates[0].mask if answer.candidates else None
    return Hovered(request_id=request_id, mask=None if best is None else _on_the_wire(best, answer))


def _on_the_wire(pixels: BoolArray, answer: Answer) -> RleMask:
    mask = _encoded(pixels, answer)
    return RleMask(size=(mask.height, mask.width), counts=mask.counts)


def _encoded(pixels: BoolArray, answer: Answer) -> Mask:
    """Return the mask of the whole image."""
    if (box := box_of(pixels)) is None:
        return Mask.from_array(pixels)
    height, width = answer.image_size
    left, top = (answer.view.left, answer.view.top) if answer.view else (0, 0)
    # Encoding all of a 4096² image takes ten times as long as encoding a defect.
    crop = pixels[box.top : box.bottom, box.left : box.right]
    return Mask.from_crop(crop, box.left + left, box.top + top, height=height, width=width)


def _failed(command: Request, error: Exception) -> RequestFailed:
    log_failure(f"{command.type} of {command.image_path} failed", error)
    failure = describe_failure(error)
    return RequestFailed(
        request_id=command.request_id,
        error_kind=failure.kind,
        error=failure.text,
        hint=failure.hint,
    )
