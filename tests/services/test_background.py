import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from inspector_app.services.background import URGENT, Background


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    background = Background(max_threads=1)
    yield background
    background.shut_down()


class Listener(QObject):
    """Stands for a page that waits for results."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []

    def add(self, result: object) -> None:
        self.results.append(result)


def test_that_a_result_arrives_on_the_owners_thread(background: Background, qtbot: QtBot) -> None:
    threads: list[tuple[QThread, QThread]] = []
    background.run(
        QThread.currentThread, lambda worker: threads.append((worker, QThread.currentThread()))
    )
    qtbot.waitUntil(lambda: bool(threads))
    (worker, delivered) = threads[0]
    assert delivered is background.thread()
    assert worker is not delivered


def test_that_an_error_goes_to_who_asked_for_it(background: Background, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    background.run(lambda: 1 // 0, lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)


def test_that_an_error_nobody_asked_for_is_announced(background: Background, qtbot: QtBot) -> None:
    with qtbot.waitSignal(background.bug_found) as found:
        background.run(lambda: 1 // 0, lambda _: None)
    assert isinstance(found.args[0], ZeroDivisionError)


def test_that_cancelled_work_which_has_not_started_never_does(
    background: Background, qtbot: QtBot
) -> None:
    gate, ran, ended = threading.Event(), [], []
    background.run(gate.wait, lambda _: None)
    task = background.run(lambda: ran.append("cancelled"), lambda _: None)
    background.run(lambda: ran.append("kept"), ended.append)
    task.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(ended))
    assert ran == ["kept"]


def test_that_the_result_of_cancelled_work_is_not_delivered(
    background: Background, qtbot: QtBot
) -> None:
    gate, results = threading.Event(), []
    task = background.run(lambda: gate.wait() and "late", results.append)
    background.run(lambda: "next", results.append)
    task.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["next"]


def test_that_the_higher_priority_goes_first(background: Background, qtbot: QtBot) -> None:
    gate, order = threading.Event(), []
    background.run(gate.wait, lambda _: None)
    background.run(lambda: "low", order.append, priority=-1)
    background.run(lambda: "high", order.append, priority=5)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 2)
    assert order == ["high", "low"]


def test_that_a_result_for_a_page_that_is_gone_is_dropped(
    background: Background, qtbot: QtBot
) -> None:
    listener, ended = Listener(), []
    gate = threading.Event()
    background.run(gate.wait, listener.add)
    with qtbot.waitSignal(listener.destroyed):
        listener.deleteLater()
    with qtbot.captureExceptions() as exceptions:
        gate.set()
        background.run(lambda: "next", ended.append)
        qtbot.waitUntil(lambda: bool(ended))
    assert not exceptions


def test_that_shutting_down_drops_what_has_not_started(qapp: object) -> None:
    background = Background(max_threads=1)
    started, gate, ran = threading.Event(), threading.Event(), []
    background.run(lambda: started.set() or gate.wait(5), lambda _: None)
    background.run(lambda: ran.append("late"), lambda _: None)
    started.wait(5)
    threading.Timer(0.05, gate.set).start()
    background.shut_down()
    assert gate.is_set()
    assert ran == []


def test_that_a_result_on_its_way_is_not_delivered_after_shutting_down(
    qapp: object, qtbot: QtBot
) -> None:
    background, other = Background(max_threads=1), Background(max_threads=1)
    results: list[str] = []
    ended = threading.Event()
    background.run(lambda: "late", results.append)
    background.run(ended.set, lambda _: None)
    ended.wait(5)
    background.shut_down()
    other.run(lambda: "next", results.append)
    qtbot.waitUntil(lambda: bool(results))
    other.shut_down()
    assert results == ["next"]


def test_that_it_is_calm_again_when_nothing_urgent_is_left(qtbot: QtBot) -> None:
    background = Background()
    assert background.is_calm
    with qtbot.waitSignal(background.calmed, timeout=5000):
        background.run(lambda: None, lambda _: None, priority=URGENT)
        assert not background.is_calm
    assert background.is_calm
    background.shut_down()
