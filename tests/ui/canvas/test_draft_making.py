"""Drafts are made in a thread: the latest request wins, and outlines move with the slider."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.tidy import Tidying
from inspector_app.services.background import Background
from inspector_app.ui.canvas.draft_making import Draft, DraftMaker, DraftRequest, DraftSource

SIZE = 40
SPOT, FAINT = Box(5, 5, 15, 15), Box(20, 20, 36, 36)


@pytest.fixture
def maker(qapp: object) -> Iterator[DraftMaker]:
    background = Background(max_threads=1)
    yield DraftMaker(background)
    background.shut_down()


@pytest.fixture
def delivered(maker: DraftMaker) -> list[list[Box | None]]:
    """The boxes of each list of drafts that comes."""
    lists: list[list[Box | None]] = []
    maker.ready.connect(lambda drafts: lists.append([draft.mask.box for draft in drafts]))
    return lists


@pytest.fixture
def source(tmp_path: Path) -> DraftSource:
    """A map of a spot of 4 and a faint one of 2, from 1 on."""
    values = np.zeros((SIZE, SIZE), np.uint16)
    for box, value in ((SPOT, 40_000), (FAINT, 20_000)):
        values[box.top : box.bottom, box.left : box.right] = value
    path = tmp_path / "0.png"
    path.write_bytes(cv2.imencode(".png", values)[1].tobytes())
    return DraftSource(path, 6.5535, 1.0, SIZE, SIZE, Tidying())


def region(box: Box, *, size: int = SIZE) -> Region:
    mask = Mask.from_box(box, height=size, width=size)
    return Region("a", 1, box, mask, Author.HAND)


def test_that_drafts_come_largest_first(
    maker: DraftMaker, source: DraftSource, delivered: list[list[Box]], qtbot: QtBot
) -> None:
    maker.request(DraftRequest(source, ()))
    qtbot.waitUntil(lambda: delivered == [[FAINT, SPOT]])


def test_that_outlines_are_shown_while_the_slider_goes_on(
    maker: DraftMaker, source: DraftSource, delivered: list[list[Box]], qtbot: QtBot
) -> None:
    for level in (1.0, 1.5, 3.0):
        maker.request(DraftRequest(replace(source, level=level), ()))
    # The one in between was overtaken.
    qtbot.waitUntil(lambda: delivered == [[FAINT, SPOT], [SPOT]])


def test_that_what_was_drawn_meanwhile_is_not_offered(
    maker: DraftMaker, source: DraftSource, delivered: list[list[Box]], qtbot: QtBot
) -> None:
    maker.request(DraftRequest(source, ()))
    maker.request(DraftRequest(source, (region(SPOT),)))
    qtbot.waitUntil(lambda: delivered == [[FAINT]])


def test_that_regions_of_another_image_size_count_for_nothing(
    maker: DraftMaker, source: DraftSource, delivered: list[list[Box]], qtbot: QtBot
) -> None:
    maker.request(DraftRequest(source, (region(SPOT, size=50),)))
    qtbot.waitUntil(lambda: delivered == [[FAINT, SPOT]])


def test_that_what_is_forgotten_is_not_delivered(
    maker: DraftMaker, source: DraftSource, delivered: list[list[Box]], qtbot: QtBot
) -> None:
    maker.request(DraftRequest(replace(source, level=3.0), ()))
    maker.forget()
    maker.request(DraftRequest(source, ()))
    qtbot.waitUntil(lambda: delivered == [[FAINT, SPOT]])


def test_that_a_missing_map_is_named(maker: DraftMaker, source: DraftSource, qtbot: QtBot) -> None:
    missing = replace(source, path=source.path.with_name("gone.png"))
    with qtbot.waitSignal(maker.failed) as failed:
        maker.request(DraftRequest(missing, ()))
    assert "gone.png" in failed.args[0]


def test_that_a_missing_map_is_passed_over_where_another_one_waits(
    maker: DraftMaker, source: DraftSource, delivered: list[list[Box]], qtbot: QtBot
) -> None:
    missing = replace(source, path=source.path.with_name("gone.png"))
    with qtbot.assertNotEmitted(maker.failed):
        maker.request(DraftRequest(missing, ()))
        maker.request(DraftRequest(source, ()))
        qtbot.waitUntil(lambda: delivered == [[FAINT, SPOT]])


def test_that_the_place_of_a_draft_lies_in_it(
    maker: DraftMaker, source: DraftSource, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(maker.ready) as ready:
        maker.request(DraftRequest(source, ()))
    drafts: list[Draft] = ready.args[0]
    assert [FAINT.contains(*drafts[0].place), SPOT.contains(*drafts[1].place)] == [True, True]
    assert [draft.is_met(*drafts[0].place) for draft in drafts] == [True, False]
