"""Classes renamed, coloured, merged and removed."""

import pytest

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion, UndoStep
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.store.annotations import images_with_regions, load_document, perform
from inspector_app.store.classes import (
    count_regions_of_class,
    describe_class,
    freeze_classes,
    merge_classes,
    remove_class,
    rename_class,
    set_class_colour,
    set_number_key,
)
from inspector_app.store.examples import (
    Example,
    add_example,
    caption_example,
    examples,
    remove_example,
)
from inspector_app.store.history import load_history
from inspector_app.store.project import Project


@pytest.fixture
def labelled(project: Project) -> Project:
    """Dent (1) has two regions, scratch (2) has one."""
    for number, class_id in enumerate((1, 1, 2)):
        region = Region(f"r{number}", class_id, Box(1, 1, 4, 4), None, Author.HAND)
        perform(project, UndoStep(1, "Add", (AddRegion(region, number),)))
    return project


def names(project: Project) -> dict[int, str]:
    return {one.id: one.name for one in project.classes()}


def test_that_a_class_is_renamed_and_keeps_its_regions(labelled: Project) -> None:
    rename_class(labelled, 1, "  deep dent ")
    assert names(labelled) == {1: "deep dent", 2: "scratch"}
    assert count_regions_of_class(labelled, 1) == 2


@pytest.mark.parametrize(("name", "why"), [("  ", "needs a name"), ("scratch", "already")])
def test_that_a_name_that_cannot_be_is_refused(labelled: Project, name: str, why: str) -> None:
    with pytest.raises(BadDataError, match=why):
        rename_class(labelled, 1, name)
    assert names(labelled)[1] == "dent"


def test_that_a_class_gets_another_colour(project: Project) -> None:
    set_class_colour(project, 2, "#123456")
    assert [one.colour for one in project.classes()][1] == "#123456"


def test_that_merging_moves_the_regions_and_forgets_the_history(labelled: Project) -> None:
    assert merge_classes(labelled, 1, 2) == 2
    assert names(labelled) == {2: "scratch"}
    assert {region.class_id for region in load_document(labelled, 1).regions} == {2}
    assert load_history(labelled.connection) == ([], [])


def test_that_a_class_is_not_merged_into_itself(labelled: Project) -> None:
    with pytest.raises(ValueError, match="itself"):
        merge_classes(labelled, 1, 1)


def test_that_only_an_unused_class_can_be_removed(labelled: Project) -> None:
    with pytest.raises(BadDataError, match="1 regions have this class"):
        remove_class(labelled, 2)
    with labelled.transaction():
        spare = labelled.add_class("spare")
    remove_class(labelled, spare.id)
    assert names(labelled) == {1: "dent", 2: "scratch"}


def test_that_the_number_of_a_removed_class_is_not_used_again(project: Project) -> None:
    with project.transaction():
        spare = project.add_class("spare")
    remove_class(project, spare.id)
    with project.transaction():
        assert project.add_class("other").id > spare.id


def test_that_images_with_regions_are_known(labelled: Project) -> None:
    assert images_with_regions(labelled) == {1}


def test_that_a_key_belongs_to_one_class_at_most(project: Project) -> None:
    set_number_key(project, 1, 5)
    set_number_key(project, 2, 5)
    assert [one.number_key for one in project.classes()] == [None, 5]
    set_number_key(project, 2, None)
    assert [one.number_key for one in project.classes()] == [None, None]


def test_that_a_class_is_described(project: Project) -> None:
    describe_class(project, 2, " Longer than wide. ")
    assert [one.description for one in project.classes()] == ["", "Longer than wide."]


def test_that_an_exported_class_keeps_its_place_when_removed(project: Project) -> None:
    freeze_classes(project)
    remove_class(project, 1)
    assert names(project) == {2: "scratch"}
    assert [one.name for one in project.classes(with_retired=True)] == ["dent", "scratch"]


def test_that_an_exported_class_keeps_its_place_when_merged(labelled: Project) -> None:
    freeze_classes(labelled)
    merge_classes(labelled, 1, 2)
    assert names(labelled) == {2: "scratch"}
    assert [one.id for one in labelled.classes(with_retired=True)] == [1, 2]


def test_that_a_retired_class_comes_back_under_its_number(project: Project) -> None:
    freeze_classes(project)
    remove_class(project, 1)
    with project.transaction():
        assert project.add_class("dent").id == 1
    assert names(project) == {1: "dent", 2: "scratch"}


def test_that_a_class_made_after_an_export_is_not_frozen(project: Project) -> None:
    freeze_classes(project)
    with project.transaction():
        spare = project.add_class("spare")
    remove_class(project, spare.id)
    assert [one.id for one in project.classes(with_retired=True)] == [1, 2]


def test_that_examples_follow_a_merged_class_and_go_with_a_removed_one(project: Project) -> None:
    add_example(project, 1, "0.png", b"one")
    add_example(project, 2, "1.png", b"two")
    merge_classes(project, 1, 2)
    assert [(one.class_id, one.picture) for one in examples(project)] == [(2, b"one"), (2, b"two")]
    remove_class(project, 2)
    assert examples(project) == []


def test_that_examples_have_captions_and_can_be_removed(project: Project) -> None:
    add_example(project, 1, "0.png", b"one")
    (example,) = examples(project)
    caption_example(project, example.id, " typical ")
    assert examples(project) == [Example(example.id, 1, "0.png", "typical", b"one")]
    remove_example(project, example.id)
    assert examples(project) == []
