"""Proposals of a trained model: shown, accepted, dismissed, and never in the way of hand work."""

import pytest
from hand import Hand, add_region, make_proposals, mask_of, open_page, stored
from inspected import propose, train
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author
from inspector_app.domain.geometry import Box
from inspector_app.domain.proposals import Proposal, Scope
from inspector_app.protocol.shelf import Shelf, ShelfItem
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project
from inspector_app.ui.canvas.tools.proposals import ProposalTool
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

RIGHT = Qt.MouseButton.RightButton
SCRATCH, DENT, WIDE = Box(10, 10, 30, 30), Box(60, 40, 76, 56), Box(80, 60, 100, 70)


def seen(box: Box, name: str, score_01: float) -> Proposal:
    return Proposal(name, score_01, box, mask_of(box))


@pytest.fixture
def run_id(project: Project) -> str:
    return train(project, classes=("good", "scratch", "hole"))


@pytest.fixture
def proposals(program: ProgramServices, session: ProjectSession) -> ModelProposals:
    return make_proposals(program, session)


@pytest.fixture
def page(
    program: ProgramServices,
    session: ProjectSession,
    project: Project,
    run_id: str,
    proposals: ModelProposals,
    qtbot: QtBot,
) -> AnnotatePage:
    """The page on the first image, in which a U-Net sees a scratch, a hole and a box."""
    found = [seen(SCRATCH, "scratch", 0.9), seen(DENT, "hole", 0.7), Proposal("hole", 0.6, WIDE)]
    propose(project, run_id, "0.png", found, called="scratch")
    return open_page(program, session, qtbot, proposals=proposals)


@pytest.fixture
def deciding(page: AnnotatePage, hand: Hand, qtbot: QtBot) -> ProposalTool:
    """The tool in hand, with proposals."""
    hand.take("proposals")
    tool = page.tool("proposals")
    assert isinstance(tool, ProposalTool)
    qtbot.waitUntil(lambda: bool(tool.drafts))
    return tool


def boxes(tool: ProposalTool) -> set[Box]:
    return {draft.proposal.box for draft in tool.drafts}


def test_that_proposals_are_no_regions(session: ProjectSession, deciding: ProposalTool) -> None:
    assert boxes(deciding) == {SCRATCH, DENT, WIDE}
    assert stored(session).regions == ()


def test_that_the_bar_says_what_the_model_takes_the_image_for(
    page: AnnotatePage, deciding: ProposalTool
) -> None:
    assert page.layers.proposal_bar.text == "U-Net: scratch 90 % · 3 proposals are open."


def test_that_unlikely_proposals_are_shown_once_they_are_wanted(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    deciding.least.set_value(80)
    assert boxes(deciding) == {SCRATCH}
    hand.key(Qt.Key.Key_Return)
    assert len(stored(session).regions) == 1
    assert deciding.hint() == "2 are less likely than 80 %: lower the limit to see them."
    deciding.least.set_value(60)
    assert boxes(deciding) == {DENT, WIDE}


def test_that_another_tool_hides_the_bar(page: AnnotatePage, deciding: ProposalTool) -> None:
    page.set_tool("select")
    assert page.layers.proposal_bar.isHidden()


def test_that_a_click_accepts_one_with_its_class_and_origin(
    session: ProjectSession, hand: Hand, deciding: ProposalTool, run_id: str
) -> None:
    hand.click(20, 20)
    (region,) = stored(session).regions
    assert (region.mask, region.class_id) == (mask_of(SCRATCH), session.classes()[0].id)
    assert (region.author, region.author_detail) == (Author.MODEL, f"U-Net, {run_id}")
    assert boxes(deciding) == {DENT, WIDE}


def test_that_a_class_the_project_lacks_is_made(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    hand.click(68, 48)
    assert session.classes()[-1].name == "hole"


def test_that_enter_accepts_all_as_one_step(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    hand.key(Qt.Key.Key_Return)
    assert {region.box for region in stored(session).regions} == {SCRATCH, DENT, WIDE}
    session.undo()
    assert stored(session).regions == ()
    assert boxes(deciding) == {SCRATCH, DENT, WIDE}


def test_that_a_right_click_dismisses_one_for_good(
    session: ProjectSession, hand: Hand, project: Project, deciding: ProposalTool, run_id: str
) -> None:
    hand.click(20, 20, RIGHT)
    assert boxes(deciding) == {DENT, WIDE}
    propose(project, run_id, "0.png", [seen(SCRATCH, "scratch", 0.99)], called="scratch")
    hand.go_to("1.png")
    hand.go_to("0.png")
    assert boxes(deciding) == set()


def test_that_a_dismissal_can_be_undone(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    hand.key(Qt.Key.Key_Backspace)
    assert boxes(deciding) == set()
    session.undo()
    assert boxes(deciding) == {SCRATCH, DENT, WIDE}


def test_that_esc_hides_them_until_the_next_image(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    hand.key(Qt.Key.Key_Escape)
    assert boxes(deciding) == set()
    hand.go_to("1.png")
    hand.go_to("0.png")
    assert boxes(deciding) == {SCRATCH, DENT, WIDE}


def test_that_what_is_drawn_is_not_proposed(
    session: ProjectSession, deciding: ProposalTool
) -> None:
    add_region(session, "by hand", mask_of(Box(10, 10, 28, 30)))
    assert boxes(deciding) == {DENT, WIDE}


def test_that_enter_leaves_a_region_of_another_class_alone(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    dent = session.classes()[1].id
    drawn = add_region(session, "by hand", mask_of(SCRATCH), class_id=dent)
    hand.key(Qt.Key.Key_Return)
    assert stored(session).region("by hand") == drawn
    assert boxes(deciding) == {SCRATCH}


def test_that_a_click_gives_a_region_the_class_the_model_names(
    session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    dent = session.classes()[1].id
    drawn = add_region(session, "by hand", mask_of(SCRATCH), class_id=dent)
    hand.click(20, 20)
    assert stored(session).region("by hand") == drawn.with_class(session.classes()[0].id)


def test_that_an_accepted_proposal_that_is_changed_is_work_of_hand(
    page: AnnotatePage, session: ProjectSession, hand: Hand, deciding: ProposalTool, run_id: str
) -> None:
    hand.click(20, 20)
    page.editing.move_selected(5, 0)
    (region,) = stored(session).regions
    assert (region.author, region.author_detail) == (Author.HAND, f"U-Net, {run_id}")


def test_that_ignoring_an_accepted_proposal_leaves_its_author(
    page: AnnotatePage, session: ProjectSession, hand: Hand, deciding: ProposalTool
) -> None:
    hand.click(20, 20)
    page.actions_.regions.work.toggle_ignored()
    (region,) = stored(session).regions
    assert (region.author, region.is_ignored) == (Author.MODEL, True)


def test_that_the_bars_buttons_do_what_the_keys_do(
    page: AnnotatePage, session: ProjectSession, deciding: ProposalTool, qtbot: QtBot
) -> None:
    bar = page.layers.proposal_bar
    qtbot.mouseClick(bar.take_button, Qt.MouseButton.LeftButton)
    assert len(stored(session).regions) == 3
    session.undo()
    qtbot.mouseClick(bar.dismiss_button, Qt.MouseButton.LeftButton)
    assert boxes(deciding) == set()
    assert bar.text == "U-Net: scratch 90 % · All proposals are decided or drawn already."
    assert bar.take_button.isHidden()


def test_that_an_image_nobody_asked_about_says_so(
    page: AnnotatePage, hand: Hand, deciding: ProposalTool
) -> None:
    hand.go_to("1.png")
    assert page.layers.proposal_bar.text == "No model has been asked about this image yet."
    assert not page.layers.proposal_bar.ask_button.isHidden()


def test_that_a_model_is_asked_about_the_images_of_the_choice(
    page: AnnotatePage, deciding: ProposalTool, proposals: ModelProposals, qtbot: QtBot
) -> None:
    bar = page.layers.proposal_bar
    bar.counts_wanted.emit()
    texts = [action.text() for action in bar.scopes.values()]
    assert texts[1:] == ["For all images without regions (5 images)", "For all images (5 images)"]
    next(iter(bar.scopes.values())).trigger()
    assert proposals.is_running
    assert not bar.cancel_button.isHidden()
    qtbot.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not proposals.is_running)


def test_that_the_keys_of_proposals_are_in_the_hint(deciding: ProposalTool, hand: Hand) -> None:
    assert "Enter takes all" in deciding.hint()
    hand.move(20, 20)
    assert deciding.hint() == "scratch, 90 %: a click takes it, a right click dismisses it."


# ---------------------------------------------------------------- by words


def shelf_items(*, are_present: bool) -> list[ShelfItem]:
    entries = Shelf.of_this_machine().manifest.weights
    return [ShelfItem(e, "present" if are_present else "missing") for e in entries]


@pytest.mark.parametrize("are_present", [True, False])
def test_that_words_are_offered_where_their_weights_are(
    page: AnnotatePage, program: ProgramServices, deciding: ProposalTool, are_present: bool
) -> None:
    program.weights.listed.emit(shelf_items(are_present=are_present))
    assert page.layers.proposal_bar.words_button.isHidden() is not are_present


def test_that_words_are_asked_for_and_looked_for_in_this_image(
    page: AnnotatePage,
    proposals: ModelProposals,
    deciding: ProposalTool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, Scope]] = []
    monkeypatch.setattr(proposals, "propose_words", lambda text, scope: asked.append((text, scope)))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("dent, hole", True))
    page.layers.proposal_bar.words_requested.emit()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("dent", False))
    page.layers.proposal_bar.words_requested.emit()
    assert asked == [("dent, hole", Scope.CURRENT)]


def test_that_without_a_word_the_bar_says_what_is_missing(
    page: AnnotatePage, deciding: ProposalTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (" ", True))
    page.layers.proposal_bar.words_requested.emit()
    assert "no words to look for" in page.layers.proposal_bar.text
