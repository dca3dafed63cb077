"""`inspector runs`: what it lists, compares and writes."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from inspector_app.cli.main import run
from inspector_app.domain.jobs import JobState
from inspector_app.protocol.files import PREDICTIONS_FILE, Prediction
from inspector_app.store import jobs
from inspector_app.store.project import Project


def add_run(project: Project, *, epochs: int, hits: int) -> str:
    """Enter a classifier that recognised so many of ten dents, and return its id."""
    record = jobs.add_run(project, model_kind="classifier", config={"epochs": epochs})
    jobs.update_run(project, record.id, state=JobState.COMPLETED, metrics={"val_loss": 0.5})
    folder = jobs.run_folder(project, record)
    folder.mkdir(parents=True)
    lines = []
    for number in range(10):
        called = "dent" if number < hits else "good"
        shares = {"good": 0.0, "dent": 0.0} | {called: 1.0}
        name = f"{number}.png"
        lines.append(
            Prediction(image_path=name, split="test", truth="dent", called=called, shares=shares)
        )
    (folder / PREDICTIONS_FILE).write_text("".join(f"{p.model_dump_json()}\n" for p in lines))
    return record.id


@pytest.fixture
def run_ids(project_folder: Path) -> tuple[str, str]:
    """A run that learned nothing and a better one."""
    with Project.open(project_folder) as project:
        return add_run(project, epochs=2, hits=0), add_run(project, epochs=3, hits=9)


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_that_runs_are_listed_newest_first_with_what_was_never_learned(
    project_folder: Path, run_ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", str(project_folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(run_ids[1])
    assert lines[-1] == "  note: never learned: dent"


def test_that_a_machine_gets_figures_and_types(
    project_folder: Path, run_ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", str(project_folder), "--json"]) == 0
    newest = document(capsys)["runs"][0]
    assert newest["figures"]["accuracy"] == 0.9
    assert newest["types"]["dent"]["images"] == 10


def test_that_a_comparison_says_what_may_be_concluded(
    project_folder: Path, run_ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", str(project_folder), "--compare", *run_ids]) == 0
    out = capsys.readouterr().out
    assert f"accuracy: {run_ids[1]} is better" in out
    assert "set epochs" in out


def test_that_a_comparison_for_a_machine_names_what_differs(
    project_folder: Path, run_ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    ends = [name[-4:] for name in run_ids]
    assert run(["runs", str(project_folder), "--compare", *ends, "--json"]) == 0
    found = document(capsys)
    assert found["settings_that_differ"] == {"epochs": [2, 3]}
    assert found["significant"]["accuracy"] is True


@pytest.mark.parametrize(("name", "reason"), [("nothing", "no such run"), ("", "several runs")])
def test_that_a_run_that_is_not_one_is_refused(
    project_folder: Path,
    run_ids: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    name: str,
    reason: str,
) -> None:
    assert run(["runs", str(project_folder), "--compare", name, run_ids[0]]) == 2
    assert reason in capsys.readouterr().err


def test_that_the_table_is_written_for_spreadsheets(
    project_folder: Path, run_ids: tuple[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "runs.csv"
    assert run(["runs", str(project_folder), "--csv", str(target)]) == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == list(run_ids[::-1])
    assert rows[1]["never_learned"] == "dent"


def test_that_a_project_without_trainings_says_so(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["runs", str(project_folder)]) == 0
    assert "no trainings yet" in capsys.readouterr().out
