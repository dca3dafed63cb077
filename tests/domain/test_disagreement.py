"""Where a model and the labels contradict each other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.dataset import DEFECTIVE, GOOD
from inspector_app.domain.disagreement import (
    Disagreement,
    DisagreementKind,
    Labels,
    disagreements,
)
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.proposals import Proposal
from tests.strategies import proposals

NAMES = {1: "scratch", 2: "hole"}
PLACE, ELSEWHERE = Box(2, 2, 12, 12), Box(20, 20, 30, 30)
MISSED, WRONG, UNSEEN = (
    DisagreementKind.MISSED_DEFECT,
    DisagreementKind.WRONG_LABEL,
    DisagreementKind.UNSEEN_LABEL,
)
SCRATCH = Proposal("scratch", 0.9, PLACE)


def said(*seen: Proposal, called: str = "scratch", share_01: float | None = 0.9) -> ResultRecord:
    return ResultRecord("/a.png", None, "", 1.0, "", 0.0, 0.0, "", called, share_01, seen)


def region(box: Box = PLACE, class_id: int = 1) -> Region:
    return Region("r", class_id, box, None, Author.HAND)


def marked(*regions: Region) -> Labels:
    return Labels(is_defective=True, regions=regions)


def of_places(labels: Labels, result: ResultRecord) -> list[Disagreement]:
    return disagreements(labels, result, NAMES, marks_places=True)


def of_image(labels: Labels, result: ResultRecord) -> list[Disagreement]:
    return disagreements(labels, result, NAMES, marks_places=False)


def test_that_a_label_that_is_seen_is_no_disagreement() -> None:
    # Half of it is enough: people and models outline differently.
    assert of_places(marked(region(Box(2, 2, 12, 7))), said(SCRATCH)) == []


def test_that_a_defect_without_a_label_may_be_missed() -> None:
    both = said(SCRATCH, Proposal("hole", 0.7, ELSEWHERE))
    assert of_places(marked(region()), both) == [Disagreement(MISSED, 0.7, "hole")]


def test_that_what_is_seen_in_a_good_part_may_be_missed() -> None:
    assert of_places(Labels(is_defective=False), said(SCRATCH)) == [
        Disagreement(MISSED, 0.9, "scratch")
    ]


def test_that_what_the_model_hardly_believes_in_questions_no_label() -> None:
    unsure = said(SCRATCH, Proposal("hole", 0.2, ELSEWHERE))
    assert of_places(marked(region()), unsure) == []


def test_that_another_class_may_be_a_wrong_label() -> None:
    found = of_places(marked(region(class_id=2)), said(SCRATCH))
    assert found == [Disagreement(WRONG, 0.9, "scratch", "hole")]


def test_that_one_of_several_labels_of_a_place_is_enough() -> None:
    assert of_places(marked(region(class_id=2), region()), said(SCRATCH)) == []


def test_that_a_model_without_types_says_no_label_is_wrong() -> None:
    assert of_places(marked(region(class_id=2)), said(replace(SCRATCH, class_name=""))) == []


def test_that_a_label_may_be_there_for_nothing() -> None:
    found = of_places(marked(region()), said(called=GOOD, share_01=0.97))
    assert found == [Disagreement(UNSEEN, 0.97, GOOD, "scratch")]


@pytest.mark.parametrize(("called", "share_01"), [("scratch", 0.9), ("", None), (GOOD, None)])
def test_that_a_model_that_calls_the_image_defective_is_not_sure_of_one_place(
    called: str, share_01: float | None
) -> None:
    seen = Proposal("scratch", 0.9, ELSEWHERE)
    found = of_places(
        marked(region(), region(ELSEWHERE)), said(seen, called=called, share_01=share_01)
    )
    assert found == [Disagreement(UNSEEN, 0.5, GOOD, "scratch")]


def test_that_dismissed_proposals_and_ignored_places_are_settled() -> None:
    ignored = replace(region(ELSEWHERE), is_ignored=True)
    labels = Labels(is_defective=False, regions=(ignored,), dismissed=(SCRATCH,))
    assert of_places(labels, said(SCRATCH, Proposal("hole", 0.8, ELSEWHERE))) == []


@pytest.mark.parametrize("marks_places", [True, False])
def test_that_nothing_is_contradicted_where_nobody_has_said_anything(marks_places: bool) -> None:
    labels = Labels(is_defective=None)
    assert disagreements(labels, said(SCRATCH), NAMES, marks_places=marks_places) == []


def test_that_an_image_that_could_not_be_judged_is_left_out() -> None:
    unread = replace(said(SCRATCH), score=float("nan"))
    assert of_places(Labels(is_defective=False), unread) == []


def test_that_a_defective_part_nobody_has_marked_is_compared_as_a_whole() -> None:
    labels = Labels(is_defective=True, defect_type="hole")
    assert of_places(labels, said(SCRATCH)) == [Disagreement(WRONG, 0.9, "scratch", "hole")]


@pytest.mark.parametrize(
    ("labels", "called", "expected"),
    [
        (Labels(is_defective=True, defect_type="hole"), "hole", []),
        (Labels(is_defective=True, defect_type="hole"), GOOD, [(UNSEEN, GOOD, "hole")]),
        (Labels(is_defective=True), GOOD, [(UNSEEN, GOOD, "")]),
        (Labels(is_defective=False), "hole", [(MISSED, "hole", "")]),
        (Labels(is_defective=False), DEFECTIVE, [(MISSED, "", "")]),
        (Labels(is_defective=False), GOOD, []),
        (Labels(is_defective=True, defect_type=GOOD), "hole", []),
        (Labels(True, "hole", ImageVerdict.OK), "scratch", []),
        (Labels(is_defective=True, defect_type="hole"), DEFECTIVE, []),
        (marked(region(class_id=2)), "scratch", [(WRONG, "scratch", "hole")]),
        (marked(region(class_id=2), region()), "scratch", []),
    ],
)
def test_that_a_classifier_is_set_against_the_image(
    labels: Labels, called: str, expected: list[tuple[DisagreementKind, str, str]]
) -> None:
    found = of_image(labels, said(called=called, share_01=0.8))
    assert [(one.kind, one.said, one.labelled) for one in found] == expected


def test_that_a_model_that_calls_images_nothing_contradicts_none() -> None:
    assert of_image(Labels(is_defective=False), said(called="", share_01=None)) == []


@given(st.lists(proposals(), max_size=5))
def test_that_the_strongest_comes_first(seen: list[Proposal]) -> None:
    found = of_places(Labels(is_defective=False), said(*seen))
    assert [one.strength_01 for one in found] == sorted(
        (one.score_01 for one in seen if one.score_01 >= 0.25), reverse=True
    )
