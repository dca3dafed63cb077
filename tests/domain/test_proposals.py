"""Proposals of a model against what is drawn."""

from dataclasses import replace

import pytest
from hypothesis import given

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal, Standing, overlap, still_open, undrawn_part
from tests.strategies import boxes

NAMES = {1: "scratch", 2: "hole"}
PLACE = Box(2, 2, 12, 12)
ELSEWHERE = Box(20, 20, 30, 30)


def mask_of(box: Box, *, side_px: int = 40) -> Mask:
    return Mask.from_box(box, height=side_px, width=side_px)


def proposal(box: Box = PLACE, name: str = "scratch", score_01: float = 0.9) -> Proposal:
    return Proposal(name, score_01, box, mask_of(box))


def region(box: Box = PLACE, class_id: int = 1) -> Region:
    return Region("r", class_id, box, mask_of(box), Author.HAND)


def test_that_a_proposal_has_the_box_of_its_mask() -> None:
    with pytest.raises(ValueError, match="is not its mask's"):
        Proposal("scratch", 0.9, ELSEWHERE, mask_of(PLACE))


@given(boxes(), boxes())
def test_that_boxes_overlap_as_their_masks_do(one: Box, other: Box) -> None:
    height, width = max(one.bottom, other.bottom), max(one.right, other.right)
    masks = [Mask.from_box(box, height=height, width=width) for box in (one, other)]
    assert one.iou(other) == pytest.approx(masks[0].iou(masks[1]))


def test_that_pixels_are_compared_where_both_have_some() -> None:
    corners = Mask.from_array(mask_of(PLACE).to_array() & ~mask_of(Box(3, 3, 12, 12)).to_array())
    assert overlap(proposal(), Proposal("hole", 0.5, PLACE, corners)) == pytest.approx(0.19)


def test_that_a_box_is_compared_with_a_box() -> None:
    assert overlap(Proposal("hole", 0.5, PLACE), region()) == 1.0


def test_that_masks_of_different_image_sizes_have_nothing_in_common() -> None:
    assert overlap(proposal(), replace(region(), mask=mask_of(PLACE, side_px=30))) == 0.0


def test_that_open_proposals_come_surest_first() -> None:
    sure, unsure = proposal(score_01=0.9), proposal(ELSEWHERE, score_01=0.6)
    assert still_open([unsure, sure], [], [], NAMES) == [Standing(sure), Standing(unsure)]


def test_that_what_is_drawn_is_not_proposed_again() -> None:
    assert still_open([proposal()], [region()], [], NAMES) == []


def test_that_a_model_without_types_agrees_with_any() -> None:
    assert still_open([proposal(name="")], [region(class_id=2)], [], NAMES) == []


def test_that_another_class_in_the_same_place_is_told() -> None:
    drawn = region(class_id=2)
    assert still_open([proposal()], [drawn], [], NAMES) == [Standing(proposal(), drawn)]


def test_that_ignored_places_are_not_asked_about() -> None:
    ignored = replace(region(class_id=2), is_ignored=True)
    assert still_open([proposal()], [ignored], [], NAMES) == []


def test_that_a_region_elsewhere_changes_nothing() -> None:
    assert still_open([proposal()], [region(ELSEWHERE)], [], NAMES) == [Standing(proposal())]


@pytest.mark.parametrize(("old", "new"), [("scratch", "scratch"), ("", "hole"), ("hole", "")])
def test_that_what_was_dismissed_stays_dismissed(old: str, new: str) -> None:
    assert still_open([proposal(name=new)], [], [proposal(name=old)], NAMES) == []


def test_that_another_type_in_a_dismissed_place_is_asked_about() -> None:
    new = proposal(name="hole")
    assert still_open([new], [], [proposal()], NAMES) == [Standing(new)]


def test_that_pixels_of_regions_are_left_to_them() -> None:
    half = Box(2, 2, 7, 12)
    rest = undrawn_part(proposal(), [region(half), region(ELSEWHERE)])
    assert rest is not None and rest.box == Box(7, 2, 12, 12)


def test_that_a_region_of_another_image_size_takes_no_pixel() -> None:
    other = replace(region(), mask=mask_of(PLACE, side_px=30))
    assert undrawn_part(proposal(), [other, replace(region(), mask=None)]) == proposal().mask


def test_that_a_box_has_no_pixels_to_share() -> None:
    assert undrawn_part(Proposal("hole", 0.5, PLACE), []) is None
