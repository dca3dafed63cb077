"""Requests to show training images: the latest wins, a fault is an answer."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.messages import Event, ShowVariations, VariationsShown, VariedPicture
from tests.training.conftest import Start
from tests.training.conversation import SCRIPTED_WORKER
from training.worker.showing import ShowingDesk

PATIENCE_S = 30.0


def request(number: int, kind: str = "unet", folder: str = "") -> ShowVariations:
    return ShowVariations(
        request_id=number, model_kind=kind, config={}, items=(), seed=0, folder=folder
    )


class Show:
    """Holds each request until it may be answered."""

    def __init__(self) -> None:
        self.begun: SimpleQueue[int] = SimpleQueue()
        self.may_go_on = threading.Semaphore(0)

    def __call__(self, command: ShowVariations) -> tuple[VariedPicture, ...]:
        self.begun.put(command.request_id)
        assert self.may_go_on.acquire(timeout=PATIENCE_S)
        if command.model_kind == "bad":
            raise BadDataError("nothing to see", "look elsewhere")
        return (VariedPicture(file="00.png", image_path="a.png"),)


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.fixture
def answers() -> "SimpleQueue[Event]":
    return SimpleQueue()


@pytest.fixture
def desk(show: Show, answers: "SimpleQueue[Event]") -> Iterator[ShowingDesk]:
    desk = ShowingDesk(show, answers.put)
    threading.Thread(target=desk.run, daemon=True).start()
    yield desk


def test_that_of_waiting_requests_only_the_latest_is_answered(
    desk: ShowingDesk, show: Show, answers: "SimpleQueue[Event]"
) -> None:
    desk.ask(request(1))
    assert show.begun.get(timeout=PATIENCE_S) == 1
    for number in (2, 3, 4):
        desk.ask(request(number))
    show.may_go_on.release(2)
    answered = [answers.get(timeout=PATIENCE_S) for _ in range(2)]
    assert [a.request_id for a in answered if isinstance(a, VariationsShown)] == [1, 4]


def test_that_a_fault_is_told_and_the_next_request_answered(
    desk: ShowingDesk, show: Show, answers: "SimpleQueue[Event]"
) -> None:
    show.may_go_on.release(2)
    desk.ask(request(1, "bad"))
    assert answers.get(timeout=PATIENCE_S) == VariationsShown(
        request_id=1, error="nothing to see", hint="look elsewhere"
    )
    desk.ask(request(2))
    assert answers.get(timeout=PATIENCE_S) == VariationsShown(
        request_id=2, pictures=(VariedPicture(file="00.png", image_path="a.png"),)
    )


def test_that_clicks_and_jobs_do_not_wait_for_it(start: Start, tmp_path: Path) -> None:
    worker = start(SCRIPTED_WORKER)
    worker.say(request(1, "wait", str(tmp_path)))
    worker.say(request(2, "bad", str(tmp_path)))
    (tmp_path / "go").touch()
    answer = worker.wait_for(VariationsShown)
    assert answer.request_id in {1, 2}
