"""Parts of the worker that need no process."""

import errno
import io
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.errors import DiskFullError, ErrorKind, KnownError
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.protocol.messages import (
    ClickPoint,
    EpochEnded,
    Event,
    JobEnded,
    Progress,
    Segment,
)
from training.segmenters.base import Prompts, Recent
from training.segmenters.picture import Picture
from training.worker.clicks import prompts_of
from training.worker.failures import describe_failure
from training.worker.jobs import Context, Job, finite


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def no_work(folder: Path, context: object) -> dict[str, float]:
    return {}


def context_with(send: Callable[[Event], None], **extra: object) -> Context:
    return Context(Job("job", Path(), no_work, keeps_journal=False), send, **extra)  # type: ignore[arg-type]


def progress(done: int) -> Progress:
    return Progress(job_id="job", done=done, total=100)


ENDED = JobEnded(job_id="job", outcome="completed")
EPOCH = EpochEnded(job_id="job", epoch=1, epochs=1, metrics={}, seconds=1.0)


@given(st.lists(st.floats(0.0, 0.3), min_size=1, max_size=40))
def test_that_progress_is_told_ten_times_a_second_at_most_and_in_the_end(
    pauses_s: list[float],
) -> None:
    told: list[tuple[float, Event]] = []
    clock = Clock()
    context = context_with(lambda event: told.append((clock.now_s, event)), clock=clock)
    for number, pause_s in enumerate(pauses_s):
        clock.now_s += pause_s
        context.emit(progress(number))
    before_the_end = [at_s for at_s, _ in told]
    context.end(ENDED)
    assert all(b - a >= 0.1 for a, b in itertools.pairwise(before_the_end))
    assert [event for _, event in told[-2:]] == [progress(len(pauses_s) - 1), ENDED]


def test_that_other_events_are_never_held_back() -> None:
    told: list[Event] = []
    context = context_with(told.append, clock=Clock())
    for event in (progress(1), EPOCH, progress(2), EPOCH):
        context.emit(event)
    assert told == [progress(1), EPOCH, EPOCH]


class FullDisk(io.BytesIO):
    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_that_a_full_disk_stops_the_job_but_not_its_last_word() -> None:
    told: list[Event] = []
    context = context_with(told.append, journal=FullDisk())
    with pytest.raises(OSError, match="No space"):
        context.emit(EPOCH)
    context.end(ENDED)
    assert told == [ENDED]


class OutOfMemoryError(RuntimeError):
    """As torch calls the GPU's."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "out_of_memory"),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "out_of_memory"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "out_of_memory",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/home/last.ckpt"), "disk_full"),
        (DiskFullError("no room", "free some"), "disk_full"),
        (OSError(errno.EIO, "Input/output error"), "bug"),
        (RuntimeError("shapes do not match"), "bug"),
        (ValueError("out of memory"), "bug"),
        (KeyError("x"), "bug"),
    ],
)
def test_that_errors_are_told_apart(error: Exception, kind: str) -> None:
    assert describe_failure(error).kind == kind


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_that_a_known_error_keeps_its_words(kind: ErrorKind) -> None:
    error = KnownError("what is wrong", "what to do")
    error.kind = kind  # type: ignore[assignment, misc]
    failure = describe_failure(error)
    assert (failure.kind, failure.text, failure.hint) == (kind.value, error.message, error.hint)


def test_that_only_numbers_are_figures() -> None:
    figures = {"a": 1.0, "b": float("nan"), "c": float("inf"), "d": -float("inf"), "e": 0.0}
    assert finite(figures) == {"a": 1.0, "e": 0.0}


def test_that_a_box_without_area_is_no_prompt() -> None:
    command = Segment(
        request_id=1,
        image_path="part.png",
        points=(ClickPoint(x=1.5, y=2.5, label=0),),
        box=(5, 5, 5, 9),
    )
    assert prompts_of(command) == Prompts((PromptPoint(1.5, 2.5, 0),))


POINTS = tuple(PromptPoint(float(n), 0.0, 1) for n in range(3))


@pytest.mark.parametrize(
    ("earlier", "later", "continues"),
    [
        (Prompts(POINTS[:1]), Prompts(POINTS[:2]), True),
        (Prompts(POINTS[:1]), Prompts(POINTS), True),
        (Prompts((), Box(0, 0, 1, 1)), Prompts(POINTS[:1], Box(0, 0, 1, 1)), True),
        (Prompts(POINTS[:2]), Prompts(POINTS[:2]), False),
        (Prompts(POINTS[:2]), Prompts(POINTS[:1]), False),
        (Prompts(POINTS[1:2]), Prompts(POINTS[:2]), False),
        (Prompts(POINTS[:1]), Prompts(POINTS[:2], Box(0, 0, 1, 1)), False),
    ],
)
def test_that_only_added_points_continue_a_drawing(
    earlier: Prompts, later: Prompts, continues: bool
) -> None:
    assert later.continues(earlier) is continues


def test_that_what_was_used_least_recently_is_forgotten() -> None:
    recent: Recent[int] = Recent(2)
    made: list[str] = []

    def make(picture: Picture) -> int:
        made.append(picture.path.name)
        return len(made)

    for name in ("a", "b", "a", "c", "a", "b"):
        recent.get(Picture((Path(name), 0, 0)), make)
    assert made == ["a", "b", "c", "b"]
