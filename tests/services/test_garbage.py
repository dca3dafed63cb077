import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from inspector_app.services.background import Background

LONG_MS = 20_000


@pytest.fixture(autouse=True)
def only_these_tests_leave_garbage() -> Iterator[None]:
    """Spare collections what thousands of tests before have imported and left: seconds each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    background = Background(max_threads=1)
    yield background
    background.shut_down()


class Cycle(QObject):
    """A Qt object that only the cycle collector can end; tells in which thread it did."""

    def __init__(self, threads: list[threading.Thread]) -> None:
        super().__init__()
        self._itself = self
        weakref.finalize(self, lambda: threads.append(threading.current_thread()))


def allocate_much() -> None:
    """Do what makes Python collect, a hundred times over."""
    kept = [[] for _ in range(100 * gc.get_threshold()[0])]  # type: ignore[var-annotated]
    kept.clear()


def test_that_a_pool_thread_ends_no_qt_object(background: Background, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    done: list[None] = []
    Cycle(threads)
    background.run(allocate_much, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=LONG_MS)
    # The GUI thread may have ended it meanwhile.
    assert all(thread is threading.main_thread() for thread in threads)


def test_that_the_gui_thread_does(background: Background, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    Cycle(threads)
    kept = [[number] for number in range(2 * gc.get_threshold()[0])]
    qtbot.waitUntil(lambda: bool(threads), timeout=LONG_MS)
    assert kept
    assert threads == [threading.main_thread()]
