"""Splits and their recipe in the database."""

import sqlite3
from pathlib import Path

import pytest

from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.splits import SplitRecipe
from inspector_app.store.project import Project
from inspector_app.store.splits import store_splits, stored_recipe


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "photos").mkdir()
    made = Project.create(tmp_path / "project", image_folder=tmp_path / "photos")
    made.add_images([ImageEntry(f"{name}.png", Split.NONE, "") for name in "abc"])
    return made


def test_that_splits_are_stored_with_their_recipe(project: Project) -> None:
    ids = [record.id for record in project.images()]
    recipe = SplitRecipe({Split.TRAIN: 2.0, Split.TEST: 1.0}, group_pattern="lot", seed=4)
    store_splits(project, {ids[0]: Split.TRAIN, ids[2]: Split.TEST}, recipe)
    assert [r.split for r in project.images()] == [Split.TRAIN, Split.NONE, Split.TEST]
    stored = stored_recipe(project)
    assert stored.pop("at").startswith("20")
    assert stored == {
        "from": "recipe",
        "fractions": {"train": 2.0, "test": 1.0},
        "group_pattern": "lot",
        "among": "all",
        "seed": 4,
    }


def test_that_the_folders_splits_need_no_recipe(project: Project) -> None:
    assert stored_recipe(project) == {}
    store_splits(project, {}, None)
    assert stored_recipe(project)["from"] == "folders"


def test_that_all_are_stored_or_none(project: Project) -> None:
    first, second, _ = (record.id for record in project.images())
    project.connection.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE OF split ON images "
        f"WHEN old.id = {second} BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        store_splits(project, {first: Split.TRAIN, second: Split.TRAIN}, None)
    assert {record.split for record in project.images()} == {Split.NONE}
    assert stored_recipe(project) == {}
