"""The splits of a project's images, and by which recipe they came about."""

import json
from collections.abc import Mapping
from typing import Any

from inspector_app.domain.dataset import Split
from inspector_app.domain.splits import SplitRecipe
from inspector_app.store.project import Project, utc_now

_RECIPE_KEY = "split_recipe"


def store_splits(
    project: Project, assigned: Mapping[int, Split], recipe: SplitRecipe | None
) -> None:
    """Give images (by id) their splits, all of them or none; keep the recipe for the audit.

    Without a recipe the splits are those of the folders.

    Raises:
        BadDataError: if the project is read-only.
        DiskFullError: if the disk is full; nothing has changed.
    """
    rows = [(split.value, image_id) for image_id, split in assigned.items()]
    with project.transaction() as connection:
        connection.executemany("UPDATE images SET split = ? WHERE id = ?", rows)
        project.set_meta(_RECIPE_KEY, json.dumps(_recipe_record(recipe)))


def stored_recipe(project: Project) -> dict[str, Any]:
    """Return shares, pattern, seed and moment of the last division, empty if there was none."""
    found: dict[str, Any] = json.loads(project.meta(_RECIPE_KEY, "{}"))
    return found


def _recipe_record(recipe: SplitRecipe | None) -> dict[str, Any]:
    if recipe is None:
        return {"from": "folders", "at": utc_now()}
    return {
        "from": "recipe",
        "fractions": {split.value: share for split, share in recipe.fractions.items()},
        "group_pattern": recipe.group_pattern,
        "among": recipe.among.value,
        "seed": recipe.seed,
        "at": utc_now(),
    }
