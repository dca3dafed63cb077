"""Types shared out, lots kept together, the rest left alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.splits import (
    Among,
    SplitRecipe,
    plan_from_folders,
    plan_splits,
    stratum,
)

HALVES = {Split.TRAIN: 1.0, Split.TEST: 1.0}


def records_of(*paths: str, split: Split = Split.NONE, kind: str = "") -> list[ImageRecord]:
    return [ImageRecord(number, path, split, kind) for number, path in enumerate(paths, 1)]


def numbered(count: int, *, lots: int = 1, kinds: tuple[str, ...] = ("good",)) -> list[ImageRecord]:
    return [
        ImageRecord(n, f"lot{n % lots}_{n:04}.png", Split.NONE, kinds[n % len(kinds)])
        for n in range(count)
    ]


def test_that_every_image_gets_a_split_of_the_recipe() -> None:
    plan = plan_splits(numbered(10), SplitRecipe(HALVES))
    assert Counter(plan.assigned.values()) == {Split.TRAIN: 5, Split.TEST: 5}
    assert plan.moved_count == 10


def test_that_a_share_of_nothing_gets_nothing() -> None:
    shares = {Split.TRAIN: 1.0, Split.VALIDATION: 0.0, Split.TEST: 0.0}
    assert set(plan_splits(numbered(7), SplitRecipe(shares)).assigned.values()) == {Split.TRAIN}


@given(
    st.lists(st.sampled_from(["good", "crack", "stain", ""]), min_size=1, max_size=60),
    st.tuples(*[st.floats(0.05, 1)] * 3),
    st.integers(0, 5),
)
def test_that_no_split_has_more_of_a_type_than_its_share(
    kinds: list[str], shares: tuple[float, float, float], seed: int
) -> None:
    records = [ImageRecord(n, f"{n}.png", Split.NONE, kind) for n, kind in enumerate(kinds)]
    splits = (Split.TRAIN, Split.VALIDATION, Split.TEST)
    plan = plan_splits(records, SplitRecipe(dict(zip(splits, shares, strict=True)), seed=seed))
    for kind, counts in plan.counts.items():
        total = sum(stratum(record) == kind for record in records)
        for split, share in zip(splits, shares, strict=True):
            assert counts.get(split, 0) < total * share / sum(shares) + 1


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 5), st.sampled_from(Among))
def test_that_a_lot_is_never_in_two_splits(count: int, lots: int, seed: int, among: Among) -> None:
    records = numbered(count, lots=lots, kinds=("good", "crack", "good"))
    recipe = SplitRecipe(group_pattern=r"^lot\d+", seed=seed, among=among)
    plan = plan_splits(records, recipe)
    for lot in range(lots):
        assert len({plan.assigned[r.id] for r in records if r.id % lots == lot}) <= 1
    assert plan.straddling_count == 0


def test_that_the_same_recipe_gives_the_same_division_in_any_order() -> None:
    records = numbered(40, kinds=("good", "crack"))
    recipe = SplitRecipe(seed=3)
    assert plan_splits(records, recipe).assigned == plan_splits(records[::-1], recipe).assigned


def test_that_another_seed_gives_another_division() -> None:
    first, second = (plan_splits(numbered(40), SplitRecipe(seed=seed)) for seed in (1, 2))
    assert first.assigned != second.assigned
    assert first.counts == second.counts


def test_that_groups_of_the_pattern_name_the_lot() -> None:
    records = records_of("a7_1.png", "b7_2.png", "a8_1.png", "a7_2.png")
    plan = plan_splits(records, SplitRecipe(HALVES, group_pattern=r"(a|b)(\d)?_"))
    assert plan.group_count == 1
    assert plan.assigned[1] is plan.assigned[4]


def test_that_what_the_pattern_is_not_found_in_is_told_and_stays_alone() -> None:
    records = records_of("lot1_a.png", "lot1_b.png", "x.png", "y.png")
    plan = plan_splits(records, SplitRecipe(HALVES, group_pattern=r"lot\d"))
    assert plan.ungrouped == ("x.png", "y.png")
    assert plan.group_count == 1


def test_that_images_with_a_split_can_be_left_alone() -> None:
    old = records_of("a.png", "b.png", split=Split.TEST)
    new = [ImageRecord(9, "c.png", Split.NONE, "")]
    plan = plan_splits(old + new, SplitRecipe({Split.TRAIN: 1.0}, among=Among.WITHOUT_SPLIT))
    assert plan.assigned == {9: Split.TRAIN}
    assert plan.counts == {"not known": {Split.TEST: 2, Split.TRAIN: 1}}
    assert plan.moved_count == 1


def test_that_the_test_set_can_be_left_alone() -> None:
    records = [
        *records_of("a.png", "b.png", split=Split.TRAIN),
        ImageRecord(8, "c.png", Split.TEST, ""),
    ]
    shares = {Split.VALIDATION: 1.0}
    plan = plan_splits(records, SplitRecipe(shares, among=Among.NOT_TEST))
    assert plan.assigned == {1: Split.VALIDATION, 2: Split.VALIDATION}


def test_that_new_images_of_a_lot_follow_the_old_ones() -> None:
    records = [
        ImageRecord(1, "lot1_a.png", Split.TEST, ""),
        ImageRecord(2, "lot1_b.png", Split.NONE, ""),
    ]
    recipe = SplitRecipe({Split.TRAIN: 1.0}, r"lot\d", Among.WITHOUT_SPLIT)
    assert plan_splits(records, recipe).assigned == {2: Split.TEST}


def test_that_a_lot_which_straddles_already_is_told() -> None:
    records = [
        ImageRecord(1, "lot1_a.png", Split.TEST, ""),
        ImageRecord(2, "lot1_b.png", Split.TRAIN, ""),
        ImageRecord(3, "lot1_c.png", Split.NONE, ""),
    ]
    plan = plan_splits(records, SplitRecipe(HALVES, r"lot\d", Among.WITHOUT_SPLIT))
    assert plan.straddling_count == 1


def test_that_nothing_to_divide_is_refused() -> None:
    records = records_of("a.png", split=Split.TEST)
    with pytest.raises(BadDataError, match="no image to divide"):
        plan_splits(records, SplitRecipe(HALVES, among=Among.NOT_TEST))


@pytest.mark.parametrize("pattern", ["(", "[", "*"])
def test_that_a_broken_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BadDataError, match="not a regular expression"):
        plan_splits(numbered(2), SplitRecipe(HALVES, pattern))


@pytest.mark.parametrize(
    "shares",
    [
        {},
        {Split.TRAIN: 0.0},
        {Split.TRAIN: -1.0, Split.TEST: 2.0},
        {Split.TRAIN: float("nan")},
        {Split.TRAIN: float("inf")},
        {Split.NONE: 1.0},
    ],
)
def test_that_shares_without_sense_are_refused(shares: dict[Split, float]) -> None:
    with pytest.raises(BadDataError, match="share"):
        plan_splits(numbered(2), SplitRecipe(shares))


def test_that_the_folders_splits_can_be_had_back() -> None:
    records = records_of("train/good/1.png", "test/crack/1.png", "other/1.png", split=Split.TEST)
    plan = plan_from_folders(records)
    assert plan.assigned == {1: Split.TRAIN, 2: Split.TEST, 3: Split.NONE}
    assert plan.moved_count == 2


def test_that_without_a_type_what_is_known_of_the_part_counts() -> None:
    unknown = ImageRecord(1, "a.png", Split.NONE, "")
    assert stratum(unknown) == "not known"
    assert stratum(unknown._replace(verdict=ImageVerdict.OK)) == "good"
    assert stratum(unknown._replace(region_count=1)) == "defective"
    assert stratum(unknown._replace(defect_type="crack", region_count=1)) == "crack"
