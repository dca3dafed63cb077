"""What the last inspection said of the project's images."""

import math
from pathlib import Path

import pytest

from inspector_app.domain.jobs import ResultRecord
from inspector_app.store import inspection_results, jobs
from inspector_app.store.content import read_content
from inspector_app.store.judgements import last_judgements, newest_results, results_of
from inspector_app.store.project import Project


def inspect(project: Project, scores: dict[Path, float]) -> str:
    record = jobs.add_inspection(project, run_id="run", source="test", threshold=0.5)
    results = [
        ResultRecord(str(path), None, "", score, "", 0.0, 0.0, "") for path, score in scores.items()
    ]
    inspection_results.add_results(project, record.id, results)
    return record.id


def test_that_nothing_is_judged_before_an_inspection(project: Project) -> None:
    assert last_judgements(project) == {}


def test_that_scores_are_set_against_the_threshold_in_force(project: Project) -> None:
    folder = project.image_folder
    inspection = inspect(
        project, {folder / "a.png": 0.5, folder / "sub" / "b.png": 0.4, folder / "c.png": math.nan}
    )
    assert last_judgements(project) == {"a.png": True, "sub/b.png": False}
    jobs.set_threshold(project, inspection, 0.3)
    assert last_judgements(project) == {"a.png": True, "sub/b.png": True}


def test_that_an_inspection_of_another_folder_is_passed_over(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspect(project, {project.image_folder / "a.png": 0.9})
    inspect(project, {tmp_path / "elsewhere" / "a.png": 0.1})
    assert last_judgements(project) == {"a.png": True}


def test_that_every_image_is_judged_by_its_newest_inspection(project: Project) -> None:
    folder = project.image_folder
    inspect(project, {folder / "a.png": 0.9, folder / "sub" / "b.png": 0.9})
    inspect(project, {folder / "a.png": 0.1})
    assert last_judgements(project) == {"a.png": False, "sub/b.png": True}


def test_that_a_project_s_lists_are_read_together(project: Project) -> None:
    content = read_content(project)
    assert content.images == project.images()
    assert content.classes == project.classes()
    assert content.counts.total == len(content.images)
    assert content.image_folder == project.image_folder
    assert (content.done, content.undone) == ([], [])


def test_that_the_newest_result_of_each_image_is_found(project: Project) -> None:
    folder = project.image_folder
    a, b, c = folder / "a.png", folder / "sub" / "b.png", folder / "c.png"
    inspect(project, {a: 0.1, b: 0.2})
    newer = inspect(project, {a: 0.3, b: math.nan})
    unwanted = inspect(project, {a: 0.4, c: 0.5})
    found = newest_results(project, lambda inspection: inspection.id != unwanted)
    assert {path: result.score for path, (_, result) in found.items()} == {str(a): 0.3, str(b): 0.2}
    assert found[str(a)][0].id == newer


def test_that_results_of_an_image_come_newest_first(project: Project) -> None:
    path = str(project.image_folder / "a.png")
    names = [_inspect_with_heatmap(project, path, heatmap) for heatmap in ("0.png", "1.png")]
    inspect(project, {project.image_folder / "b.png": 0.4})
    found = [(record.id, result.heatmap_file) for record, result in results_of(project, path)]
    assert found == [(names[1], "1.png"), (names[0], "0.png")]


def _inspect_with_heatmap(project: Project, path: str, heatmap: str) -> str:
    record = jobs.add_inspection(project, run_id="run", source="test", threshold=0.5)
    result = ResultRecord(path, None, "", 0.4, heatmap, 1.0, 0.0, "")
    inspection_results.add_results(project, record.id, [result])
    return record.id
