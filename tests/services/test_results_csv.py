import csv
import math
from dataclasses import replace
from pathlib import Path

import pytest

from inspector_app.domain.errors import KnownError
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.proposals import Proposal
from inspector_app.services.results_csv import COLUMNS, as_text, write_results_csv


def result(
    path: str, score: float, *, is_defective: bool | None = None, kind: str = "", error: str = ""
) -> ResultRecord:
    return ResultRecord(path, is_defective, kind, score, "", 0.0, 0.1, error)


def rows_of(target: Path) -> list[dict[str, str]]:
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_that_every_column_is_written(tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    results = [
        result("/a/螺絲.png", 0.3, is_defective=True, kind="scratch, deep"),
        result("/a/2.png", 0.2, is_defective=False, kind="good"),
        result("/a/3.png", math.nan, error='cannot be "read"'),
    ]
    write_results_csv(target, results, threshold=0.3)
    assert [tuple(row) for row in rows_of(target)] == [COLUMNS] * 3
    assert [tuple(row.values()) for row in rows_of(target)] == [
        ("/a/螺絲.png", "ng", "0.3", "0.3", "ng", "scratch, deep", "", "", "", ""),
        ("/a/2.png", "ok", "0.2", "0.3", "ok", "good", "", "", "", ""),
        ("/a/3.png", "ng", "", "0.3", "", "", 'cannot be "read"', "", "", ""),
    ]


def test_that_what_the_model_says_beyond_its_score_is_written(tmp_path: Path) -> None:
    seen = (Proposal("hole", 0.755, Box(1, 2, 3, 4)), Proposal("", 0.5, Box(0, 0, 9, 9)))
    said = replace(result("/a.png", 0.3), called="=hole", share_01=0.875, proposals=seen)
    write_results_csv(tmp_path / "results.csv", [said], threshold=0.3)
    [row] = rows_of(tmp_path / "results.csv")
    assert (row["taken_for"], row["probability"]) == ("'=hole", "0.875")
    assert row["regions"] == "hole 0.76 (1 2 3 4); defect 0.50 (0 0 9 9)"


def test_that_excel_takes_it_for_utf_8(tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    write_results_csv(target, [], threshold=0.3)
    assert target.read_bytes().startswith(b"\xef\xbb\xbffile,")


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_that_no_spreadsheet_takes_a_name_for_a_formula(text: str) -> None:
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "scratch", "/a/=b.png", "3-4"])
def test_that_other_names_stay_as_they_are(text: str) -> None:
    assert as_text(text) == text


def test_that_numbers_below_zero_stay_numbers(tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    write_results_csv(target, [result("/a.png", -0.5)], threshold=-0.25)
    assert (rows_of(target)[0]["score"], rows_of(target)[0]["threshold"]) == ("-0.5", "-0.25")


def test_that_a_name_that_is_no_unicode_is_written_all_the_same(tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    write_results_csv(target, [result("/a/\udcff.png", 0.1)], threshold=0.3)
    assert rows_of(target)[0]["file"] == "/a/?.png"


def test_that_an_old_table_stays_where_a_new_one_cannot_be_written(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(KnownError, match="folder"):
        write_results_csv(target, [], threshold=0.3)
    assert target.is_dir()
    assert list(tmp_path.iterdir()) == [target]
