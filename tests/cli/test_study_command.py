"""`inspector study`: what it trains, ends early, goes on with and concludes."""

import csv
import json
import sys
from pathlib import Path

import pytest

from inspector_app.cli.console import Console
from inspector_app.cli.exit_codes import TO_PUT_RIGHT
from inspector_app.cli.main import run
from inspector_app.cli.studying import run_study
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.jobs import JobState
from inspector_app.services.studies import save_study
from inspector_app.services.studies import study as find_study
from inspector_app.store import jobs
from inspector_app.store.project import Project
from tests.cli.scripted_studies import COMMAND, states, study_of

QUICK = ["epochs=1", "image_size_px=64", "base_channels=4"]


def scripted() -> WorkerClient:
    return WorkerClient(COMMAND)


def test_that_a_sweep_is_trained_and_compared(
    tmp_path: Path, project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, page = tmp_path / "sweep.csv", tmp_path / "sweep.html"
    words = ["study", str(project_folder), "sweep", "--model", "autoencoder"]
    words += ["--try", "learning_rate=0.001,0.01", "--csv", str(table)]
    words += ["--html", str(page), "--json"]
    words += [word for setting in QUICK for word in ("--set", setting)]
    assert run(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["trainings"] for each in told["variants"]] == [1, 1]
    assert 0.0 <= told["variants"][0]["figures"]["image_auroc"]["value"] <= 1.0
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["variant"] for row in rows] == ["learning_rate 0.001", "learning_rate 0.01"]
    assert "learning_rate 0.01" in page.read_text(encoding="utf-8")
    assert run(["study", str(project_folder), told["id"], "--show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == told


def test_that_a_failed_training_does_not_end_the_study(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.1, 0.002)
        assert run_study(project, study, Console(), start_worker=scripted)
        ended = [JobState.COMPLETED, JobState.FAILED, JobState.COMPLETED]
        assert states(project, study.id) == ended


def test_that_what_failed_is_trained_again(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.1)
        run_study(project, study, Console(), start_worker=scripted)
        before = find_study(project.folder, study.id).runs
        run_study(project, find_study(project.folder, study.id), Console(), start_worker=scripted)
        after = find_study(project.folder, study.id).runs
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_that_a_cancelled_training_ends_the_study_and_waits(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.2, 0.002)
        assert not run_study(project, study, Console(), start_worker=scripted)
        assert states(project, study.id) == [JobState.COMPLETED, None, None]


def test_that_what_lags_behind_is_ended_early(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.002, 0.003, 0.05, is_pruned=True)
        assert run_study(project, study, Console(), start_worker=scripted)
        assert states(project, study.id) == [*[JobState.COMPLETED] * 3, JobState.CANCELLED]


def test_that_a_run_is_in_its_study_before_it_is_trained(project_folder: Path) -> None:
    seen: list[tuple[str | None, ...]] = []

    def start() -> WorkerClient:
        seen.append(find_study(project_folder, study.id).runs)
        return scripted()

    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.002)
        run_study(project, study, Console(), start_worker=start)
    assert seen[1][0] is not None


def test_that_a_cluster_wants_its_package(
    project_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001)
    assert run(["study", str(project_folder), study.id, "--ray", "auto"]) == TO_PUT_RIGHT
    assert 'pip install "inspector[cluster]"' in capsys.readouterr().err


def test_that_without_a_name_studies_and_questions_are_listed(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["study", str(project_folder)]) == 0
    assert "imbalance" in capsys.readouterr().out
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001)
        save_study(project.folder, study.with_run(0, "some-run"))
    assert run(["study", str(project_folder)]) == 0
    assert f"{study.id}  1 of 1 trainings" in capsys.readouterr().out


def test_that_an_unknown_question_is_answered_with_the_known_studies(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["study", str(project_folder), "nonsense"]) == TO_PUT_RIGHT
    said = capsys.readouterr().err
    assert "nonsense: no such study" in said
    assert "imbalance" in said


def test_that_the_table_says_what_is_missing(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.1)
        run_study(project, study, Console(), start_worker=scripted)
    assert run(["study", str(project_folder), study.id, "--show"]) == 0
    out = capsys.readouterr().out
    assert "learning_rate 0.1: 0 of 1 trainings came to their end" in out
    assert "0.999" in out


def test_that_a_study_that_was_killed_goes_on_with_its_run(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        study = study_of(project, 0.001, 0.002)
        record = jobs.add_run(project, model_kind="autoencoder", config={"learning_rate": 0.001})
        jobs.update_run(project, record.id, state=JobState.RUNNING)
        save_study(project.folder, study.with_run(0, record.id))
        killed = find_study(project.folder, study.id)
        assert run_study(project, killed, Console(), start_worker=scripted)
        assert find_study(project.folder, study.id).runs[0] == record.id
        assert states(project, study.id) == [JobState.COMPLETED] * 2
