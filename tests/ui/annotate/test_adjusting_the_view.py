"""The controls of the view on the Annotate page."""

import pytest
from hand import Hand
from PySide6.QtCore import Qt

from inspector_app.ui.canvas.adjustment import Adjustment, Channel
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.adjust import AdjustPanel


@pytest.fixture
def panel(page: AnnotatePage) -> AdjustPanel:
    return page.side.adjust


def test_that_l_shows_the_next_channel(page: AnnotatePage, hand: Hand, panel: AdjustPanel) -> None:
    hand.key(Qt.Key.Key_L)
    assert panel.adjustment == Adjustment(channel=Channel.RED)
    assert page.canvas.adjustment == panel.adjustment


def test_that_shift_l_brings_the_view_back(hand: Hand, panel: AdjustPanel) -> None:
    panel.gamma.setValue(30)
    panel.brightness.setValue(-5)
    panel.choose_next_channel()
    hand.key(Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert panel.adjustment.is_neutral


def test_that_an_adjustment_stays_for_the_next_image(
    page: AnnotatePage, hand: Hand, panel: AdjustPanel
) -> None:
    panel.gamma.setValue(30)
    hand.go_to("1.png")
    assert page.canvas.adjustment == Adjustment(gamma=30)
