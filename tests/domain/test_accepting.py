"""Accepting what a model proposes."""

from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.accepting import Acceptance, accept
from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import AddRegion, ReplaceRegion
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal, Standing
from inspector_app.domain.region_operations import intersection
from tests.strategies import proposals

PLACE = Box(2, 2, 12, 12)
ACCEPTANCE = Acceptance({"": 1, "dent": 1, "scratch": 2}, "U-Net, run-1", "2026-01-02T00:00:00")


def mask_of(box: Box) -> Mask:
    return Mask.from_box(box, height=20, width=20)


def region(box: Box, class_id: int = 1) -> Region:
    return Region("r", class_id, box, mask_of(box), Author.HAND)


def standing(name: str = "scratch", *, relabels: Region | None = None) -> Standing:
    return Standing(Proposal(name, 0.9, PLACE, mask_of(PLACE)), relabels)


def test_that_an_accepted_proposal_says_where_it_comes_from() -> None:
    [edit] = accept([standing()], [region(Box(14, 14, 18, 18))], ACCEPTANCE)
    assert isinstance(edit, AddRegion)
    assert (edit.region.mask, edit.region.class_id, edit.position) == (mask_of(PLACE), 2, 1)
    assert (edit.region.author, edit.region.author_detail) == (Author.MODEL, "U-Net, run-1")


def test_that_drawn_pixels_stay_with_their_region() -> None:
    [edit] = accept([standing()], [region(Box(2, 2, 5, 12))], ACCEPTANCE)
    assert isinstance(edit, AddRegion)
    assert edit.region.mask == mask_of(Box(5, 2, 12, 12))


def test_that_nothing_is_added_where_all_pixels_are_drawn() -> None:
    assert accept([standing()], [region(Box(0, 0, 20, 20))], ACCEPTANCE) == []


def test_that_a_box_becomes_a_box() -> None:
    [edit] = accept([Standing(Proposal("dent", 0.5, PLACE))], [region(PLACE)], ACCEPTANCE)
    assert isinstance(edit, AddRegion)
    assert (edit.region.box, edit.region.mask) == (PLACE, None)


def test_that_another_label_leaves_the_pixels_alone() -> None:
    drawn = region(PLACE)
    edits = accept([standing(relabels=drawn)], [drawn], ACCEPTANCE)
    assert edits == [ReplaceRegion(drawn, drawn.with_class(2))]


@given(st.lists(proposals(), max_size=4))
def test_that_no_pixel_is_drawn_twice(found: list[Proposal]) -> None:
    edits = accept([Standing(one) for one in found], [], ACCEPTANCE)
    _, after = Document(1).settle(edits)
    drawn = [one.mask for one in after.regions if one.mask is not None]
    pairs = [(a, b) for place, a in enumerate(drawn) for b in drawn[place + 1 :]]
    assert all(intersection(pair).area == 0 for pair in pairs)
