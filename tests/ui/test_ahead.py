"""Work is done ahead, a piece at a time, and pages are ready before they are wanted."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector_app.ui.shell.ahead import Ahead
from inspector_app.ui.shell.page_stack import PageStack
from inspector_app.ui.shell.rail import Page
from inspector_app.ui.shell.warming import Warming


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def note(done: list[str]) -> Callable[[str], Callable[[], None]]:
    return lambda name: lambda: done.append(name)


Note = Callable[[str], Callable[[], None]]


def test_that_pieces_are_done_in_order_and_not_at_once(
    done: list[str], note: Note, qapp: object, qtbot: QtBot
) -> None:
    ahead = Ahead()
    ahead.add([note("a"), note("b")])
    ahead.add([note("c")])
    assert done == []
    qtbot.waitUntil(lambda: done == ["a", "b", "c"])


def test_that_the_window_gets_its_turn_between_two_pieces(
    done: list[str], note: Note, qapp: object, qtbot: QtBot
) -> None:
    ahead = Ahead()
    ahead.add([lambda: QTimer.singleShot(0, note("window")), *[note("piece")] * 5])
    qtbot.waitUntil(lambda: len(done) == 6)
    assert done[-1] == "piece"


def test_that_a_piece_with_more_to_do_comes_before_the_next(
    done: list[str], note: Note, qapp: object, qtbot: QtBot
) -> None:
    def step() -> bool:
        done.append("step")
        return len(done) < 3

    ahead = Ahead()
    ahead.add([step, note("next")])
    qtbot.waitUntil(lambda: done == ["step", "step", "step", "next"])


def test_that_nothing_is_done_in_a_pause(
    done: list[str], note: Note, qapp: object, qtbot: QtBot
) -> None:
    ahead = Ahead()
    ahead.add([note("a")])
    ahead.pause()
    ahead.add([note("b")])
    QTimer.singleShot(20, note("pause"))
    QTimer.singleShot(30, ahead.resume)
    qtbot.waitUntil(lambda: done == ["pause", "a", "b"])


def test_that_a_fault_in_a_piece_does_not_end_the_others(
    done: list[str], note: Note, qapp: object, qtbot: QtBot
) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    ahead = Ahead()
    ahead.add([fail, note("b")])
    with qtbot.captureExceptions() as faults:
        qtbot.waitUntil(lambda: done == ["b"])
    assert [str(fault[1]) for fault in faults] == ["broken"]


def test_that_what_is_loaded_ahead_is_loaded_once(qapp: object) -> None:
    warming = Warming()
    for piece in [*warming.take_dataset(), *warming.take_annotate()]:
        piece()
    assert [*warming.take_dataset(), *warming.take_annotate()] == []


# ---------------------------------------------------------------- pages


class TwoParts(QWidget):
    """A page that is prepared in two parts."""

    parts = 2

    def prepare(self) -> bool:
        self.parts -= 1
        return self.parts > 0


@pytest.fixture
def pages(qtbot: QtBot) -> PageStack:
    pages = PageStack(QWidget())
    qtbot.addWidget(pages)
    pages.set_builders({Page.ANNOTATE: TwoParts, Page.TRAIN: QWidget})
    return pages


def wait_for_ahead(pages: PageStack, qtbot: QtBot) -> None:
    """Let all be done that is waiting now."""
    ended: list[bool] = []
    pages.ahead.add([lambda: ended.append(True)])
    qtbot.waitUntil(lambda: bool(ended))


def test_that_a_prepared_page_is_ready_and_not_shown(pages: PageStack, qtbot: QtBot) -> None:
    pages.prepare(Page.ANNOTATE)
    qtbot.waitUntil(lambda: getattr(pages.built(Page.ANNOTATE), "parts", 2) == 0)
    assert pages.page is Page.START


def test_that_a_page_in_preparation_is_shown_when_it_is_ready(
    pages: PageStack, qtbot: QtBot
) -> None:
    pages.prepare(Page.ANNOTATE)
    pages.open_page(Page.ANNOTATE)
    assert pages.page is Page.START
    qtbot.waitUntil(lambda: pages.page is Page.ANNOTATE)
    assert getattr(pages.built(Page.ANNOTATE), "parts", 2) == 0


def test_that_a_prepared_page_is_opened_at_once(pages: PageStack, qtbot: QtBot) -> None:
    pages.prepare(Page.ANNOTATE)
    qtbot.waitUntil(lambda: getattr(pages.built(Page.ANNOTATE), "parts", 2) == 0)
    pages.open_page(Page.ANNOTATE)
    assert pages.page is Page.ANNOTATE


def test_that_the_page_chosen_last_stays(pages: PageStack, qtbot: QtBot) -> None:
    pages.prepare(Page.ANNOTATE)
    pages.open_page(Page.ANNOTATE)
    pages.open_page(Page.TRAIN)
    wait_for_ahead(pages, qtbot)
    assert pages.page is Page.TRAIN


def test_that_a_page_of_a_closed_project_is_not_shown_in_the_next(
    pages: PageStack, qtbot: QtBot
) -> None:
    pages.prepare(Page.ANNOTATE)
    pages.open_page(Page.ANNOTATE)
    pages.set_builders({Page.ANNOTATE: TwoParts})
    wait_for_ahead(pages, qtbot)
    assert pages.page is Page.START
