"""Which type an image is of, and what it is used for."""

from collections import Counter
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import DatasetItem
from training.data.types import Sharing, TypedRoles, assign_typed_roles

SOURCE = Path("dataset.jsonl")


def items(**counts: int) -> list[DatasetItem]:
    return [
        item(f"/{name}/{number}.png", name)
        for name, count in counts.items()
        for number in range(count)
    ]


def item(path: str, name: str, split: Literal["train", "val", "test"] = "test") -> DatasetItem:
    is_defective = name != "good"
    return DatasetItem(
        image_path=path,
        split=split,
        is_defective=is_defective,
        defect_type=name if is_defective else "good",
    )


def assign(given_items: list[DatasetItem], **choices: Any) -> TypedRoles:
    answers = choices.pop("answers", "types")
    sharing = Sharing(**choices)
    return assign_typed_roles(given_items, answers=answers, sharing=sharing, source=SOURCE)


def counts(roles: TypedRoles) -> dict[str, list[int]]:
    """Return the number of training, validation and test images of each class."""
    per_role = [Counter(e.place for e in role) for role in (roles.train, roles.val, roles.test)]
    return {name: [c[place] for c in per_role] for place, name in enumerate(roles.classes)}


def test_that_good_comes_first_and_types_follow_in_natural_order() -> None:
    roles = assign(items(type10=3, type2=3, good=3))
    assert roles.classes == ("good", "type2", "type10")


def test_that_every_type_is_shared_out_alike() -> None:
    assert counts(assign(items(good=100, dent=20, scratch=3))) == {
        "good": [70, 15, 15],
        "dent": [14, 3, 3],
        "scratch": [1, 1, 1],
    }


def test_that_types_too_rare_to_say_anything_of_are_trained_on_only() -> None:
    assert counts(assign(items(good=10, dent=2, stain=1)))["dent"] == [2, 0, 0]


@given(st.lists(st.integers(1, 40), min_size=2, max_size=4), st.integers(0, 5))
def test_that_every_image_has_one_role(sizes: list[int], seed: int) -> None:
    given_items = items(**{f"t{n}": size for n, size in enumerate([*sizes, 5])})
    roles = assign(given_items, seed=seed)
    paths = [e.image_path for role in (roles.train, roles.val, roles.test) for e in role]
    assert sorted(paths) == sorted(i.image_path for i in given_items)


def test_that_the_same_seed_gives_the_same_split_in_any_order() -> None:
    given_items = items(good=40, dent=20)
    backwards = assign(given_items[::-1])
    assert assign(given_items) == backwards


def test_that_a_moved_folder_is_split_as_before() -> None:
    here = items(good=20, dent=10)
    there = [i.model_copy(update={"image_path": f"/elsewhere{i.image_path}"}) for i in here]
    moved = [example.image_path.removeprefix("/elsewhere") for example in assign(there).test]
    assert moved == [example.image_path for example in assign(here).test]


def test_that_types_that_differ_in_case_only_have_one_order() -> None:
    assert assign(items(dent=3, Dent=3)).classes == ("Dent", "dent")


def test_that_another_seed_gives_another_split() -> None:
    given_items = items(good=40, dent=20)
    assert set(assign(given_items).test) != set(assign(given_items, seed=1).test)


def test_that_folds_test_every_image_once() -> None:
    given_items = items(good=11, dent=7)
    tested = [
        e.image_path for fold in range(3) for e in assign(given_items, folds=3, fold=fold).test
    ]
    assert sorted(tested) == sorted(i.image_path for i in given_items)


def test_that_every_fold_has_its_share_of_every_type() -> None:
    assert counts(assign(items(good=30, dent=9, stain=3, scar=1), folds=3, fold=1)) == {
        "good": [16, 4, 10],
        "dent": [5, 1, 3],
        "scar": [1, 0, 0],
        "stain": [1, 1, 1],
    }


def test_that_two_answers_put_all_defects_together() -> None:
    roles = assign(items(good=10, dent=4, stain=6), answers="ok_ng")
    assert counts(roles) == {"good": [6, 2, 2], "defective": [6, 2, 2]}


def test_that_defects_without_a_type_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    nameless = DatasetItem(image_path="/x.png", split="train", is_defective=True)
    roles = assign([*items(good=5, dent=5), nameless])
    assert roles.classes == ("good", "dent")
    assert "1 defective images are left out" in caplog.text


def test_that_defects_without_a_type_count_where_only_two_answers_are_asked_for() -> None:
    nameless = [
        DatasetItem(image_path=f"/x{n}.png", split="train", is_defective=True) for n in range(3)
    ]
    assert counts(assign([*items(good=3), *nameless], answers="ok_ng"))["defective"] == [1, 1, 1]


def test_that_a_split_as_marked_is_kept() -> None:
    marked = [
        item("/1.png", "good", "train"),
        item("/2.png", "dent", "train"),
        item("/3.png", "good", "val"),
        item("/4.png", "dent", "test"),
    ]
    roles = assign(marked, split="as_marked")
    assert counts(roles) == {"good": [1, 1, 0], "dent": [1, 0, 1]}


def test_that_validation_images_are_held_out_where_none_are_marked() -> None:
    marked = [
        item(f"/{name}{n}.png", name, "train") for name in ("good", "dent") for n in range(10)
    ]
    assert counts(assign(marked, split="as_marked")) == {"good": [8, 2, 0], "dent": [8, 2, 0]}


def test_that_a_type_without_training_images_is_named() -> None:
    marked = [*items(dent=3), item("/1.png", "good", "train"), item("/2.png", "good", "val")]
    with pytest.raises(BadDataError, match="learn dent from") as refusal:
        assign(marked, split="as_marked")
    assert "stratified" in refusal.value.hint


@pytest.mark.parametrize("given_items", [[], items(good=9)])
def test_that_one_class_is_not_enough(given_items: list[DatasetItem]) -> None:
    with pytest.raises(BadDataError, match="at least two types"):
        assign(given_items)


def test_that_without_held_out_images_nothing_is_trained() -> None:
    with pytest.raises(BadDataError, match="no image is left"):
        assign(items(good=2, dent=2))
