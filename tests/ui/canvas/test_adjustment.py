"""What an adjustment makes of grey values and colours."""

import numpy as np
import pytest

from inspector_app.ui.canvas.adjustment import Adjustment, Channel
from inspector_app.ui.canvas.arrays import Pixels

RED, GREEN, BLUE = 200, 100, 40


@pytest.fixture
def pixels() -> Pixels:
    return np.full((4, 6, 3), (RED, GREEN, BLUE), np.uint8)


def test_that_gamma_lifts_the_dark_and_keeps_both_ends() -> None:
    table = Adjustment(gamma=50).table
    assert (table[0], table[255]) == (0, 255)
    assert int(table[64]) == round(255 * (64 / 255) ** 0.5)


def test_that_a_gamma_and_its_negative_undo_each_other() -> None:
    lifted = Adjustment(gamma=40).table
    lowered = Adjustment(gamma=-40).table
    bright = np.arange(64, 256)
    assert np.abs(lowered[lifted[bright]].astype(int) - bright).max() <= 2


@pytest.mark.parametrize(
    ("channel", "grey"), [(Channel.RED, RED), (Channel.GREEN, GREEN), (Channel.BLUE, BLUE)]
)
def test_that_a_single_channel_is_shown_as_grey(
    pixels: Pixels, channel: Channel, grey: int
) -> None:
    assert np.array_equal(
        Adjustment(channel=channel).applied(pixels), np.full((4, 6, 3), grey, np.uint8)
    )


def test_that_luminance_weighs_the_channels_as_rec_601_does(pixels: Pixels) -> None:
    shown = Adjustment(channel=Channel.LUMINANCE).applied(pixels)
    assert (shown == round(0.299 * RED + 0.587 * GREEN + 0.114 * BLUE)).all()


def test_that_sliders_work_on_the_channel_that_is_shown(pixels: Pixels) -> None:
    shown = Adjustment(brightness=20, channel=Channel.BLUE).applied(pixels)
    assert (shown == round(BLUE + 20 * 1.275)).all()


def test_that_the_channels_follow_each_other_in_a_circle() -> None:
    assert Channel.LUMINANCE.following is Channel.ALL
    assert Channel.ALL.following is Channel.RED
