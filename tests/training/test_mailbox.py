"""Which request is answered next."""

import threading

import pytest

from inspector_app.protocol.messages import (
    ChooseClickModel,
    Hover,
    PrepareAhead,
    PrepareImage,
    ReclaimDevice,
    ReleaseModels,
    Segment,
)
from training.worker.mailbox import ClickCommand, Mailbox

CLICK = Segment(request_id=1, image_path="a.png")
HOVER = Hover(request_id=2, image_path="a.png", x=1.0, y=1.0)
IMAGE = PrepareImage(request_id=3, image_path="a.png")
AHEAD = PrepareAhead(request_id=4, image_path="b.png")


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def take_all(mailbox: Mailbox, count: int) -> list[ClickCommand]:
    return [mailbox.take() for _ in range(count)]


def test_that_the_most_urgent_is_taken_first() -> None:
    mailbox = Mailbox(quiet_s=0.0)
    reclaim, choose = ReclaimDevice(), ChooseClickModel(name="")
    for command in (AHEAD, IMAGE, HOVER, CLICK, choose, reclaim, ReleaseModels()):
        mailbox.put(command)
    assert take_all(mailbox, 7) == [ReleaseModels(), reclaim, choose, CLICK, HOVER, IMAGE, AHEAD]


def test_that_work_ahead_waits_for_a_quiet_moment() -> None:
    clock = Clock()
    mailbox = Mailbox(clock=clock, quiet_s=5.0)
    mailbox.put(CLICK)
    mailbox.put(AHEAD)
    taken = take_all(mailbox, 1)
    thread = threading.Thread(target=lambda: taken.append(mailbox.take()), daemon=True)
    thread.start()
    thread.join(0.4)
    assert taken == [CLICK]
    clock.now_s += 5.0
    thread.join(10.0)
    assert taken == [CLICK, AHEAD]


def test_that_work_ahead_waits_for_jobs() -> None:
    is_free = threading.Event()
    mailbox = Mailbox(is_free.is_set, quiet_s=0.0)
    mailbox.put(AHEAD)
    taken: list[ClickCommand] = []
    thread = threading.Thread(target=lambda: taken.append(mailbox.take()), daemon=True)
    thread.start()
    thread.join(0.4)
    assert taken == []
    is_free.set()
    thread.join(10.0)
    assert taken == [AHEAD]


def test_that_interrupted_work_is_taken_up_again() -> None:
    mailbox = Mailbox(quiet_s=0.0)
    mailbox.put_back(AHEAD)
    assert mailbox.take() == AHEAD


def test_that_interrupted_work_gives_way_to_newer_work() -> None:
    mailbox = Mailbox(quiet_s=0.0)
    newer = PrepareAhead(request_id=5, image_path="c.png")
    mailbox.put(newer)
    mailbox.put_back(AHEAD)
    assert mailbox.take() == newer


@pytest.mark.parametrize("command", [CLICK, HOVER, IMAGE, ReleaseModels()])
def test_that_anything_else_interrupts_work_ahead(command: ClickCommand) -> None:
    mailbox = Mailbox()
    assert not mailbox.has_urgent
    mailbox.put(AHEAD)
    assert not mailbox.has_urgent
    mailbox.put(command)
    assert mailbox.has_urgent


@pytest.mark.parametrize(
    ("command", "is_outdated"),
    [
        (CLICK, False),
        (HOVER, False),
        (AHEAD, False),
        (Segment(request_id=6, image_path="b.png"), True),
        (Segment(request_id=6, image_path="a.png", view=(0, 0, 9, 9)), True),
        (PrepareImage(request_id=6, image_path="b.png"), True),
        (PrepareImage(request_id=6, image_path="a.png"), False),
    ],
)
def test_that_an_image_is_outdated_by_looking_elsewhere(
    command: ClickCommand, is_outdated: bool
) -> None:
    mailbox = Mailbox()
    mailbox.put(command)
    assert mailbox.outdates(IMAGE) is is_outdated
