"""`inspector adapt`: the click model learns from the project's regions."""

import json
import sys
from pathlib import Path

import pytest

from inspector_app import paths
from inspector_app.cli.main import run
from inspector_app.store.project import CLICK_MODEL_FOLDER, Project
from tests.services.test_click_adapting import draw_regions

SCRIPT = Path(__file__).parents[1] / "services" / "workers" / "adapting.py"


@pytest.fixture
def drawn_project(project_folder: Path) -> Path:
    with Project.open(project_folder) as project:
        draw_regions(project, 30)
    return project_folder


def answer_with(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "worker_command", lambda: [sys.executable, str(SCRIPT), how])


def test_that_a_better_model_is_kept_and_forgotten(
    drawn_project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_with("kept", monkeypatch)
    assert run(["adapt", str(drawn_project), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["metrics"]["is_kept"]) == ("completed", 1)
    folder = drawn_project / CLICK_MODEL_FOLDER
    assert sorted(path.name for path in folder.iterdir()) == ["click.json", "click.safetensors"]
    assert run(["adapt", str(drawn_project), "--forget"]) == 0
    assert list(folder.iterdir()) == []


def test_that_what_is_no_better_is_discarded_in_words(
    drawn_project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_with("discarded", monkeypatch)
    assert run(["adapt", str(drawn_project)]) == 0
    told = capsys.readouterr()
    assert "discarded: it is no better" in told.out + told.err
    assert not (drawn_project / CLICK_MODEL_FOLDER).exists()


def test_that_too_few_regions_are_refused(
    project_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_with("kept", monkeypatch)
    assert run(["adapt", str(project_folder)]) == 2
    assert "20 are needed" in capsys.readouterr().err
