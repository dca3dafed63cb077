"""Clicks to regions: prompts, preview, candidates, accepting and dropping."""

from pathlib import Path

import pytest
from clicking_worker import RADII_PX, disc
from hand import Hand, add_region, mask_of, open_page, stored
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project
from inspector_app.ui.canvas.tools.click_segment import ClickSegmentTool
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

RIGHT = Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def tool(page: AnnotatePage) -> ClickSegmentTool:
    """The click tool, in hand."""
    page.set_tool("click-segment")
    tool = page.tool("click-segment")
    assert isinstance(tool, ClickSegmentTool)
    return tool


@pytest.fixture
def clicker(hand: Hand, tool: ClickSegmentTool, qtbot: QtBot) -> "Clicker":
    return Clicker(hand, tool, qtbot)


class Clicker:
    """Clicks and waits for the preview."""

    def __init__(self, hand: Hand, tool: ClickSegmentTool, qtbot: QtBot) -> None:
        self.hand = hand
        self.tool = tool
        self._qtbot = qtbot

    def click(self, x: float, y: float, *how: Qt.MouseButton | Qt.KeyboardModifier) -> None:
        with self._qtbot.waitSignal(self.tool.editing.segmentation.ready, timeout=20_000):
            self.hand.click(x, y, *how)

    def accept(self) -> None:
        self.hand.key(Qt.Key.Key_Return)


def disc_at(x: int, y: int, radius_px: int) -> Mask:
    """Return what the worker answers to a click on a pixel; the click lies near its middle."""
    return Mask.from_array(disc(x + 0.5, y + 0.5, radius_px))


def only_mask(session: ProjectSession) -> Mask:
    assert session.document is not None
    (region,) = session.document.regions
    assert region.mask is not None
    return region.mask


def test_that_an_accepted_click_is_stored_as_the_mask_that_was_shown(
    clicker: Clicker, session: ProjectSession
) -> None:
    clicker.click(40.5, 30.5)
    assert clicker.tool.has_preview
    clicker.accept()
    assert only_mask(session).iou(disc_at(40, 30, RADII_PX[0])) > 0.9
    assert stored(session) == session.document


def test_that_a_region_from_a_click_names_its_author_model_and_class(
    clicker: Clicker, session: ProjectSession
) -> None:
    clicker.hand.key(Qt.Key.Key_2)
    clicker.click(40.5, 30.5)
    clicker.accept()
    assert session.document is not None
    (region,) = session.document.regions
    assert (region.author, region.author_detail) == (Author.CLICK_MODEL, "Discs")
    assert session.class_by_id(region.class_id).name == "dent"
    assert region.created_at.endswith("+00:00")


def test_that_nothing_is_stored_before_enter(clicker: Clicker, session: ProjectSession) -> None:
    clicker.click(40.5, 30.5)
    assert session.document is not None
    assert session.document.regions == ()


def test_that_escape_clears_prompts_and_preview(clicker: Clicker, session: ProjectSession) -> None:
    clicker.click(40.5, 30.5)
    clicker.hand.key(Qt.Key.Key_Escape)
    assert not clicker.tool.has_prompts
    assert not clicker.tool.has_preview
    clicker.accept()
    assert session.document is not None
    assert session.document.regions == ()


@pytest.mark.parametrize(
    ("key", "radius_px"), [(Qt.Key.Key_2, RADII_PX[1]), (Qt.Key.Key_3, RADII_PX[2])]
)
def test_that_a_number_key_takes_another_candidate(
    clicker: Clicker, session: ProjectSession, key: Qt.Key, radius_px: int
) -> None:
    clicker.click(40.5, 30.5)
    clicker.hand.key(key)
    clicker.accept()
    assert only_mask(session).iou(disc_at(40, 30, radius_px)) > 0.9


def test_that_a_number_key_for_a_candidate_does_not_change_the_class(clicker: Clicker) -> None:
    before = clicker.hand.page.editing.current_class
    clicker.click(40.5, 30.5)
    clicker.hand.key(Qt.Key.Key_2)
    assert clicker.hand.page.editing.current_class == before


@pytest.mark.parametrize("how", [(RIGHT,), (Qt.MouseButton.LeftButton, SHIFT)])
def test_that_a_point_that_does_not_belong_takes_pixels_away(
    clicker: Clicker, session: ProjectSession, how: tuple[Qt.MouseButton, Qt.KeyboardModifier]
) -> None:
    clicker.click(40.5, 30.5)
    clicker.click(43.5, 30.5, *how)
    clicker.accept()
    pixels = only_mask(session).to_array()
    assert pixels[30, 38]
    assert not pixels[30, 43]


def test_that_backspace_takes_the_last_point_back(
    clicker: Clicker, session: ProjectSession, qtbot: QtBot
) -> None:
    clicker.click(40.5, 30.5)
    clicker.click(90.5, 50.5)
    with qtbot.waitSignal(clicker.tool.editing.segmentation.ready, timeout=20_000):
        clicker.hand.key(Qt.Key.Key_Backspace)
    clicker.accept()
    assert only_mask(session).iou(disc_at(40, 30, RADII_PX[0])) > 0.9


def test_that_undo_takes_back_a_click_and_not_the_last_region(
    clicker: Clicker, session: ProjectSession
) -> None:
    add_region(session, "a", mask_of(Box(1, 1, 5, 5)))
    clicker.click(40.5, 30.5)
    clicker.hand.key(Qt.Key.Key_Z, CTRL)
    assert not clicker.tool.has_prompts
    assert session.document is not None
    assert len(session.document.regions) == 1


def test_that_a_drag_is_a_box_prompt_and_points_refine_it(
    clicker: Clicker, session: ProjectSession, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(clicker.tool.editing.segmentation.ready, timeout=20_000):
        clicker.hand.drag([(20.5, 20.5), (30, 30), (50.5, 40.5)])
    clicker.click(30.5, 30.5, RIGHT)
    clicker.accept()
    pixels = only_mask(session).to_array()
    assert pixels[21, 21]
    assert not pixels[30, 30]
    assert only_mask(session).box == Box(20, 20, 51, 41)


def test_that_enter_before_the_answer_accepts_it_when_it_comes(
    clicker: Clicker, session: ProjectSession, image_folder: Path, qtbot: QtBot
) -> None:
    hold = image_folder / "0.png.hold"
    hold.touch()
    clicker.hand.click(40.5, 30.5)
    clicker.accept()
    assert session.document is not None
    assert session.document.regions == ()
    hold.unlink()
    qtbot.waitUntil(lambda: len(session.document.regions) == 1, timeout=20_000)


def test_that_an_answer_for_the_last_image_never_lands_on_the_next(
    clicker: Clicker, session: ProjectSession, image_folder: Path, qtbot: QtBot
) -> None:
    hold = image_folder / "0.png.hold"
    hold.touch()
    clicker.hand.click(40.5, 30.5)
    clicker.accept()
    clicker.hand.key(Qt.Key.Key_D)
    clicker.hand.wait_for_image()
    hold.unlink()
    # The worker answers in order: with this answer here, the held one has been and gone.
    clicker.click(80.5, 50.5)
    clicker.accept()
    assert session.current_image is not None
    assert session.current_image.name == "1.png"
    assert only_mask(session).iou(disc_at(80, 50, RADII_PX[0])) > 0.9
    assert session.image(session.images()[0].id).region_count == 0


def test_that_another_tool_drops_the_prompts(clicker: Clicker) -> None:
    clicker.click(40.5, 30.5)
    clicker.hand.take("box")
    clicker.hand.take("click-segment")
    assert not clicker.tool.has_prompts


def test_that_a_failing_click_model_is_explained_and_can_be_asked_again(
    clicker: Clicker, qtbot: QtBot
) -> None:
    clicker.hand.go_to("bad_model.png")
    with qtbot.waitSignal(clicker.tool.editing.segmentation.failed, timeout=20_000):
        clicker.hand.click(40.5, 30.5)
    assert "the model stumbled" in clicker.hand.page.tool_options.text
    clicker.hand.key(Qt.Key.Key_Escape)
    clicker.hand.go_to("1.png")
    clicker.click(40.5, 30.5)
    assert clicker.tool.has_preview


def test_that_the_first_region_of_a_project_without_classes_makes_one(
    program: ProgramServices, tmp_path: Path, image_folder: Path, qtbot: QtBot
) -> None:
    with Project.create(tmp_path / "bare", image_folder=image_folder) as project:
        project.add_images([ImageEntry("0.png", Split.NONE, "")])
        session = ProjectSession(project)
        page = open_page(program, session, qtbot)
        page.set_tool("box")
        Hand(page, qtbot).drag([(10, 10), (20, 20), (30, 30)])
        assert [defect_class.name for defect_class in session.classes()] == ["defect"]
        assert session.document is not None
        assert len(session.document.regions) == 1
