"""A document under edits, and their inverses."""

import pytest
from hypothesis import given

from inspector_app.domain.annotation import Author, ImageVerdict, Region, ReviewState
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    AddRegion,
    DismissProposal,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    RestoreProposal,
    SetNote,
    SetPage,
    SetReview,
    SetVerdict,
    UndoStep,
)
from inspector_app.domain.errors import BugError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal
from tests.strategies import edit_sequences


def box_region(region_id: str, *, left: int = 0, class_id: int = 1) -> Region:
    return Region(region_id, class_id, Box(left, 0, left + 4, 4), None, Author.HAND)


A, B, C = box_region("a"), box_region("b", left=2), box_region("c", left=4)
DISMISSED = Proposal("hole", 0.5, Box(0, 0, 2, 2))
DOCUMENT = Document(7, (A, B), ImageVerdict.OK, dismissed=frozenset({DISMISSED}))


@given(edit_sequences())
def test_that_undoing_any_edits_restores_the_document(
    sequence: tuple[Document, list[Edit]],
) -> None:
    start, edits = sequence
    states = [start]
    for edit in edits:
        states.append(states[-1].apply(edit))
    for edit, before in zip(reversed(edits), reversed(states[:-1]), strict=True):
        after = states.pop()
        assert after.apply(edit.inverse()) == before


@given(edit_sequences())
def test_that_the_inverse_of_a_step_undoes_it_and_its_inverse_redoes_it(
    sequence: tuple[Document, list[Edit]],
) -> None:
    start, edits = sequence
    step = UndoStep(start.image_id, "All at once", tuple(edits))
    assert step.inverse().inverse() == step
    end = start
    for edit in step.edits:
        end = end.apply(edit)
    for edit in step.inverse().edits:
        end = end.apply(edit)
    assert end == start


def test_that_a_region_is_added_at_its_place_in_the_drawing_order() -> None:
    assert DOCUMENT.apply(AddRegion(C, 1)).regions == (A, C, B)


def test_that_a_region_is_found_by_its_id() -> None:
    assert DOCUMENT.region("b") is B
    assert DOCUMENT.position_of("b") == 1


CHANGED_A = box_region("a", class_id=5)


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (AddRegion(A, 0), "already has region a"),
        (RemoveRegion(C, 0), "has no region c"),
        (RemoveRegion(CHANGED_A, 0), "region a changed"),
        (ReplaceRegion(CHANGED_A, A), "region a changed"),
        (ReplaceRegion(C, C), "has no region c"),
        (SetVerdict(None, ImageVerdict.NG), "verdict is <ImageVerdict.OK"),
        (SetReview(ReviewState.DONE, ReviewState.TODO), "review is <ReviewState.TODO"),
        (SetNote("old", "new"), "note is ''"),
        (SetPage(0, 2), "page 0 has regions"),
        (DismissProposal(DISMISSED), "is dismissed already"),
        (RestoreProposal(Proposal("dent", 0.5, Box(0, 0, 2, 2))), "was not dismissed"),
    ],
)
def test_that_an_edit_of_another_state_is_refused(edit: Edit, complaint: str) -> None:
    with pytest.raises(BugError, match=complaint):
        DOCUMENT.apply(edit)


def test_that_a_page_is_chosen_where_nothing_is_drawn() -> None:
    assert Document(1).apply(SetPage(0, 2)) == Document(1, page=2)


def test_that_another_page_than_the_one_worked_on_is_refused() -> None:
    with pytest.raises(BugError, match="page is 2"):
        Document(1, page=2).apply(SetPage(0, 3))


def test_that_a_region_cannot_become_another_one() -> None:
    with pytest.raises(ValueError, match="cannot become"):
        ReplaceRegion(A, B)


def test_that_the_uppermost_region_under_a_point_is_found() -> None:
    assert DOCUMENT.topmost_at(3.5, 1) is B
    assert DOCUMENT.topmost_at(0.5, 1) is A
    assert DOCUMENT.topmost_at(20, 1) is None


def test_that_a_hole_in_a_mask_lets_the_region_below_be_found() -> None:
    ring = Mask.from_box(Box(0, 0, 3, 3), height=5, width=5).to_array()
    ring[1, 1] = False
    above = Region("m", 1, Box(0, 0, 3, 3), Mask.from_array(ring), Author.HAND)
    document = Document(1, (A, above))
    assert document.topmost_at(0.5, 0.5) is above
    assert document.topmost_at(1.5, 1.5) is A


def test_that_edits_get_the_positions_they_really_have() -> None:
    new = box_region("new")
    given = (AddRegion(new, 9), RemoveRegion(B, 0), SetNote("", "scratched"))
    settled, after = DOCUMENT.settle(given)
    assert settled == (AddRegion(new, 2), RemoveRegion(B, 1), SetNote("", "scratched"))
    assert (after.regions, after.note) == ((A, new), "scratched")
