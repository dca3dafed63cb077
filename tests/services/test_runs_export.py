"""The table of runs as a file."""

import csv
from pathlib import Path

import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.services.run_comparison import ComparedRun
from inspector_app.services.runs_export import write_runs


@pytest.fixture
def runs() -> list[ComparedRun]:
    record = RunRecord(
        "classifier-1",
        "classifier",
        {"epochs": 2},
        JobState.COMPLETED,
        "runs/classifier-1",
        "2026-01-01T00:00:00+00:00",
        metrics={"val_loss": 0.123456789},
        note="=1+1 <b>",
        tags=("line 2", "größer"),
    )
    return [ComparedRun(record, record.config, False, (), None)]


def test_that_a_spreadsheet_gets_figures_in_full_and_no_formula(
    tmp_path: Path, runs: list[ComparedRun]
) -> None:
    target = tmp_path / "runs.csv"
    write_runs(target, runs, project_name="p")
    with target.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["val_loss"], row["note"]) == ("0.123456789", "'=1+1 <b>")
    assert (row["tags"], row["settings"], row["accuracy"]) == ("line 2, größer", "epochs=2", "")


def test_that_a_page_shows_what_was_written_as_text(
    tmp_path: Path, runs: list[ComparedRun]
) -> None:
    target = tmp_path / "runs.html"
    write_runs(target, runs, project_name="bottle & cap")
    page = target.read_text(encoding="utf-8")
    assert "=1+1 &lt;b&gt;" in page
    assert "Trainings of bottle &amp; cap" in page
    assert "0.1235" in page


@pytest.mark.parametrize("name", ["runs.xlsx", "runs"])
def test_that_another_kind_of_file_is_refused(
    tmp_path: Path, runs: list[ComparedRun], name: str
) -> None:
    with pytest.raises(BadDataError, match=name):
        write_runs(tmp_path / name, runs, project_name="p")
    assert not (tmp_path / name).exists()
