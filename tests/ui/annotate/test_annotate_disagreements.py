"""The queue of images where a model and the labels contradict each other."""

import pytest
from hand import Hand, add_region, make_judgements, mask_of, open_page
from inspected import propose, train
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.proposals import Proposal
from inspector_app.services.judgements import Judgements
from inspector_app.services.session import ProjectSession
from inspector_app.store import annotations
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices
from inspector_app.ui.pages.annotate import AnnotatePage

PLACE = Box(10, 10, 30, 30)


@pytest.fixture
def judgements(program: ProgramServices, session: ProjectSession) -> Judgements:
    return make_judgements(program, session)


@pytest.fixture
def page(
    program: ProgramServices,
    session: ProjectSession,
    project: Project,
    judgements: Judgements,
    qtbot: QtBot,
) -> AnnotatePage:
    """The page; a U-Net contradicts the labels of 1.png a little and those of 2.png strongly."""
    run_id = train(project, classes=("good", "scratch", "dent"))
    ids = {image.name: image.id for image in project.images()}
    regions = [(ids[name], _region(name)) for name in ("0.png", "1.png", "2.png")]
    annotations.add_regions(project, regions)
    said = {"0.png": ("scratch", 0.8), "1.png": ("dent", 0.6), "2.png": ("dent", 0.9)}
    for name, (class_name, score_01) in said.items():
        seen = Proposal(class_name, score_01, PLACE, mask_of(PLACE))
        propose(project, run_id, name, [seen], called=class_name)
    session.reload()
    with qtbot.waitSignal(judgements.changed):
        return open_page(program, session, qtbot, judgements=judgements)


def _region(name: str) -> Region:
    return Region(name, 1, PLACE, mask_of(PLACE), Author.HAND)


@pytest.fixture
def queue(page: AnnotatePage, hand: Hand) -> AnnotatePage:
    """The page with its list narrowed."""
    hand.key(Qt.Key.Key_J)
    hand.wait_for_image()
    return page


def listed(page: AnnotatePage) -> list[str]:
    model = page.filmstrip.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def current(session: ProjectSession) -> str:
    assert session.current_image is not None
    return session.current_image.name


def test_that_the_strongest_disagreement_comes_first(
    queue: AnnotatePage, session: ProjectSession
) -> None:
    assert listed(queue) == ["2.png", "1.png"]
    assert current(session) == "2.png"


def test_that_a_sentence_says_why(queue: AnnotatePage) -> None:
    assert queue.layers.queue.strip.text == (
        "2 images · Wrong class? It is marked as scratch, the model says dent (90 %)."
    )


def test_that_an_image_that_was_put_right_stays_until_the_list_is_made_again(
    queue: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    queue.editing.select("2.png")
    queue.editing.set_class_of_selected(2)
    assert queue.layers.queue.strip.text == "2 images · Model and labels of this image agree."
    assert listed(queue) == ["2.png", "1.png"]
    hand.key(Qt.Key.Key_J)
    hand.key(Qt.Key.Key_J)
    assert listed(queue) == ["1.png"]


def test_that_the_button_brings_all_images_back(queue: AnnotatePage, qtbot: QtBot) -> None:
    qtbot.mouseClick(queue.layers.queue.end_button, Qt.MouseButton.LeftButton)
    assert len(listed(queue)) == 5
    assert queue.layers.queue.strip.isHidden()


def test_that_the_reason_is_under_the_mouse_too(page: AnnotatePage) -> None:
    tip = page.filmstrip.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.endswith("Wrong class? It is marked as scratch, the model says dent (90 %).")


def test_that_a_missed_defect_is_found_when_the_image_is_called_ok(
    page: AnnotatePage, session: ProjectSession, judgements: Judgements, hand: Hand
) -> None:
    hand.go_to("0.png")
    page.editing.select("0.png")
    page.editing.remove_selected()
    session.set_verdict(ImageVerdict.OK)
    record = session.current_image
    assert record is not None
    [found] = judgements.disagreements(record)
    assert (found.said, found.strength_01) == ("scratch", 0.8)


def test_that_a_mark_the_model_does_not_see_is_in_question(
    session: ProjectSession, judgements: Judgements, page: AnnotatePage, hand: Hand
) -> None:
    hand.go_to("0.png")
    add_region(session, "far", mask_of(Box(80, 50, 100, 70)))
    record = session.current_image
    assert record is not None
    [found] = judgements.disagreements(record)
    assert (found.labelled, found.strength_01) == ("scratch", 0.5)


def test_that_the_first_disagreement_of_a_sitting_opens_the_queue(
    page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    for name in ("1.png", "2.png"):
        hand.go_to(name)
        page.editing.select(name)
        page.editing.set_class_of_selected(2)
    assert not page.actions_.disagreements.isEnabled()
    session.undo()
    assert page.actions_.disagreements.isEnabled()


def test_that_without_disagreement_there_is_no_queue(
    program: ProgramServices, session: ProjectSession, qtbot: QtBot
) -> None:
    page = open_page(program, session, qtbot)
    assert not page.actions_.disagreements.isEnabled()
