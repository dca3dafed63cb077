"""The dialog that adapts the click model."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.protocol.adapting import LEAST_REGIONS
from inspector_app.store.project import Project
from inspector_app.ui.dialogs.adapting import AdaptingDialog
from tests.services.test_click_adapting import Adapt, adapting, draw_regions  # noqa: F401

LONG_MS = 20_000

Show = Callable[[str], AdaptingDialog]


@pytest.fixture
def drawn(project: Project) -> None:
    """Before the session reads how many there are."""
    draw_regions(project, LEAST_REGIONS)


@pytest.fixture
def show(
    drawn: None,
    adapting: Adapt,  # noqa: F811
    qtbot: QtBot,
) -> Show:
    def make(how: str) -> AdaptingDialog:
        dialog = AdaptingDialog(adapting(how))
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def test_that_figures_tell_what_has_become_better(show: Show, qtbot: QtBot) -> None:
    dialog = show("kept")
    dialog.start_button.click()
    assert not dialog.start_button.isEnabled()
    qtbot.waitUntil(lambda: "Kept" in dialog.text, timeout=LONG_MS)
    assert dialog.start_button.isEnabled()
    assert (dialog.figure("before_1"), dialog.figure("after_5")) == ("0.50", "0.70")
    assert dialog.forget_button.isVisible()
    assert "a.png: the file is empty" in dialog.text


def test_that_going_back_takes_the_button_away(show: Show, qtbot: QtBot) -> None:
    dialog = show("kept")
    dialog.start_button.click()
    qtbot.waitUntil(dialog.forget_button.isVisible, timeout=LONG_MS)
    dialog.forget_button.click()
    assert not dialog.forget_button.isVisible()


def test_that_what_is_no_better_is_said_to_be_discarded(show: Show, qtbot: QtBot) -> None:
    dialog = show("discarded")
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "Discarded" in dialog.text, timeout=LONG_MS)
    assert not dialog.forget_button.isVisible()


def test_that_a_failure_is_said_and_can_be_tried_again(show: Show, qtbot: QtBot) -> None:
    dialog = show("failed")
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "No weights" in dialog.text, timeout=LONG_MS)
    assert dialog.start_button.isEnabled()


def test_that_it_can_be_stopped(show: Show, qtbot: QtBot) -> None:
    dialog = show("kept")
    dialog.start_button.click()
    dialog._progress.stop_requested.emit()
    assert "Stopped" in dialog.text
    assert dialog.start_button.isEnabled()


def test_that_too_few_regions_cannot_be_learned_from(
    adapting: Adapt,  # noqa: F811
    qtbot: QtBot,
) -> None:
    dialog = AdaptingDialog(adapting("kept"))
    qtbot.addWidget(dialog)
    assert not dialog.start_button.isEnabled()
    assert f"{LEAST_REGIONS} are needed" in dialog._data.text()


def test_that_nothing_is_cut_off_while_it_goes_on_and_afterwards(show: Show, qtbot: QtBot) -> None:
    dialog = show("kept")

    def is_whole() -> bool:
        label = dialog._about
        return label.height() >= label.heightForWidth(label.width())

    dialog.start_button.click()
    qtbot.waitUntil(is_whole)
    qtbot.waitUntil(lambda: "Kept" in dialog.text, timeout=LONG_MS)
    qtbot.waitUntil(is_whole)
