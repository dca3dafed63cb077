"""Names of images and folders: cleaned, flattened, matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.formats.naming import (
    ImageMatcher,
    class_of_folders,
    clean_name,
    flat_names,
    folder_names,
    without_suffix,
)

paths = st.lists(
    st.text("aB._ ü", min_size=1, max_size=4).filter(lambda part: part.strip(".")),
    min_size=1,
    max_size=3,
).map("/".join)


@pytest.mark.parametrize(
    ("spelling", "cleaned"),
    [
        ("train/good/000.png", "train/good/000.png"),
        ("../../etc/passwd", "etc/passwd"),
        ("/data/images/a.png", "data/images/a.png"),
        ("C:\\x\\a.png", "x/a.png"),
        ("C:/x/a.png", "x/a.png"),
        ("\\\\server\\share\\a.png", "server/share/a.png"),
        ("./a//b.png", "a/b.png"),
        ("..", ""),
        ("", ""),
    ],
)
def test_that_a_cleaned_name_is_relative_and_does_not_climb(spelling: str, cleaned: str) -> None:
    assert clean_name(spelling) == cleaned


@pytest.mark.parametrize(
    ("path", "stem"), [("a/b.png", "a/b"), ("a.b/c", "a.b/c"), ("a", "a"), ("a.b.png", "a.b")]
)
def test_that_only_the_file_name_loses_its_suffix(path: str, stem: str) -> None:
    assert without_suffix(path) == stem


def test_that_a_flat_name_shows_the_folders() -> None:
    assert flat_names(["train/good/000.png"]) == {"train/good/000.png": "train__good__000.png"}


@given(st.sets(paths, max_size=8))
def test_that_flat_names_differ_without_suffix_and_case(some: set[str]) -> None:
    names = flat_names(some)
    assert len({without_suffix(name).casefold() for name in names.values()}) == len(some)


@given(st.sets(paths, max_size=8))
def test_that_flat_names_have_no_folders(some: set[str]) -> None:
    assert not any("/" in name for name in flat_names(some).values())


def test_that_a_flat_name_fits_into_a_file_system() -> None:
    path = "/".join(["ä" * 60] * 5) + ".png"
    name = flat_names([path])[path]
    assert len(name.encode()) < 200
    assert name.endswith(".png")


@pytest.mark.parametrize(
    "name", ["good", "Good", "", "..", "a/b", "con", "NUL.x", 'x:*?"<>|', " . "]
)
def test_that_a_folder_name_is_one_that_every_system_takes(name: str) -> None:
    folder = folder_names([name])[name]
    assert folder.strip(" .") == folder != ""
    assert folder.casefold() not in ("good", "con", "nul.x")
    assert not set(folder) & set('<>:"/\\|?*')


def test_that_folder_names_that_differ_in_case_only_are_told_apart() -> None:
    folders = folder_names(["Cut", "cut", "cut"])
    assert len({folder.casefold() for folder in folders.values()}) == 2


PROJECT = ImageMatcher(
    [
        "train/good/000.png",
        "test/good/000.png",
        "test/cut/000.png",
        "test/cut/001.png",
        "test/cut/002.jpg",
        "loose.png",
        "line/loose.png",
        "a.b",
    ]
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("test/cut/000.png", "test/cut/000.png"),
        ("home/bottle/test/cut/000.png", "test/cut/000.png"),
        ("cut/000.png", "test/cut/000.png"),
        ("001.png", "test/cut/001.png"),
        ("images/001.png", "test/cut/001.png"),
        ("elsewhere/001.png", "test/cut/001.png"),
        ("train__good__000.png", "train/good/000.png"),
        ("images/train/train__good__000.png", "train/good/000.png"),
        ("labels/train__good__000", "train/good/000.png"),
        ("cut/002", "test/cut/002.jpg"),
        ("images/loose.png", "loose.png"),
        ("a.b", "a.b"),
    ],
)
def test_that_a_name_finds_its_image(name: str, path: str) -> None:
    assert PROJECT.match(name) == path


@pytest.mark.parametrize(
    "name", ["000.png", "good/000.png", "003.png", "", "001.jpg", "good/001.png", "good/002"]
)
def test_that_a_name_of_no_single_image_finds_none(name: str) -> None:
    assert PROJECT.match(name) is None


@given(st.sets(paths, min_size=1, max_size=8))
def test_that_every_image_is_found_by_its_path(some: set[str]) -> None:
    matcher = ImageMatcher(some)
    assert all(matcher.match(path) == path for path in some)


@pytest.mark.parametrize(
    ("above", "below", "class_name"),
    [
        (["bottle", "ground_truth"], ["cut"], "cut"),
        (["ground_truth", "cut"], [], "cut"),
        (["x", "y"], ["MT_Fray", "Imgs"], "MT_Fray"),
        (["x", "masks"], [], "defect"),
        (["x", "ground_truth"], [], "defect"),
    ],
)
def test_that_the_folders_name_the_class(
    above: list[str], below: list[str], class_name: str
) -> None:
    assert class_of_folders(above, below) == class_name
