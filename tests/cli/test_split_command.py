"""`inspector split`: what it says, what it stores, what it leaves alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from inspector_app.cli.main import run
from inspector_app.domain.dataset import Split
from inspector_app.store.project import Project
from inspector_app.store.splits import stored_recipe


def splits_of(folder: Path) -> dict[str, Split]:
    with Project.open(folder) as project:
        return {record.relative_path: record.split for record in project.images()}


def test_that_images_are_divided_and_the_recipe_kept(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--train", "50", "--val", "0", "--test", "50", "--seed", "7", "--json"]
    assert run(["split", str(project_folder), *words]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    told = {name: sum(counts.values()) for name, counts in document["types"].items()}
    splits = splits_of(project_folder)
    assert sum(told.values()) == len(splits) == 14
    assert set(splits.values()) == {Split.TRAIN, Split.TEST}
    with Project.open(project_folder) as project:
        assert stored_recipe(project)["seed"] == 7


def test_that_a_dry_run_changes_nothing(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = splits_of(project_folder)
    assert run(["split", str(project_folder), "--dry-run"]) == 0
    assert "would change" in capsys.readouterr().out
    assert splits_of(project_folder) == before


def test_that_the_folders_can_be_asked_again(project_folder: Path) -> None:
    before = splits_of(project_folder)
    run(["split", str(project_folder), "--train", "100", "--val", "0", "--test", "0"])
    assert splits_of(project_folder) != before
    assert run(["split", str(project_folder), "--as-folders"]) == 0
    assert splits_of(project_folder) == before


def test_that_images_outside_every_lot_are_named(
    project_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["split", str(project_folder), "--group", "no such lot", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["not_in_a_lot"]) == splits_of(project_folder).keys()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--group", "("], "not a regular expression"),
        (["--among", "some"], "choose from"),
        (["--train", "0", "--val", "0", "--test", "0"], "share"),
        (["--among", "without"], "no image to divide"),
    ],
)
def test_that_what_makes_no_sense_is_refused(
    project_folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    before = splits_of(project_folder)
    assert run(["split", str(project_folder), *words]) == 2
    assert reason in capsys.readouterr().err
    assert splits_of(project_folder) == before
