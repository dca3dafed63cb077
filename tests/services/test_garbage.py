import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from inspector_app.services.background import Background


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
    gc.collect()
    Cycle(threads)
    background.run(allocate_much, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert threads == []


def test_that_the_gui_thread_does(background: Background, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    Cycle(threads)
    kept = [[number] for number in range(2 * gc.get_threshold()[0])]
    qtbot.waitUntil(lambda: bool(threads))
    assert kept
    assert threads == [threading.main_thread()]
