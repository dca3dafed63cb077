"""`inspector inspect` with a worker that judges by file names: every way it can end."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector_app.cli.main import run
from inspector_app.domain.jobs import JobState
from inspector_app.store import inspection_results, jobs
from inspector_app.store.project import Project

UseWorker = Callable[[str], None]


def words(model: Path, folder: Path, out: Path) -> list[str]:
    return ["inspect", str(model), str(folder), "--out", str(out)]


def test_that_a_bundle_judges_a_folder(
    use_worker: UseWorker,
    tmp_path: Path,
    bundle: Path,
    category: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_worker("judges")
    assert run([*words(bundle, category / "test", tmp_path / "out"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    expected = {"images": 6, "ok": 3, "ng": 3, "escapes": 0, "overkills": 0, "unreadable": 0}
    assert expected.items() <= document["figures"].items()
    assert document["inspection"] is None


def test_that_a_project_remembers_its_inspection(
    use_worker: UseWorker, tmp_path: Path, trained_project: Path, category: Path
) -> None:
    use_worker("judges")
    assert run(words(trained_project, category, tmp_path / "out")) == 0
    with Project.open(trained_project) as project:
        (record,) = jobs.inspections(project)
        assert record.state is JobState.COMPLETED
        assert len(inspection_results.results(project, record.id)) == 6


def test_that_one_unreadable_image_stops_nothing_and_is_named(
    use_worker: UseWorker,
    tmp_path: Path,
    bundle: Path,
    category: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_worker("judges")
    (category / "test/good/broken.png").write_bytes(b"half")
    assert run(words(bundle, category, tmp_path / "out")) == 0
    output = capsys.readouterr().out
    assert "broken.png: the PNG ends too early" in output
    assert "unreadable 1" in " ".join(output.split())


def test_that_a_cancelled_inspection_keeps_and_reports_what_was_judged(
    use_worker: UseWorker, tmp_path: Path, trained_project: Path, category: Path
) -> None:
    use_worker("is_cancelled")
    assert run(words(trained_project, category, tmp_path / "out")) == 130
    assert "Cancelled before all images" in (tmp_path / "out/index.html").read_text("utf-8")
    with Project.open(trained_project) as project:
        (record,) = jobs.inspections(project)
        assert record.state is JobState.CANCELLED
        assert len(inspection_results.results(project, record.id)) == 2


@pytest.mark.parametrize(
    ("how", "code", "state", "complaint"),
    [
        ("bad_data", 2, JobState.FAILED, "the drive is full of holes — mend them"),
        ("disk_full", 2, JobState.FAILED, "mend them"),
        ("bug", 1, JobState.FAILED, "internal error"),
        ("dies", 2, JobState.INTERRUPTED, "Segmentation fault"),
    ],
)
def test_that_a_failure_is_told_and_recorded_and_leaves_no_report(
    use_worker: UseWorker,
    tmp_path: Path,
    trained_project: Path,
    category: Path,
    capsys: pytest.CaptureFixture[str],
    how: str,
    code: int,
    state: JobState,
    complaint: str,
) -> None:
    use_worker(how)
    assert run(words(trained_project, category, tmp_path / "out")) == code
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
    with Project.open(trained_project) as project:
        (record,) = jobs.inspections(project)
        assert record.state is state
        # What was judged before the failure is kept.
        assert len(inspection_results.results(project, record.id)) == 2


def test_that_a_project_without_a_model_is_refused_before_a_worker_starts(
    use_worker: UseWorker,
    tmp_path: Path,
    project_folder: Path,
    category: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_worker("no such way")
    assert run(words(project_folder, category, tmp_path / "out")) == 2
    assert "no trained model" in capsys.readouterr().err


def test_that_an_unknown_run_is_refused(
    tmp_path: Path, trained_project: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words(trained_project, category, tmp_path / "out"), "--run", "nobody"]) == 2
    assert "no run nobody" in capsys.readouterr().err


def test_that_a_run_without_a_bundle_is_told_apart_from_any_folder(
    tmp_path: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/job.json").write_text("{}")
    assert run(words(tmp_path / "run", category, tmp_path / "out")) == 2
    assert "no model yet" in capsys.readouterr().err
