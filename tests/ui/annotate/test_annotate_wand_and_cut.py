"""The magic wand, and cutting regions in two."""

from pathlib import Path

import numpy as np
import pytest
from hand import HEIGHT, WIDTH, Hand, add_region, mask_of
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.tools.wand import WandTool
from inspector_app.ui.pages.annotate import AnnotatePage

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def image_folder(image_folder: Path) -> Path:
    """The first image has a light spot of 20 × 16 px, a darker rim around it, and a far spot."""
    pixels = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    pixels[28:52, 48:76] = 170
    pixels[32:48, 52:72] = 200
    pixels[60:70, 100:110] = 200
    (image_folder / "0.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return image_folder


@pytest.fixture
def hand(page: AnnotatePage, qtbot: QtBot) -> Hand:
    return Hand(page, qtbot)


def masks(session: ProjectSession) -> list[Mask]:
    assert session.document is not None
    return [region.mask for region in session.document.regions if region.mask is not None]


def test_that_a_click_takes_what_looks_alike(session: ProjectSession, hand: Hand) -> None:
    hand.take("wand")
    hand.click(60, 40)
    assert masks(session) == [mask_of(Box(52, 32, 72, 48))]


def test_that_dragging_right_takes_more(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    hand.take("wand")
    hand.drag([(60, 40), (70, 40), (78, 40)])
    assert masks(session) == [mask_of(Box(48, 28, 76, 52))]
    tool = page.tool("wand")
    assert isinstance(tool, WandTool)
    assert tool.tolerance.value > 30


def test_that_shift_adds_and_ctrl_takes_away(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    hand.take("wand")
    hand.click(60, 40)
    hand.click(105, 65, modifier=SHIFT)
    assert masks(session)[0].area == 20 * 16 + 100
    hand.click(60, 40, modifier=CTRL)
    assert masks(session) == [mask_of(Box(100, 60, 110, 70))]


def test_that_a_click_beside_the_image_does_nothing(session: ProjectSession, hand: Hand) -> None:
    hand.take("wand")
    hand.click(-3, 40)
    assert masks(session) == []


def test_that_a_line_across_a_region_makes_two(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    whole = mask_of(Box(20, 20, 80, 40))
    add_region(session, "bar", whole)
    hand.take("cut")
    hand.drag([(50, 10), (50, 25), (50, 50)])
    first, second = masks(session)
    assert first.area + second.area == whole.area
    session.undo()
    assert masks(session) == [whole]


def test_that_a_line_that_ends_inside_cuts_nothing_and_says_so(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    said: list[str] = []
    page.editing.noticed.connect(said.append)
    add_region(session, "bar", mask_of(Box(20, 20, 80, 40)))
    hand.take("cut")
    hand.drag([(50, 10), (50, 25), (50, 30)])
    assert len(masks(session)) == 1
    assert said == ["It is in one piece; nothing was changed."]


def ring_mask() -> Mask:
    pixels = np.zeros((HEIGHT, WIDTH), np.bool_)
    pixels[20:50, 20:60] = True
    pixels[24:46, 24:56] = False
    return Mask.from_array(pixels)


def test_that_a_place_a_region_goes_around_is_filled(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    add_region(session, "ring", ring_mask())
    hand.take("fill")
    hand.click(40, 35)
    (mask,) = masks(session)
    assert mask.area == 30 * 40
    session.undo()
    assert masks(session) == [ring_mask()]


def test_that_the_selected_region_is_filled_first(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    lower = add_region(session, "lower", ring_mask())
    add_region(session, "upper", ring_mask())
    page.editing.select(lower.id)
    hand.take("fill")
    hand.click(40, 35)
    assert [mask.area for mask in masks(session)] == [30 * 40, ring_mask().area]


def test_that_an_open_place_is_left_alone(
    page: AnnotatePage, session: ProjectSession, hand: Hand, qtbot: QtBot
) -> None:
    add_region(session, "ring", ring_mask())
    hand.take("fill")
    with qtbot.waitSignal(page.editing.noticed):
        hand.click(100, 70)
    assert masks(session) == [ring_mask()]
