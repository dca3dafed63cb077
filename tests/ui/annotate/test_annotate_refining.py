"""Hovering, cleaning up, boxes as limits, snapping, and images that are ready."""

from pathlib import Path

import pytest
from clicking_worker import RADII_PX, SNAPPED_AT, disc
from hand import Hand, add_region, mask_of, stored
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.session import ProjectSession
from inspector_app.ui.canvas.seen import part_to_encode
from inspector_app.ui.canvas.tools.click_segment import ClickSegmentTool
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.details_button import DetailsButton

RIGHT = Qt.MouseButton.RightButton
SNAPPED = Mask.from_array(disc(*SNAPPED_AT, RADII_PX[2]))


@pytest.fixture
def tool(page: AnnotatePage) -> ClickSegmentTool:
    """The click tool, in hand."""
    page.set_tool("click-segment")
    tool = page.tool("click-segment")
    assert isinstance(tool, ClickSegmentTool)
    return tool


def click(hand: Hand, tool: ClickSegmentTool, qtbot: QtBot, *where: object) -> None:
    with qtbot.waitSignal(tool.editing.segmentation.ready, timeout=20_000):
        hand.click(*where)  # type: ignore[arg-type]


def regions(session: ProjectSession) -> tuple[Region, ...]:
    assert session.document is not None
    return session.document.regions


def accepted(hand: Hand, session: ProjectSession) -> Mask:
    hand.key(Qt.Key.Key_Return)
    (region,) = regions(session)
    assert region.mask is not None
    return region.mask


# ------------------------------------------------------------------ hovering


def hover(hand: Hand, tool: ClickSegmentTool, qtbot: QtBot, x: float, y: float) -> None:
    with qtbot.waitSignal(tool.editing.segmentation.hovered, timeout=20_000):
        # A test before this one may have left the cursor at the very place.
        hand.move(x + 3, y + 3)
        hand.move(x, y)


def test_that_the_outline_under_the_cursor_is_shown_and_not_stored(
    hand: Hand, tool: ClickSegmentTool, session: ProjectSession, qtbot: QtBot
) -> None:
    hover(hand, tool, qtbot, 40.5, 30.5)
    assert tool.hovered_mask is not None
    assert tool.hovered_mask.box is not None
    assert tool.hovered_mask.box.contains(40, 30)
    assert regions(session) == ()


def test_that_nothing_is_shown_once_the_cursor_is_gone(
    hand: Hand, tool: ClickSegmentTool, qtbot: QtBot
) -> None:
    hover(hand, tool, qtbot, 40.5, 30.5)
    QApplication.sendEvent(hand.canvas, QEvent(QEvent.Type.Leave))
    assert tool.hovered_mask is None


def test_that_the_outline_of_a_place_that_was_left_is_not_shown(
    hand: Hand, tool: ClickSegmentTool, qtbot: QtBot
) -> None:
    hover(hand, tool, qtbot, 20.5, 30.5)
    hand.move(100.5, 60.5)
    assert tool.hovered_mask is None


def test_that_a_begun_region_is_not_hovered_over(
    hand: Hand, tool: ClickSegmentTool, qtbot: QtBot
) -> None:
    click(hand, tool, qtbot, 40.5, 30.5)
    with qtbot.assertNotEmitted(tool.editing.segmentation.hovered, wait=250):
        hand.move(60.5, 30.5)


def test_that_hovering_can_be_switched_off(
    hand: Hand, tool: ClickSegmentTool, qtbot: QtBot
) -> None:
    tool.click_options.previews.set_value(False)
    with qtbot.assertNotEmitted(tool.editing.segmentation.hovered, wait=250):
        hand.move(60.5, 30.5)


# ------------------------------------------------------------------ refining


def test_that_a_further_click_refines_the_chosen_candidate(
    hand: Hand, tool: ClickSegmentTool, session: ProjectSession, qtbot: QtBot
) -> None:
    click(hand, tool, qtbot, 40.5, 30.5)
    hand.key(Qt.Key.Key_3)
    click(hand, tool, qtbot, 100.5, 70.5, RIGHT)
    box = accepted(hand, session).box
    assert box is not None
    assert box.width > 2 * RADII_PX[1]


@pytest.mark.parametrize(("is_limit", "right"), [(False, 64), (True, 51)])
def test_that_a_box_is_a_limit_for_clicks_only_if_it_is_meant_to(
    hand: Hand,
    tool: ClickSegmentTool,
    session: ProjectSession,
    qtbot: QtBot,
    is_limit: bool,
    right: int,
) -> None:
    tool.click_options.stays_in_box.set_value(is_limit)
    with qtbot.waitSignal(tool.editing.segmentation.ready, timeout=20_000):
        hand.drag([(20.5, 20.5), (30, 30), (50.5, 40.5)])
    click(hand, tool, qtbot, 60.5, 30.5)
    box = accepted(hand, session).box
    assert box is not None
    assert abs(box.right - right) <= 1


def test_that_changing_what_a_box_means_asks_again(
    hand: Hand, tool: ClickSegmentTool, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(tool.editing.segmentation.ready, timeout=20_000):
        hand.drag([(20.5, 20.5), (30, 30), (50.5, 40.5)])
    click(hand, tool, qtbot, 60.5, 30.5)
    with qtbot.waitSignal(tool.editing.segmentation.ready, timeout=20_000):
        tool.click_options.stays_in_box.set_value(True)


def test_that_holes_are_filled_before_the_draft_is_accepted(
    hand: Hand, tool: ClickSegmentTool, session: ProjectSession, qtbot: QtBot
) -> None:
    click(hand, tool, qtbot, 40.5, 30.5)
    hand.key(Qt.Key.Key_3)
    click(hand, tool, qtbot, 43.5, 30.5, RIGHT)
    assert tool.draft is not None
    assert tool.draft.has_holes()
    tool.click_options.holes.set_value(100)
    assert not tool.draft.has_holes()
    assert not accepted(hand, session).has_holes()


def test_that_an_outline_with_fewer_corners_is_what_is_stored(
    hand: Hand, tool: ClickSegmentTool, session: ProjectSession, qtbot: QtBot
) -> None:
    tool.click_options.tolerance.set_value(2)
    click(hand, tool, qtbot, 40.5, 30.5)
    hand.key(Qt.Key.Key_3)
    mask = accepted(hand, session)
    exact = Mask.from_array(disc(40.5, 30.5, RADII_PX[2]))
    assert mask != exact
    assert mask.iou(exact) > 0.8


# ------------------------------------------------------------------- options


def details_of(page: AnnotatePage) -> DetailsButton:
    # Those of the tools that were in hand before are deleted by now.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    [button] = page.tool_options.findChildren(DetailsButton)
    return button


def test_that_the_options_open_from_the_strip(page: AnnotatePage, tool: ClickSegmentTool) -> None:
    button = details_of(page)
    [previews, _limit] = button.form.findChildren(QCheckBox)
    previews.click()
    assert not tool.click_options.previews.value
    tolerance = button.form.findChildren(QSpinBox)[0]
    tolerance.setValue(4)
    assert tool.click_options.tolerance.value == 4


def test_that_another_tool_has_no_such_options(page: AnnotatePage, tool: ClickSegmentTool) -> None:
    page.set_tool("box")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert page.tool_options.findChildren(DetailsButton) == []


def test_that_the_click_model_can_be_chosen_and_is_remembered(
    page: AnnotatePage, tool: ClickSegmentTool, program: ProgramServices, qtbot: QtBot
) -> None:
    button = details_of(page)
    [models] = button.form.findChildren(QComboBox)
    program.workers.start_inference()
    qtbot.waitUntil(lambda: models.count() == 3, timeout=20_000)
    models.setCurrentIndex(2)
    models.activated.emit(2)
    assert program.workers.wanted_click_model == program.settings.click_model == "GrabCut"


def test_that_the_room_for_prepared_images_is_remembered(
    tool: ClickSegmentTool, program: ProgramServices
) -> None:
    tool.click_options.cache_gb.set_value(3)
    assert program.settings.embeddings_gb == 3


# ------------------------------------------------------------------- snapping


def snap(hand: Hand, qtbot: QtBot) -> None:
    with qtbot.waitSignal(hand.page.editing.segmentation.snapped, timeout=20_000):
        hand.key(Qt.Key.Key_Q)


@pytest.fixture
def rough(session: ProjectSession, page: AnnotatePage) -> Region:
    """A region that was drawn roughly, selected."""
    region = add_region(session, "rough", mask_of(Box(48, 28, 74, 54)))
    page.editing.select(region.id)
    return region


def test_that_a_rough_region_is_replaced_by_its_snapped_mask(
    hand: Hand, rough: Region, session: ProjectSession, qtbot: QtBot
) -> None:
    snap(hand, qtbot)
    (region,) = regions(session)
    assert (region.id, region.mask) == (rough.id, SNAPPED)
    assert (region.author, region.author_detail) == (Author.CLICK_MODEL, "Discs")
    assert stored(session) == session.document
    assert "Snapped by Discs" in hand.page.tool_options.text


def test_that_one_undo_brings_the_rough_region_back(
    hand: Hand, rough: Region, session: ProjectSession, qtbot: QtBot
) -> None:
    snap(hand, qtbot)
    session.undo()
    assert regions(session) == (rough,)


def test_that_a_brush_stroke_is_snapped_right_away(
    hand: Hand, session: ProjectSession, qtbot: QtBot
) -> None:
    hand.take("brush")
    hand.drag([(50, 40), (60, 40), (70, 42)])
    snap(hand, qtbot)
    (region,) = regions(session)
    assert region.mask == SNAPPED


def test_that_a_box_is_snapped_to_a_mask(hand: Hand, session: ProjectSession, qtbot: QtBot) -> None:
    hand.take("box")
    hand.drag([(50.5, 30.5), (60, 40), (70.5, 50.5)])
    snap(hand, qtbot)
    (region,) = regions(session)
    assert region.mask is not None


def test_that_nothing_is_snapped_without_a_selection(hand: Hand, page: AnnotatePage) -> None:
    page._snapping.snap_selected()
    assert "Select the region" in page.tool_options.text


def test_that_an_answer_for_a_region_changed_meanwhile_is_dropped(
    hand: Hand, rough: Region, session: ProjectSession, image_folder: Path, qtbot: QtBot
) -> None:
    hold = image_folder / "0.png.hold"
    hold.touch()
    hand.key(Qt.Key.Key_Q)
    hand.page.editing.move_selected(1, 0)
    with qtbot.waitSignal(hand.page.editing.segmentation.snapped, timeout=20_000):
        hold.unlink()
    assert regions(session)[0].mask == mask_of(Box(49, 28, 75, 54))


def test_that_a_late_answer_never_lands_on_another_image(
    hand: Hand, rough: Region, session: ProjectSession, image_folder: Path, qtbot: QtBot
) -> None:
    hold = image_folder / "0.png.hold"
    hold.touch()
    hand.key(Qt.Key.Key_Q)
    hand.go_to("1.png")
    hold.unlink()
    hand.take("click-segment")
    tool = hand.page.tool("click-segment")
    assert isinstance(tool, ClickSegmentTool)
    # The worker answers in order: with this answer here, the held one has been and gone.
    click(hand, tool, qtbot, 80.5, 50.5)
    assert regions(session) == ()
    hand.key(Qt.Key.Key_Escape)
    hand.go_to("0.png")
    assert regions(session) == (rough,)


def test_that_a_failing_click_model_leaves_the_region_as_it_was(
    hand: Hand, session: ProjectSession, qtbot: QtBot
) -> None:
    hand.go_to("bad_model.png")
    rough = add_region(session, "rough", mask_of(Box(48, 28, 74, 54)))
    hand.page.editing.select(rough.id)
    with qtbot.waitSignal(hand.page.editing.segmentation.failed, timeout=20_000):
        hand.key(Qt.Key.Key_Q)
    assert regions(session) == (rough,)
    assert "the model stumbled" in hand.page.tool_options.text


# --------------------------------------------------------------- preparation


def strip(page: AnnotatePage) -> QImage:
    return page.filmstrip.viewport().grab().toImage()


def test_that_the_next_images_are_prepared_and_marked(
    page: AnnotatePage, program: ProgramServices, image_folder: Path, qtbot: QtBot
) -> None:
    before = strip(page)
    (image_folder / "keep").touch()
    next_image = image_folder / "1.png"
    qtbot.waitUntil(lambda: program.encoding_ahead.is_ready(next_image), timeout=20_000)
    after = strip(page)
    frame = page.filmstrip.visualRect(page.filmstrip.model().index(1, 0))
    assert before.copy(frame) != after.copy(frame)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.set_image(QImage(4096, 4096, QImage.Format.Format_RGB888))
    return canvas


def test_that_a_fitted_image_is_looked_at_as_a_whole(canvas: Canvas) -> None:
    assert part_to_encode(canvas) is None


def test_that_a_part_that_is_zoomed_to_is_looked_at_alone(canvas: Canvas) -> None:
    canvas.zoom_to(200)
    view = part_to_encode(canvas)
    assert view is not None
    assert max(view.width, view.height) <= 1024
    assert view.contains(2048, 2048)


def test_that_prompts_out_of_sight_are_looked_at_too(canvas: Canvas) -> None:
    canvas.zoom_to(200)
    far = Box(100, 100, 101, 101)
    view = part_to_encode(canvas, far)
    assert view is None or view.contains(100, 100)
