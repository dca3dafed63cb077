"""What the window says of an adaptation while its dialog is closed."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector_app.protocol.adapting import LEAST_REGIONS
from inspector_app.services.click_adapting import ClickAdapting
from inspector_app.store.project import Project
from inspector_app.ui.shell.adapting_feed import AdaptingFeed
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.status import StatusLine
from tests.services.test_click_adapting import Adapt, adapting, draw_regions  # noqa: F401

LONG_MS = 20_000

Feed = tuple[AdaptingFeed, ClickAdapting, Banners]


@pytest.fixture
def drawn(project: Project) -> None:
    draw_regions(project, LEAST_REGIONS)


@pytest.fixture
def feed(drawn: None, adapting: Adapt, qtbot: QtBot) -> Callable[[str], Feed]:  # noqa: F811
    def make(how: str) -> Feed:
        window = QWidget()
        qtbot.addWidget(window)
        banners, model = Banners(window), adapting(how)
        return AdaptingFeed(model, StatusLine(window), banners, window), model, banners

    return make


@pytest.mark.parametrize(
    ("how", "words"),
    [("kept", "Adapted network"), ("discarded", "stays as it was"), ("failed", "No weights")],
)
def test_that_its_end_is_told_in_a_banner(
    feed: Callable[[str], Feed], qtbot: QtBot, how: str, words: str
) -> None:
    _feed, model, banners = feed(how)
    model.start()
    qtbot.waitUntil(lambda: any(words in bar.message for bar in banners.bars), timeout=LONG_MS)


def test_that_an_open_dialog_says_it_alone(feed: Callable[[str], Feed], qtbot: QtBot) -> None:
    shown, model, banners = feed("kept")
    shown.show_dialog()
    assert shown.dialog is not None
    model.start()
    dialog = shown.dialog
    qtbot.waitUntil(lambda: "Kept" in dialog.text, timeout=LONG_MS)
    assert banners.bars == ()
    shown.close()
