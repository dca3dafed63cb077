"""The data set counted, compared and shown on a page."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.services.dataset_survey import DatasetSurvey, survey_dataset
from inspector_app.services.opening import create_project
from inspector_app.services.report.dataset_page import (
    findings,
    tail_of,
    type_rows,
    write_dataset_page,
)
from inspector_app.store import annotations
from inspector_app.store.project import Project


def write_photo(path: Path, seed: int, *, deep: bool = False) -> None:
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 9, 3)).astype(np.uint8)
    pixels = cv2.resize(coarse, (96, 64), interpolation=cv2.INTER_CUBIC)
    path.parent.mkdir(parents=True, exist_ok=True)
    if deep:
        pixels = pixels[:, :, 0].astype(np.uint16) * 200
    path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Six good parts, dents and one scratch; a copy across splits, a broken file, a deep TIFF."""
    folder = tmp_path / "photos <b>"
    for number in range(6):
        write_photo(folder / f"train/good/{number}.png", number)
    (folder / "test/good").mkdir(parents=True)
    (folder / "test/good/0.png").write_bytes((folder / "train/good/0.png").read_bytes())
    write_photo(folder / "test/good/again.jpg", 1)
    (folder / "test/good/broken.png").write_bytes(b"no image")
    for number in range(3):
        write_photo(folder / f"test/dent/{number}.png", 50 + number)
    write_photo(folder / "test/scratch/0.tif", 70, deep=True)
    return create_project(tmp_path / "project", folder)


def mark(project: Project, path: str, region: Region) -> None:
    record = project.image_by_path(path)
    assert record is not None
    annotations.add_regions(project, [(record.id, region)])


@pytest.fixture
def survey(project: Project) -> DatasetSurvey:
    dent = next(one.id for one in project.classes() if one.name == "dent")
    half = Mask.from_box(Box(0, 0, 48, 64), height=64, width=96)
    wrong = Mask.from_box(Box(0, 0, 5, 5), height=30, width=30)
    mark(project, "test/dent/0.png", Region("a", dent, Box(0, 0, 48, 64), half, Author.HAND))
    mark(project, "test/dent/1.png", Region("b", dent, Box(0, 0, 5, 5), wrong, Author.HAND))
    with project:
        return survey_dataset(project, ["a remark"])


def entries(survey: DatasetSurvey) -> dict[str, list[str]]:
    return {title: found for title, _, found in findings(survey) if found}


def test_that_images_are_counted_by_type_and_split(survey: DatasetSurvey) -> None:
    assert {kind: dict(counts) for kind, counts in survey.types.items()} == {
        "good": {Split.TRAIN: 6, Split.TEST: 3},
        "dent": {Split.TEST: 3},
        "scratch": {Split.TEST: 1},
    }
    assert [(row.name, row.count) for row in type_rows(survey)] == [
        ("good", 9),
        ("dent", 3),
        ("scratch", 1),
    ]
    tail = tail_of(survey)
    assert tail is not None
    assert tail.ratio == 3


def test_that_sizes_and_modes_are_those_of_the_files(survey: DatasetSurvey) -> None:
    assert survey.sizes == {(96, 64): 12}
    assert survey.modes == {("RGB", 8): 11, ("I;16", 16): 1}


def test_that_copies_and_lookalikes_across_splits_are_found(survey: DatasetSurvey) -> None:
    leaks = entries(survey)["The same image in two splits"]
    assert sorted(leaks) == [
        "test/good/0.png (test) and train/good/0.png (train): the same file",
        "test/good/again.jpg (test) and train/good/1.png (train): look the same",
    ]


def test_that_what_is_wrong_is_named(survey: DatasetSurvey) -> None:
    found = entries(survey)
    (unreadable,) = found["Files that cannot be read"]
    assert "broken.png" in unreadable
    assert found["Masks of another image size"] == ["test/dent/1.png"]
    assert found["Defective images on which nothing is marked"] == [
        "test/dent/2.png",
        "test/scratch/0.tif",
    ]
    assert found["Remarks on the folder"] == ["a remark"]


def test_that_files_of_several_pages_are_named(project: Project) -> None:
    path = project.image_folder / "test/scratch/0.tif"
    tifffile.imwrite(path, np.zeros((3, 64, 96), np.uint8), photometric="minisblack")
    remarks = survey_dataset(project).remarks
    assert remarks == ("test/scratch/0.tif: 3 pages, only the first is used",)


def test_that_the_area_of_a_class_is_a_share_of_its_images(survey: DatasetSurvey) -> None:
    dent = next(one for one in survey.classes if one.name == "dent")
    assert (dent.region_count, dent.image_count) == (2, 2)
    assert dent.median_area_share == pytest.approx((0.5 + 25 / (96 * 64)) / 2)


def test_that_the_page_holds_the_figures_and_escapes_names(
    survey: DatasetSurvey, tmp_path: Path
) -> None:
    write_dataset_page(tmp_path / "report.html", survey, name="photos <b>")
    page = (tmp_path / "report.html").read_text()
    assert "photos &lt;b&gt;" in page
    assert "photos <b>" not in page
    assert "a ratio of 1 to 3" in page
    assert "test/good/0.png (test) and train/good/0.png (train)" in page


def test_that_a_survey_can_be_stopped(project: Project) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with project, pytest.raises(KeyboardInterrupt):
        survey_dataset(project, progress=stop)
