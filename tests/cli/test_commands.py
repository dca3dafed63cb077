"""Commands that need no worker, on a real project."""

import json
from pathlib import Path
from typing import Any

import pytest

from inspector_app.cli.main import run
from inspector_app.store.project import Project


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with --json and return its document."""

    def ask(*words: str | Path) -> Any:
        assert run([*(str(word) for word in words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return ask


def region_count(project_folder: Path) -> int:
    with Project.open(project_folder) as project:
        return sum(record.region_count for record in project.images())


def test_that_new_enters_images_and_masks(ask: Any, tmp_path: Path, category: Path) -> None:
    document = ask("new", tmp_path / "project", "--images", category)
    assert document["images"] == 14
    assert document["splits"] == {"train": 8, "test": 6}
    assert document["regions"] == region_count(tmp_path / "project") == 3


def test_that_new_never_replaces_a_project(
    project_folder: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", str(project_folder), "--images", str(category)]) == 2
    assert "already a project" in capsys.readouterr().err
    assert region_count(project_folder) == 3


@pytest.mark.parametrize(
    "name", ["coco", "yolo-detect", "yolo-segment", "voc", "masks", "mvtec", "labelme", "cvat"]
)
def test_that_every_format_is_exported(
    ask: Any, tmp_path: Path, project_folder: Path, name: str
) -> None:
    document = ask("export", project_folder, tmp_path / "out", "--format", name)
    assert document["regions"] == 3
    assert any((tmp_path / "out").iterdir())


def test_that_an_export_carries_the_images_when_asked(
    ask: Any, tmp_path: Path, project_folder: Path
) -> None:
    out = tmp_path / "out"
    ask("export", project_folder, out, "--format", "coco", "--images", "link")
    assert (out / "images/train/good/000.png").stat().st_nlink == 2


def test_that_a_format_without_paths_refuses_to_reference(
    tmp_path: Path, project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--format", "yolo-detect", "--images", "reference"]
    assert run(["export", str(project_folder), str(tmp_path / "out"), *words]) == 2
    assert "copy or hard-link them" in capsys.readouterr().err


def test_that_an_export_into_a_filled_folder_is_refused(
    tmp_path: Path, project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert run(["export", str(project_folder), str(tmp_path), "--format", "coco"]) == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["import", "export"])
def test_that_an_unknown_format_is_told_the_known_ones(
    project_folder: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run([command, str(project_folder), "/nowhere", "--format", "zip"]) == 2
    assert "coco" in capsys.readouterr().err


def test_that_exported_labels_come_back_into_an_unlabelled_project(
    ask: Any, tmp_path: Path, project_folder: Path, category: Path
) -> None:
    ask("export", project_folder, tmp_path / "coco", "--format", "coco")
    for mask in category.glob("ground_truth/*/*.png"):
        mask.unlink()
    ask("new", tmp_path / "other", "--images", category)
    assert region_count(tmp_path / "other") == 0
    document = ask("import", tmp_path / "other", tmp_path / "coco", "--format", "coco")
    assert document["regions"] == region_count(tmp_path / "other") == 3


def test_that_importing_twice_adds_nothing(ask: Any, tmp_path: Path, project_folder: Path) -> None:
    ask("export", project_folder, tmp_path / "coco", "--format", "coco")
    document = ask("import", project_folder, tmp_path / "coco", "--format", "coco")
    assert document["regions"] == 0
    assert region_count(project_folder) == 3


def test_that_inspecting_without_a_model_says_how_to_get_one(
    tmp_path: Path, project_folder: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", str(tmp_path), str(category), "--out", str(tmp_path / "report")]
    assert run(words) == 2
    assert "name a project, one of its runs, or a bundle folder" in capsys.readouterr().err


def test_that_a_filled_report_folder_is_refused_before_any_work(
    project_folder: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", str(project_folder), str(category), "--out", str(category)]
    assert run(words) == 2
    assert "not empty" in capsys.readouterr().err


def test_that_a_run_can_only_be_named_with_a_project(
    tmp_path: Path, category: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["inspect", str(tmp_path), str(category), "--out", str(tmp_path / "r"), "--run", "x"]
    assert run(words) == 2
    assert "--run x" in capsys.readouterr().err


def test_that_a_dry_run_says_what_would_come_and_changes_nothing(
    ask: Any, tmp_path: Path, project_folder: Path, category: Path
) -> None:
    ask("export", project_folder, tmp_path / "out", "--format", "coco")
    labels = tmp_path / "out" / "annotations.json"
    known = ask("import", project_folder, labels, "--format", "coco", "--dry-run")
    assert (known["regions"], known["left_out"]) == (0, 3)
    ask("new", tmp_path / "other", "--images", category)
    with Project.open(tmp_path / "other") as other, other.transaction() as connection:
        connection.execute("DELETE FROM regions")
    new = ask("import", tmp_path / "other", labels, "--format", "coco", "--dry-run")
    assert new["regions"] == sum(new["by_class"].values()) == 3
    assert region_count(tmp_path / "other") == 0


def test_that_the_data_set_is_described(ask: Any, tmp_path: Path, project_folder: Path) -> None:
    document = ask("report", project_folder, "--out", tmp_path / "report.html")
    assert document["images"] == 14
    assert document["types"]["good"]["train"] == 8
    assert "<h1>Data set" in (tmp_path / "report.html").read_text(encoding="utf-8")
