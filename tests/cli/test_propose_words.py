"""`inspector propose --text`: words in place of a training."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector_app.cli.main import run
from inspector_app.store import jobs
from inspector_app.store.project import Project

UseWorker = Callable[[str], None]
Ask = Callable[[str], dict[str, Any]]


@pytest.fixture
def ask(
    use_worker: UseWorker,
    project_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Ask for words, as if their weights were here; return the document for machines."""
    monkeypatch.setattr("inspector_app.cli.propose_command.refuse_without_weights", lambda: None)

    def answer(text: str) -> dict[str, Any]:
        use_worker("judges")
        assert run(["propose", str(project_folder), "--text", text, "--json"]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return answer


def test_that_words_propose_without_a_trained_model(ask: Ask, project_folder: Path) -> None:
    told = ask("hole,  dent on metal ")
    with Project.open(project_folder) as project:
        [made] = jobs.runs(project)
        [inspection] = jobs.inspections(project)
    assert made.config == {"network": "yolov8l-world", "words": "hole, dent on metal"}
    assert (told["run"], told["inspection"]) == (made.id, inspection.id)
    assert told["proposals"] == {"hole": 2}


def test_that_the_same_words_need_no_second_model(ask: Ask) -> None:
    assert ask("hole, dent")["run"] == ask("hole,dent")["run"]


def test_that_other_words_make_a_model_of_their_own(ask: Ask) -> None:
    assert ask("hole")["run"] != ask("dent")["run"]


def test_that_missing_weights_are_named_before_anything_is_begun(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["propose", str(project_folder), "--text", "dent"]) != 0
    said = capsys.readouterr().err
    for file in ("yolov8l-world.pt", "ViT-B-32.pt", "bpe_simple_vocab_16e6.txt.gz"):
        assert file in said
    assert "inspector weights fetch" in said
    with Project.open(project_folder) as project:
        assert jobs.runs(project) == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--text", " , "], "no words to look for"),
        (["--text", "good, dent"], "is no defect"),
        (["--text", "dent", "--model", "run-1"], "both --model and --text"),
    ],
)
def test_that_what_cannot_be_looked_for_is_refused(
    words: list[str],
    complaint: str,
    project_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    use_worker: UseWorker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("inspector_app.cli.propose_command.refuse_without_weights", lambda: None)
    use_worker("judges")
    assert run(["propose", str(project_folder), *words]) != 0
    assert complaint in capsys.readouterr().err
