"""Folders recognised, names sorted, what is known of a part."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.dataset import (
    ImageEntry,
    ImageRecord,
    Split,
    classify_mvtec,
    is_image_name,
    list_folder,
    natural_key,
)

BOTTLE = [
    "license.txt",
    "train/good/000.png",
    "test/good/000.png",
    "test/broken/001.png",
    "test/broken/000.png",
    "ground_truth/broken/000_mask.png",
    "ground_truth/broken/001_mask.png",
]


def test_that_mvtecs_layout_is_recognised() -> None:
    listing = list_folder(BOTTLE)
    assert listing.is_mvtec
    assert listing.remarks == ()
    assert set(listing.entries) == {
        ImageEntry("train/good/000.png", Split.TRAIN, "good"),
        ImageEntry("test/good/000.png", Split.TEST, "good"),
        ImageEntry("test/broken/000.png", Split.TEST, "broken", "ground_truth/broken/000_mask.png"),
        ImageEntry("test/broken/001.png", Split.TEST, "broken", "ground_truth/broken/001_mask.png"),
    }


def test_that_masks_are_told_of() -> None:
    assert list_folder(BOTTLE).has_masks
    assert not list_folder(["a.png", "b.png"]).has_masks


def test_that_a_missing_mask_is_remarked_and_its_image_kept() -> None:
    listing = list_folder([path for path in BOTTLE if "001_mask" not in path])
    entry = next(e for e in listing.entries if e.relative_path == "test/broken/001.png")
    assert entry.mask_path == ""
    assert listing.remarks == ("test/broken/001.png: no mask at ground_truth/broken/001_mask.png",)


def test_that_a_mask_without_its_image_is_remarked() -> None:
    listing = list_folder([*BOTTLE, "ground_truth/broken/009_mask.png"])
    assert listing.remarks == ("ground_truth/broken/009_mask.png: mask without an image",)
    assert len(listing.entries) == 4


def test_that_a_mask_of_another_type_of_file_is_found() -> None:
    listing = list_folder(["test/cut/a.jpg", "ground_truth/cut/a_mask.png"])
    assert [entry.mask_path for entry in listing.entries] == ["ground_truth/cut/a_mask.png"]
    assert listing.remarks == ()


def test_that_other_images_of_an_mvtec_folder_are_left_out() -> None:
    listing = list_folder([*BOTTLE, "overview.png", "docs/photo.jpg"])
    assert len(listing.entries) == 4


def test_that_what_macos_leaves_behind_is_no_image() -> None:
    listing = list_folder([*BOTTLE, "test/broken/._000.png", "ground_truth/broken/._000_mask.png"])
    assert listing == list_folder(BOTTLE)


def test_that_any_other_folder_is_taken_as_it_is() -> None:
    listing = list_folder(["b/img10.png", "b/img2.PNG", "notes.txt", "a.jpeg"])
    assert not listing.is_mvtec
    assert sorted(listing.entries, key=lambda entry: entry.relative_path) == [
        ImageEntry("a.jpeg", Split.NONE, ""),
        ImageEntry("b/img10.png", Split.NONE, ""),
        ImageEntry("b/img2.PNG", Split.NONE, ""),
    ]


def test_that_images_of_a_folder_stand_in_natural_order() -> None:
    listing = list_folder([f"img{number}.png" for number in (10, 9, 100, 1)])
    names = [entry.relative_path for entry in listing.entries]
    assert names == ["img1.png", "img9.png", "img10.png", "img100.png"]


def test_that_an_empty_folder_holds_nothing() -> None:
    assert list_folder([]).entries == ()


@pytest.mark.parametrize(
    ("name", "is_image"),
    [
        ("a.png", True),
        ("A.JPG", True),
        ("a.b.tiff", True),
        ("._a.png", False),
        (".png", False),
        ("png", False),
        ("a.txt", False),
        ("a.", False),
    ],
)
def test_that_images_are_told_by_their_names(name: str, is_image: bool) -> None:
    assert is_image_name(name) is is_image


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("train/good/1.png", (Split.TRAIN, "good")),
        ("test/hole/deep/1.png", (Split.TEST, "hole")),
        ("test/1.png", None),
        ("val/good/1.png", None),
        ("1.png", None),
    ],
)
def test_that_split_and_type_follow_from_the_path(
    path: str, found: tuple[Split, str] | None
) -> None:
    assert classify_mvtec(path) == found


@given(st.lists(st.text(alphabet="ab01/._", max_size=8)))
def test_that_any_names_can_be_put_in_natural_order(names: list[str]) -> None:
    keys = [natural_key(name) for name in sorted(names, key=natural_key)]
    assert all(keys[at] <= keys[at + 1] for at in range(len(keys) - 1))


@pytest.mark.parametrize(
    ("verdict", "region_count", "defect_type", "expected"),
    [
        (ImageVerdict.NG, 0, "good", True),
        (ImageVerdict.OK, 3, "hole", False),
        (ImageVerdict.UNSURE, 2, "good", True),
        (ImageVerdict.UNSURE, 0, "good", False),
        (None, 1, "good", True),
        (None, 0, "hole", True),
        (None, 0, "good", False),
        (None, 0, "", None),
    ],
)
def test_that_a_part_is_judged_by_verdict_then_regions_then_folder(
    verdict: ImageVerdict | None, region_count: int, defect_type: str, expected: bool | None
) -> None:
    record = ImageRecord(1, "test/x/007.png", Split.TEST, defect_type, verdict, region_count)
    assert record.is_defective is expected


def test_that_an_images_name_is_the_end_of_its_path() -> None:
    assert ImageRecord(1, "test/x/007.png", Split.TEST, "").name == "007.png"
    assert ImageRecord(1, "007.png", Split.TEST, "").name == "007.png"


@pytest.mark.parametrize(("path", "folder"), [("test/x/007.png", "test/x"), ("007.png", "")])
def test_that_a_record_tells_the_folder(path: str, folder: str) -> None:
    assert ImageRecord(1, path, Split.TEST, "").folder == folder


@pytest.mark.parametrize(
    ("verdict", "review", "expected"),
    [
        (None, ReviewState.TODO, False),
        (ImageVerdict.UNSURE, ReviewState.TODO, True),
        (None, ReviewState.REJECTED, True),
    ],
)
def test_that_an_image_is_reviewed_once_somebody_has_said_something(
    verdict: ImageVerdict | None, review: ReviewState, expected: bool
) -> None:
    record = ImageRecord(1, "0.png", Split.NONE, "", verdict, review=review)
    assert record.is_reviewed is expected


@given(st.lists(st.text(alphabet="aB019_", max_size=4).map(lambda stem: f"x{stem}.png")))
def test_that_a_folder_is_in_natural_order_whatever_its_names(names: list[str]) -> None:
    entries = list_folder(names).entries
    assert [entry.relative_path for entry in entries] == sorted(names, key=natural_key)


@pytest.mark.parametrize(("page", "expected"), [(0, "sub/a.tif"), (3, "sub/a.tif/page 3")])
def test_that_a_record_names_what_is_to_be_opened(page: int, expected: str) -> None:
    record = ImageRecord(1, "sub/a.tif", Split.NONE, "", page=page)
    assert record.path_below(Path("photos")).as_posix() == f"photos/{expected}"
