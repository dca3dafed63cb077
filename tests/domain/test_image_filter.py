"""Lists of images narrowed, and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.image_counts import TypeCount, count_images
from inspector_app.domain.image_filter import ImageFilter, LabelState, WorkState

PLAIN = ImageRecord(1, "train/good/A1.png", Split.TRAIN, "good")
CRACK = ImageRecord(
    2, "test/crack/b2.png", Split.TEST, "crack", ImageVerdict.NG, 2, ReviewState.DONE,
    frozenset({3, 4}),
)  # fmt: skip
UNMARKED = ImageRecord(3, "test/crack/b3.png", Split.TEST, "crack")
UNSURE = ImageRecord(4, "c.png", Split.NONE, "", ImageVerdict.UNSURE)
CLEARED = ImageRecord(
    5, "test/crack/b5.png", Split.TEST, "crack", ImageVerdict.OK, review=ReviewState.REJECTED
)
IMAGES = [PLAIN, CRACK, UNMARKED, UNSURE, CLEARED]
JUDGED = {"train/good/A1.png": True, "test/crack/b2.png": False, "test/crack/b3.png": True}

records = st.builds(
    ImageRecord,
    id=st.integers(1, 10**6),
    relative_path=st.text("abC/.", min_size=1),
    split=st.sampled_from(Split),
    defect_type=st.sampled_from(["", "good", "scratch", "dent"]),
    verdict=st.sampled_from([None, *ImageVerdict]),
    region_count=st.integers(0, 3),
    review=st.sampled_from(ReviewState),
)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (ImageFilter(), [1, 2, 3, 4, 5]),
        (ImageFilter(split=Split.TEST), [2, 3, 5]),
        (ImageFilter(defect_type="crack"), [2, 3, 5]),
        (ImageFilter(class_id=4), [2]),
        (ImageFilter(text="CRACK/B"), [2, 3, 5]),
        (ImageFilter(text="a1", split=Split.TEST), []),
        (ImageFilter(state=LabelState.GOOD), [1, 5]),
        (ImageFilter(state=LabelState.DEFECTIVE), [2, 3]),
        (ImageFilter(state=LabelState.UNKNOWN), [4]),
        (ImageFilter(state=LabelState.WITH_REGIONS), [2]),
        (ImageFilter(state=LabelState.WITHOUT_REGIONS), [3]),
        (ImageFilter(state=LabelState.OK), [5]),
        (ImageFilter(state=LabelState.NG), [2]),
        (ImageFilter(state=LabelState.UNSURE), [4]),
        (ImageFilter(state=LabelState.NO_VERDICT), [1, 3]),
        (ImageFilter(work=WorkState.TODO), [1, 3, 4]),
        (ImageFilter(work=WorkState.DONE), [2]),
        (ImageFilter(work=WorkState.REJECTED), [5]),
        (ImageFilter(work=WorkState.MISSED), [2]),
        (ImageFilter(work=WorkState.FALSE_ALARM), [1]),
    ],
    ids=str,
)
def test_that_images_are_narrowed(wanted: ImageFilter, ids: list[int]) -> None:
    assert [record.id for record in wanted.apply(IMAGES, JUDGED)] == ids


def test_that_without_an_inspection_nothing_disagrees() -> None:
    assert ImageFilter(work=WorkState.MISSED).apply(IMAGES) == []
    assert ImageFilter(work=WorkState.DISAGREES).apply(IMAGES) == []


def test_that_disagreements_come_strongest_first() -> None:
    strengths = {PLAIN.relative_path: 0.5, UNMARKED.relative_path: 0.9, CRACK.relative_path: 0.5}
    wanted = ImageFilter(work=WorkState.DISAGREES)
    assert wanted.apply(IMAGES, JUDGED, strengths) == [UNMARKED, PLAIN, CRACK]


@given(st.lists(records), st.text("abC", max_size=2))
def test_that_paths_in_lower_case_only_save_time(images: list[ImageRecord], text: str) -> None:
    lower = [record.relative_path.lower() for record in images]
    wanted = ImageFilter(text=text)
    assert wanted.apply(images, lower_paths=lower) == wanted.apply(images)


@given(records)
def test_that_an_image_is_good_defective_or_unknown(record: ImageRecord) -> None:
    states = (LabelState.GOOD, LabelState.DEFECTIVE, LabelState.UNKNOWN)
    assert sum(len(ImageFilter(state=state).apply([record])) for state in states) == 1


def test_that_images_are_counted_by_type_and_split() -> None:
    counts = count_images([*IMAGES, UNSURE._replace(id=6, verdict=ImageVerdict.NG)])
    assert counts.total == 6
    assert counts.by_split == {Split.TRAIN: 1, Split.TEST: 3, Split.NONE: 2}
    assert counts.types == [
        TypeCount("crack", {Split.TEST: 3}),
        TypeCount("", {Split.NONE: 2}),
        TypeCount("good", {Split.TRAIN: 1}),
    ]
    assert (counts.defective, counts.defective_types) == (3, 1)


@given(st.lists(records))
def test_that_every_image_counts_once(images: list[ImageRecord]) -> None:
    counts = count_images(images)
    assert counts.total == len(images) == sum(count.total for count in counts.types)
    assert counts.total == sum(counts.by_split.values())


@given(st.lists(records))
def test_that_defective_images_are_those_that_say_so(images: list[ImageRecord]) -> None:
    found = ImageFilter(state=LabelState.DEFECTIVE).apply(images)
    assert found == [record for record in images if record.is_defective]
