"""Training, inspection, doctor and demo with the real worker."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from inspector_app import paths
from inspector_app.cli.console import Console
from inspector_app.cli.main import run
from inspector_app.cli.training import resume, train
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import JobState
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["--set", "epochs=2", "--set", "image_size_px=64", "--set", "base_channels=4"]


def test_that_a_model_is_trained_and_a_folder_inspected(
    tmp_path: Path, project_folder: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", str(project_folder), "--model", "autoencoder", *QUICK, "--json"]) == 0
    trained = json.loads(capsys.readouterr().out)
    assert trained["outcome"] == "completed"

    out = tmp_path / "report"
    words = ["inspect", str(project_folder), str(category), "--out", str(out), "--json"]
    assert run(words) == 0
    inspected = json.loads(capsys.readouterr().out)
    with Project.open(project_folder) as project:
        (run_record,), (inspection,) = jobs.runs(project), jobs.inspections(project)
        stored = {r.image_path: r.score for r in inspection_results.results(project, inspection.id)}
    assert (run_record.id, run_record.state) == (trained["run"], JobState.COMPLETED)
    assert (inspection.id, inspection.state) == (inspected["inspection"], JobState.COMPLETED)
    text = (out / "results.csv").read_text(encoding="utf-8-sig")
    assert {row["file"]: float(row["score"]) for row in csv.DictReader(text.splitlines())} == stored
    assert len(stored) == inspected["figures"]["images"] == 6
    assert len(list((out / "overlays").glob("*.jpg"))) == 6


@pytest.mark.parametrize(
    ("kind", "assignments", "complaint"),
    [("magic", [], "choose from: autoencoder"), ("autoencoder", ["epoch=1"], "no such setting")],
)
def test_that_an_unknown_model_or_setting_leaves_no_run_behind(
    project_folder: Path,
    misbehaving: Callable[..., list[str]],
    kind: str,
    assignments: list[str],
    complaint: str,
) -> None:
    with (
        Project.open(project_folder) as project,
        WorkerClient(misbehaving("obedient")) as worker,
        pytest.raises(BadDataError) as refused,
    ):
        train(project, worker, kind, assignments, Console())
    assert complaint in str(refused.value)
    with Project.open(project_folder) as project:
        assert jobs.runs(project) == []


def start_training(project_folder: Path, *, epochs: int) -> subprocess.Popen[str]:
    words = ["train", str(project_folder), "--model", "autoencoder", *QUICK[2:]]
    return subprocess.Popen(
        [sys.executable, "-m", "inspector_app", *words, "--set", f"epochs={epochs}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_that_ctrl_c_ends_a_training_and_keeps_what_was_reached(project_folder: Path) -> None:
    process = start_training(project_folder, epochs=2000)
    assert process.stdout is not None
    # The end of the first epoch is what there is to keep.
    assert any(line.startswith("epoch 1 ") for line in process.stdout)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cancelled" in output
    with Project.open(project_folder) as project:
        (record,) = jobs.runs(project)
        folder = jobs.run_folder(project, record)
    assert record.state is JobState.CANCELLED
    assert (folder / "last.ckpt").is_file()


def test_that_a_killed_training_is_gone_on_with_from_its_last_epoch(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = start_training(project_folder, epochs=6)
    assert process.stdout is not None
    assert any(line.startswith("epoch 2 ") for line in process.stdout)
    [worker] = psutil.Process(process.pid).children()
    worker.kill()
    process.communicate(timeout=60)
    with Project.open(project_folder) as project:
        (record,) = jobs.runs(project)
    assert record.state is JobState.INTERRUPTED
    assert run(["train", str(project_folder), "--resume", record.id]) == 0
    said = capsys.readouterr().out
    assert "epoch 1 of" not in said
    assert "epoch 6 of 6" in said
    with Project.open(project_folder) as project:
        assert jobs.runs(project)[0].state is JobState.COMPLETED


@pytest.mark.parametrize(
    ("option", "figure"), [("--check", "run_seconds"), ("--find-rate", "learning_rate")]
)
def test_that_a_look_at_a_training_leaves_no_run(
    project_folder: Path, capsys: pytest.CaptureFixture[str], option: str, figure: str
) -> None:
    words = ["train", str(project_folder), "--model", "autoencoder", *QUICK, option, "--json"]
    assert run(words) == 0
    assert json.loads(capsys.readouterr().out)["metrics"][figure] > 0
    with Project.open(project_folder) as project:
        assert jobs.runs(project) == []


@pytest.mark.parametrize(
    ("job", "node", "problem"),
    [
        ("", 1, "no training"),
        ('{"job_id": "a", "model_kind": "autoencoder"}', 1, "of 1 hosts"),
        ('{"job_id": "a", "model_kind": "autoencoder", "team": {"nodes": 2}}', 2, "from 1 to 1"),
    ],
)
def test_that_a_host_that_is_none_of_a_training_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], job: str, node: int, problem: str
) -> None:
    (tmp_path / "job.json").write_text(job)
    assert run(["join", str(tmp_path), "--node", str(node)]) == 2
    assert problem in capsys.readouterr().err


def test_that_a_run_that_cannot_be_resumed_is_named(
    project_folder: Path, misbehaving: Callable[..., list[str]]
) -> None:
    with Project.open(project_folder) as project:
        done, stopped = (jobs.add_run(project, model_kind="autoencoder", config={}) for _ in "ab")
        jobs.update_run(project, done.id, state=JobState.COMPLETED)
        jobs.update_run(project, stopped.id, state=JobState.CANCELLED)
        with WorkerClient(misbehaving("obedient")) as worker:
            for run_id, problem in (("none", "no such run"), (done.id, "it is completed")):
                with pytest.raises(BadDataError, match=problem) as refused:
                    resume(project, worker, run_id, Console())
                assert stopped.id in refused.value.hint


def test_that_doctor_hears_the_worker(
    misbehaving: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(paths, "worker_command", lambda: misbehaving("obedient"))
    assert run(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert findings["worker"]["state"] == "answers"
    assert "autoencoder" in findings["worker"]["models"]


def test_that_doctor_tells_of_a_worker_that_does_not_start(
    misbehaving: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(paths, "worker_command", lambda: misbehaving("exits_before_hello"))
    assert run(["doctor"]) == 0
    assert "No module named 'torch'" in capsys.readouterr().out


def test_that_the_demo_runs_from_photos_to_report(
    tmp_path: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo"
    words = ["demo", "--data", str(category), "--out", str(out), "--drafts", "2", "--no-window"]
    assert run([*words, *QUICK, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["clicks"]["image_count"] == 2
    assert 0.0 <= document["clicks"]["iou_after"]["1"] <= 1.0
    assert document["exports"]["coco"]["regions"] == 3
    assert {"image_auroc", "pixel_auroc"} <= document["inspection"]["figures"].keys()
    assert Path(document["inspection"]["page"]).is_file()
    with Project.open(out / "project") as project:
        authors = project.connection.execute("SELECT author FROM regions ORDER BY author")
        assert [row[0] for row in authors] == ["click_model", "click_model", "imported"]
        (record,) = jobs.inspections(project)
        assert len(inspection_results.results(project, record.id)) == 6


def test_that_a_demo_replaces_only_a_demo(
    tmp_path: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert run(["demo", "--data", str(category), "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "mine"
