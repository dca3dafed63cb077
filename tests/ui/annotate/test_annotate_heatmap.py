"""The heatmap as a drawing tool: shown by M, drafted from a score on, accepted by clicks."""

import pytest
from hand import Hand, make_maps, mask_of, open_page, stored
from inspected import FAINT, STRONG, WEAK, inspect, train
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author
from inspector_app.domain.geometry import Box
from inspector_app.domain.hot_areas import MOST_AREAS
from inspector_app.domain.mask import Mask
from inspector_app.domain.region_operations import union
from inspector_app.services.anomaly_maps import AnomalyMaps
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.outlines import Outline
from inspector_app.ui.canvas.tools.heatmap import HeatmapTool
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.option_slider import OptionSlider

SHIFT = Qt.KeyboardModifier.ShiftModifier
RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def run_id(project: Project) -> str:
    return train(project)


@pytest.fixture
def maps(program: ProgramServices, session: ProjectSession) -> AnomalyMaps:
    return make_maps(program, session)


@pytest.fixture
def page(
    program: ProgramServices,
    session: ProjectSession,
    project: Project,
    run_id: str,
    maps: AnomalyMaps,
    qtbot: QtBot,
) -> AnnotatePage:
    """The page on the first image, which was inspected."""
    inspect(project, run_id, "0.png")
    return open_page(program, session, qtbot, maps=maps)


@pytest.fixture
def tool(page: AnnotatePage) -> HeatmapTool:
    found = page.tool("heatmap")
    assert isinstance(found, HeatmapTool)
    return found


@pytest.fixture
def drafting(hand: Hand, tool: HeatmapTool, qtbot: QtBot) -> HeatmapTool:
    """The tool in hand, with drafts."""
    hand.take("heatmap")
    qtbot.waitUntil(lambda: bool(tool.drafts))
    return tool


def boxes(tool: HeatmapTool) -> list[Box | None]:
    return [draft.mask.box for draft in tool.drafts]


def masks(session: ProjectSession) -> list[Mask | None]:
    assert session.document is not None
    return [region.mask for region in session.document.regions]


def test_that_m_shows_the_map_and_hides_it(page: AnnotatePage, hand: Hand, qtbot: QtBot) -> None:
    hand.key(Qt.Key.Key_M)
    qtbot.waitUntil(lambda: page.canvas.overlay is not None)
    hand.key(Qt.Key.Key_M)
    assert page.canvas.overlay is None
    assert page.layers.map_offer.isHidden()


def test_that_another_image_without_map_shows_none(
    page: AnnotatePage, hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: page.canvas.overlay is not None)
    hand.go_to("1.png")
    assert page.canvas.overlay is None
    assert drafting.drafts == []
    hand.go_to("0.png")
    qtbot.waitUntil(lambda: bool(drafting.drafts))


def test_that_drafts_are_what_inspect_would_outline(drafting: HeatmapTool) -> None:
    assert boxes(drafting) == [STRONG, WEAK]


def test_that_the_model_is_named(page: AnnotatePage, drafting: HeatmapTool, run_id: str) -> None:
    assert f"Autoencoder, {run_id}" in page.actions_.heatmap.toolTip()


def test_that_drafts_follow_the_slider(drafting: HeatmapTool, qtbot: QtBot) -> None:
    drafting.heatmap_options.share.set_value(50)
    qtbot.waitUntil(lambda: FAINT in boxes(drafting))
    drafting.heatmap_options.share.set_value(200)
    qtbot.waitUntil(lambda: boxes(drafting) == [STRONG])


def test_that_brackets_move_the_slider(hand: Hand, drafting: HeatmapTool, qtbot: QtBot) -> None:
    hand.key(Qt.Key.Key_BracketRight)
    assert drafting.heatmap_options.share.value == 112
    hand.key(Qt.Key.Key_BracketLeft)
    assert drafting.heatmap_options.share.value == 100


def test_that_specks_are_drafted_once_they_are_wanted(drafting: HeatmapTool, qtbot: QtBot) -> None:
    drafting.heatmap_options.specks.set_value(0)
    qtbot.waitUntil(lambda: len(drafting.drafts) == 3)


def test_that_a_click_accepts_a_draft_with_the_models_run(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool, run_id: str
) -> None:
    hand.click(20, 20)
    (region,) = stored(session).regions
    assert region.mask == mask_of(STRONG)
    assert (region.author, region.author_detail) == (Author.ANOMALY_MODEL, run_id)
    assert region.class_id == session.classes()[0].id
    assert boxes(drafting) == [WEAK]


def test_that_a_click_beside_all_drafts_does_nothing(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool
) -> None:
    hand.click(45, 70)
    assert masks(session) == []


def test_that_enter_accepts_all_as_one_step(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    hand.key(Qt.Key.Key_Return)
    assert masks(session) == [mask_of(STRONG), mask_of(WEAK)]
    session.undo()
    assert masks(session) == []
    qtbot.waitUntil(lambda: boxes(drafting) == [STRONG, WEAK])


def test_that_shift_clicks_join_drafts(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool
) -> None:
    hand.click(20, 20, modifier=SHIFT)
    hand.click(68, 48, modifier=SHIFT)
    hand.click(68, 48)
    assert masks(session) == [union([mask_of(STRONG), mask_of(WEAK)])]


def test_that_a_second_shift_click_takes_it_out_again(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool
) -> None:
    hand.click(20, 20, modifier=SHIFT)
    hand.click(68, 48, modifier=SHIFT)
    hand.click(20, 20, modifier=SHIFT)
    hand.key(Qt.Key.Key_Return)
    assert masks(session) == [mask_of(WEAK), mask_of(STRONG)]


def test_that_joined_drafts_outlast_the_slider(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    hand.click(20, 20, modifier=SHIFT)
    hand.click(68, 48, modifier=SHIFT)
    drafting.heatmap_options.share.set_value(50)
    qtbot.waitUntil(lambda: FAINT in boxes(drafting))
    hand.key(Qt.Key.Key_Return)
    assert masks(session) == [union([mask_of(STRONG), mask_of(WEAK)]), mask_of(FAINT)]


def test_that_a_right_click_drops_one_draft(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool
) -> None:
    hand.click(20, 20, button=RIGHT)
    hand.key(Qt.Key.Key_Return)
    assert masks(session) == [mask_of(WEAK)]


def test_that_a_dropped_draft_stays_dropped_at_another_score(
    hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    hand.click(20, 20, button=RIGHT)
    drafting.heatmap_options.share.set_value(50)
    qtbot.waitUntil(lambda: FAINT in boxes(drafting))
    assert STRONG not in boxes(drafting)


def test_that_a_draft_that_swallows_a_dropped_one_is_shown(
    hand: Hand, drafting: HeatmapTool
) -> None:
    hand.click(68, 48, button=RIGHT)
    mask = mask_of(Box(0, 0, 100, 70))
    whole = Draft(mask, Outline(mask))
    drafting.set_drafts([whole])
    assert drafting.drafts == [whole]


def test_that_escape_drops_the_drafts_until_the_slider_moves(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    hand.key(Qt.Key.Key_Escape)
    hand.key(Qt.Key.Key_Return)
    assert drafting.drafts == []
    assert masks(session) == []
    drafting.heatmap_options.share.set_value(90)
    qtbot.waitUntil(lambda: bool(drafting.drafts))


def test_that_what_was_drawn_by_hand_is_not_drafted_again(
    session: ProjectSession, page: AnnotatePage, hand: Hand, tool: HeatmapTool, qtbot: QtBot
) -> None:
    page.editing.add("Add", mask=mask_of(Box(12, 12, 28, 28)))
    page.editing.add("Add", box=Box(60, 40, 70, 56))
    hand.take("heatmap")
    tool.heatmap_options.share.set_value(50)
    qtbot.waitUntil(lambda: boxes(tool) == [FAINT])


def test_that_an_accepted_draft_can_be_snapped(
    session: ProjectSession, page: AnnotatePage, hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    hand.click(20, 20)
    hand.key(Qt.Key.Key_Q)
    qtbot.waitUntil(lambda: stored(session).regions[0].author is Author.CLICK_MODEL, timeout=20_000)


def test_that_the_hint_says_what_there_is_to_do(
    page: AnnotatePage, hand: Hand, drafting: HeatmapTool, qtbot: QtBot
) -> None:
    assert page.tool_options.text.startswith("2 drafts: click takes")
    hand.click(20, 20, button=RIGHT)
    assert page.tool_options.text.startswith("1 draft: ")
    hand.key(Qt.Key.Key_Escape)
    assert page.tool_options.text == "The drafts are dropped. Move the slider for others."
    drafting.heatmap_options.share.set_value(1000)
    nothing = "Nothing new reaches this score. Move the slider to the left."
    qtbot.waitUntil(lambda: page.tool_options.text == nothing)
    hand.key(Qt.Key.Key_M)
    assert page.tool_options.text == "Drafts need the anomaly map of this image (M)."


def test_that_only_the_largest_of_very_many_drafts_are_announced_as_such(
    drafting: HeatmapTool,
) -> None:
    drafting.set_drafts(drafting.drafts * MOST_AREAS)
    assert drafting.hint().startswith("The 200 largest drafts")


def test_that_a_click_close_to_a_draft_takes_it(
    session: ProjectSession, hand: Hand, drafting: HeatmapTool
) -> None:
    hand.click(STRONG.right + 0.3, 20)
    assert masks(session) == [mask_of(STRONG)]


def test_that_the_slider_and_the_field_follow_each_other(
    page: AnnotatePage, drafting: HeatmapTool
) -> None:
    slider = page.tool_options.findChild(OptionSlider)
    assert slider is not None
    field = page.tool_options.findChild(QSpinBox)
    assert field is not None
    field.setValue(37)
    assert drafting.heatmap_options.share.value == 37
    slider.setValue(slider.maximum())
    assert field.value() == drafting.heatmap_options.share.maximum


def test_that_a_read_only_project_offers_no_inspection(
    program: ProgramServices, session: ProjectSession, run_id: str, qtbot: QtBot
) -> None:
    with Project.open(session.folder) as other:
        assert other.is_read_only
        page = open_page(program, ProjectSession(other), qtbot)
        Hand(page, qtbot).key(Qt.Key.Key_M)
        assert page.layers.map_offer.text == "No inspection has judged this image yet."
        assert page.layers.map_offer.button.isHidden()


def test_that_an_image_nothing_judged_offers_an_inspection(page: AnnotatePage, hand: Hand) -> None:
    hand.go_to("1.png")
    hand.key(Qt.Key.Key_M)
    assert page.layers.map_offer.text == "No inspection has judged this image yet."
    assert page.layers.map_offer.button.text() == "Inspect all images with Autoencoder"


def test_that_the_button_starts_an_inspection_and_says_so(
    page: AnnotatePage, hand: Hand, maps: AnomalyMaps, qtbot: QtBot
) -> None:
    hand.go_to("1.png")
    hand.key(Qt.Key.Key_M)
    qtbot.mouseClick(page.layers.map_offer.button, Qt.MouseButton.LeftButton)
    assert maps.is_inspecting
    assert page.layers.map_offer.text.startswith("An inspection is running")
    assert page.layers.map_offer.button.isHidden()
    maps.progressed.emit(1, 4)
    assert (page.layers.map_offer.progress.value(), page.layers.map_offer.progress.maximum()) == (
        1,
        4,
    )


def test_that_a_damaged_map_is_named_and_offers_an_inspection(
    page: AnnotatePage, hand: Hand, project: Project, run_id: str, qtbot: QtBot
) -> None:
    inspect(project, run_id, "1.png", is_damaged=True)
    hand.go_to("1.png")
    hand.key(Qt.Key.Key_M)
    qtbot.waitUntil(lambda: not page.layers.map_offer.isHidden())
    assert "not a heatmap" in page.layers.map_offer.text
    assert not page.layers.map_offer.button.isHidden()


def test_that_without_a_trained_model_it_says_what_to_do(
    program: ProgramServices, session: ProjectSession, qtbot: QtBot
) -> None:
    page = open_page(program, session, qtbot)
    Hand(page, qtbot).key(Qt.Key.Key_M)
    assert page.layers.map_offer.text == "An anomaly map needs a trained model: train one first."
    assert page.layers.map_offer.button.isHidden()


def test_that_a_new_inspection_shows_as_soon_as_it_has_judged_the_image(
    page: AnnotatePage,
    hand: Hand,
    project: Project,
    run_id: str,
    maps: AnomalyMaps,
    qtbot: QtBot,
) -> None:
    hand.go_to("1.png")
    hand.key(Qt.Key.Key_M)
    inspect(project, run_id, "1.png")
    maps.changed.emit()
    qtbot.waitUntil(lambda: page.canvas.overlay is not None)
    assert page.layers.map_offer.isHidden()
