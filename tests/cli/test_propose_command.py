"""`inspector propose`: a model is asked, and nothing is drawn."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector_app.cli.main import run
from inspector_app.domain.edits import DismissProposal, UndoStep
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import JobState
from inspector_app.domain.proposals import Proposal
from inspector_app.store import annotations, inspection_results, jobs
from inspector_app.store.project import Project

UseWorker = Callable[[str], None]
Ask = Callable[..., dict[str, Any]]
HOLE = Proposal("hole", 0.75, Box(4, 4, 12, 12))


@pytest.fixture
def naming_run(trained_project: Path, bundle: Path) -> str:
    """A run whose model tells holes from good parts; one that names nothing is newer."""
    with Project.open(trained_project) as project:
        first = jobs.runs(project)[0]
        card = jobs.run_folder(project, first) / "bundle" / "card.json"
        content = json.loads(card.read_text("utf-8"))
        card.write_text(json.dumps(content | {"classes": ["good", "hole"]}), encoding="utf-8")
        newer = jobs.add_run(project, model_kind="autoencoder", config={})
        jobs.update_run(project, newer.id, state=JobState.COMPLETED)
        shutil.copytree(bundle, jobs.run_folder(project, newer) / "bundle")
    return first.id


@pytest.fixture
def ask(
    use_worker: UseWorker,
    trained_project: Path,
    naming_run: str,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Ask the newest model that names defects; return the document for machines."""

    def answer(*words: str) -> dict[str, Any]:
        use_worker("judges")
        assert run(["propose", str(trained_project), *words, "--json"]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return answer


def test_that_images_without_regions_get_proposals_and_no_region(
    trained_project: Path, naming_run: str, ask: Ask
) -> None:
    told = ask()
    assert (told["run"], told["images"], told["proposals"]) == (naming_run, 11, {"hole": 2})
    with Project.open(trained_project) as project:
        [record] = jobs.inspections(project)
        results = inspection_results.results(project, record.id)
        assert [r.proposals for r in results if r.proposals] == [(HOLE,), (HOLE,)]
        assert len(annotations.images_with_regions(project)) == 3


def test_that_all_images_can_be_asked_about(ask: Ask) -> None:
    assert ask("--images", "all")["images"] == 14


def test_that_what_was_dismissed_does_not_count(trained_project: Path, ask: Ask) -> None:
    with Project.open(trained_project) as project:
        for record in project.images():
            step = UndoStep(record.id, "Dismiss", (DismissProposal(HOLE),))
            annotations.perform(project, step)
    told = ask()
    assert (told["images_with_proposals"], told["proposals"]) == (0, {})


def test_that_a_person_is_told_where_to_decide(
    use_worker: UseWorker,
    trained_project: Path,
    naming_run: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_worker("judges")
    assert run(["propose", str(trained_project), "--model", naming_run]) == 0
    said = capsys.readouterr().out
    assert "2 proposals on 2 of 11 images; decide in Annotate" in said


def test_that_nothing_is_asked_where_everything_is_drawn(trained_project: Path, ask: Ask) -> None:
    with Project.open(trained_project) as project, project.transaction() as connection:
        connection.execute("DELETE FROM images WHERE id NOT IN (SELECT image_id FROM regions)")
    assert ask()["inspection"] is None


def test_that_a_cancelled_run_keeps_what_was_said(
    use_worker: UseWorker, trained_project: Path, naming_run: str
) -> None:
    use_worker("is_cancelled")
    assert run(["propose", str(trained_project)]) == 130


def test_that_a_model_that_names_nothing_is_refused(
    trained_project: Path, naming_run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(trained_project) as project:
        [other] = [one.id for one in jobs.runs(project) if one.id != naming_run]
    assert run(["propose", str(trained_project), "--model", other]) == 2
    assert "does not name defects" in capsys.readouterr().err


def test_that_a_project_without_such_a_model_says_what_to_do(
    trained_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["propose", str(trained_project)]) == 2
    assert "no trained model that names defects" in capsys.readouterr().err
