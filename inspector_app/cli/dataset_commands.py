"""The commands on a data set as a whole: what is in it, and how it is divided."""

import json
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application, choose_from
from inspector_app.cli.console import Console
from inspector_app.domain.dataset import Split
from inspector_app.domain.splits import (
    Among,
    SplitPlan,
    SplitRecipe,
    plan_from_folders,
    plan_splits,
)
from inspector_app.services.dataset_survey import survey_dataset
from inspector_app.services.lots import find_lots_in_time
from inspector_app.services.opening import REMARKS_KEY
from inspector_app.services.report.dataset_page import findings, write_dataset_page
from inspector_app.store.project import Project
from inspector_app.store.splits import store_splits

_AMONG = {"all": Among.ALL, "without": Among.WITHOUT_SPLIT, "not-test": Among.NOT_TEST}


@application.command("report")
def describe_dataset(
    project: ProjectArgument,
    out: Annotated[Path, typer.Option("--out", help="The HTML file to write.")],
    as_json: JsonOption = False,
) -> None:
    """Describe the data set: types and splits, sizes, masks, duplicates, what is wrong with it."""
    console = Console(as_json=as_json)
    with Project.open(project) as opened:
        remarks = json.loads(opened.meta(REMARKS_KEY, "[]"))
        with console.progress("images") as progress:
            survey = survey_dataset(opened, remarks, progress=progress)
        write_dataset_page(out, survey, name=opened.image_folder.name)
    found = {title: entries for title, _, entries in findings(survey) if entries}
    console.say(f"{out}: {len(survey.images)} images, {len(survey.types)} types")
    for title, entries in found.items():
        console.say(f"  {title}: {len(entries)}")
    console.result(
        {
            "report": str(out.resolve()),
            "images": len(survey.images),
            "types": {kind: dict(counts) for kind, counts in survey.types.items()},
            "sizes": {f"{w}x{h}": count for (w, h), count in survey.sizes.items()},
            "findings": found,
        }
    )


@application.command("split")
def divide_dataset(
    project: ProjectArgument,
    *,
    train: Annotated[float, typer.Option(min=0, help="Share of the training images.")] = 70,
    val: Annotated[float, typer.Option(min=0, help="Share held out for thresholds.")] = 15,
    test: Annotated[float, typer.Option(min=0, help="Share kept for testing.")] = 15,
    group: Annotated[
        str,
        typer.Option(
            help="Regular expression on the path; images in which it finds the same stay together."
        ),
    ] = "",
    among: Annotated[
        str, typer.Option(help=f"Which images are divided: {' | '.join(_AMONG)}.")
    ] = "all",
    seed: Annotated[int, typer.Option(help="Other numbers give other divisions.")] = 0,
    as_folders: Annotated[
        bool, typer.Option("--as-folders", help="Go back to what MVTec's folders say.")
    ] = False,
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be; change nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Divide the images into train, val and test: each type in proportion, lots kept whole."""
    choose_from(list(_AMONG), "--among", among)
    console = Console(as_json=as_json)
    shares = {Split.TRAIN: train, Split.VALIDATION: val, Split.TEST: test}
    recipe = None if as_folders else SplitRecipe(shares, group, _AMONG[among], seed)
    with Project.open(project) as opened:
        records = opened.images()
        plan = (
            plan_splits(records, recipe, find_lots_in_time)
            if recipe
            else plan_from_folders(records)
        )
        if not is_dry_run:
            store_splits(opened, plan.assigned, recipe)
    _tell_division(plan, console, is_dry_run=is_dry_run)


def _tell_division(plan: SplitPlan, console: Console, *, is_dry_run: bool) -> None:
    splits = [split for split in Split if any(counts.get(split) for counts in plan.counts.values())]
    heads = ("", " ".join(f"{split.value:>8}" for split in splits))
    rows = [
        (name, " ".join(f"{counts.get(split, 0):>8}" for split in splits))
        for name, counts in sorted(plan.counts.items())
    ]
    console.show_table([heads, *rows])
    would = "would change" if is_dry_run else "changed"
    console.say(
        f"{plan.moved_count} images {would} their split; {plan.group_count} lots kept whole"
    )
    remarks = [f"{path}: not in any lot" for path in plan.ungrouped]
    if plan.straddling_count:
        remarks.append(f"lots in several splits through images left alone: {plan.straddling_count}")
    console.remark(remarks)
    console.result(
        {
            "types": {
                name: {split.value: counts.get(split, 0) for split in splits}
                for name, counts in plan.counts.items()
            },
            "moved": plan.moved_count,
            "lots": plan.group_count,
            "straddling": plan.straddling_count,
            "not_in_a_lot": list(plan.ungrouped),
        }
    )
