"""`inspector study`: several trainings that answer one question."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application
from inspector_app.cli.assignments import parse_assignments
from inspector_app.cli.cluster import Cluster
from inspector_app.cli.cluster_study import run_study_on
from inspector_app.cli.console import Console
from inspector_app.cli.exit_codes import DONE, INTERRUPTED
from inspector_app.cli.studying import run_study
from inspector_app.cli.training import model_card
from inspector_app.cli.tried_values import tried_settings
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.study import StudyOutcome, StudyPlan
from inspector_app.domain.study_templates import TEMPLATES, sweep
from inspector_app.services.studies import Study, add_study, studies, study_outcome
from inspector_app.services.studies import study as find_study
from inspector_app.services.study_export import (
    conclusion,
    estimate_text,
    study_document,
    write_study_csv,
    write_study_page,
)
from inspector_app.store import jobs
from inspector_app.store.project import Project

_SWEEP = "sweep"
_COLUMNS = ("accuracy", "macro_recall", "tail_recall", "image_auroc", "dice", "map50", "seconds")


@application.command("study")
def study_settings(
    project: ProjectArgument,
    what: Annotated[
        str,
        typer.Argument(
            help=f"{' | '.join(TEMPLATES)} | {_SWEEP}, or a study to go on with; "
            "without it the studies are listed.",
            show_default=False,
        ),
    ] = "",
    *,
    model: Annotated[str, typer.Option(help="Of a sweep: the kind of model.")] = "classifier",
    tried: Annotated[
        list[str] | None,
        typer.Option("--try", metavar="KEY=A,B|LOW..HIGH", help="Of a sweep: what is tried."),
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, help="Of a sweep: so many random combinations, not all.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of the random combinations.")] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of all trainings; repeatable."),
    ] = None,
    repeats: Annotated[
        int | None, typer.Option(min=1, help="How often each is trained: folds, or seeds.")
    ] = None,
    is_shown_only: Annotated[
        bool, typer.Option("--show", help="Train nothing; tell what is known of a study.")
    ] = False,
    ray: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Train on a Ray cluster that sees the project at the same path: auto, "
            "HOST:PORT of its head, or ray://HOST:PORT.",
            show_default=False,
        ),
    ] = "",
    ray_cpus: Annotated[
        int, typer.Option(min=1, help="Processors of each training on the cluster.")
    ] = 1,
    table: Annotated[Path | None, typer.Option("--csv", help="Write the table here, too.")] = None,
    page: Annotated[
        Path | None, typer.Option("--html", help="Write table and conclusions as a page, too.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Train and compare: a ready-made question, or a sweep over settings of any model."""
    console = Console(as_json=as_json)
    with Project.open(project) as opened:
        if not what:
            _list_studies(opened, console)
            return DONE
        if what in TEMPLATES or what == _SWEEP:
            with WorkerClient() as worker:
                schema = model_card(worker, model if what == _SWEEP else "classifier").config_schema
            shared = parse_assignments(settings or [], schema)
            plan: StudyPlan
            if what == _SWEEP:
                found = tried_settings(tried or [], schema, draw_count=draws, seed=seed)
                plan = sweep(model, found, repeats=repeats or 1, shared=shared)
            else:
                plan = TEMPLATES[what].plan(repeats, shared)
            chosen = add_study(opened.folder, plan)
        else:
            chosen = _find(opened, what)
        console.say(f"{chosen.id}: {chosen.plan.question}")
        is_finished = is_shown_only or _train(opened, chosen, console, ray, ray_cpus)
        _conclude(opened, chosen, console, table=table, page=page)
        return DONE if is_finished else INTERRUPTED


def _train(project: Project, study: Study, console: Console, address: str, cpus: int) -> bool:
    if not address:
        return run_study(project, study, console)
    with Cluster(address, cpus=cpus) as cluster:
        return run_study_on(cluster, project, study, console)


def _conclude(
    project: Project, study: Study, console: Console, *, table: Path | None, page: Path | None
) -> None:
    study = find_study(project.folder, study.id)
    outcome = study_outcome(project.folder, study, jobs.runs(project))
    if table is not None:
        write_study_csv(table, outcome)
    if page is not None:
        write_study_page(page, outcome, project.name)
    _tell(study, outcome, console)


def _find(project: Project, name: str) -> Study:
    try:
        return find_study(project.folder, name)
    except BadDataError as error:
        questions = f"or a question: {', '.join([*TEMPLATES, _SWEEP])}"
        raise BadDataError(error.message, f"{error.hint}; {questions}") from error


def _list_studies(project: Project, console: Console) -> None:
    known, faults = studies(project.folder)
    for each in known:
        begun = sum(run is not None for run in each.runs)
        console.say(f"{each.id}  {begun} of {len(each.runs)} trainings  {each.plan.question}")
    if not known:
        console.say("no studies yet; ready-made questions:")
        rows = [(key, template.question) for key, template in TEMPLATES.items()]
        console.show_table(rows)
    console.remark(faults)
    console.result({"studies": [each.id for each in known], "templates": list(TEMPLATES)})


def _tell(study: Study, outcome: StudyOutcome, console: Console) -> None:
    columns = [name for name in _COLUMNS if name in outcome.figures]
    rows: list[tuple[str, Sequence[str]]] = [("", columns)]
    for each in outcome.outcomes:
        cells = [estimate_text(each.figures.get(name)) for name in columns]
        rows.append((each.variant.name, cells))
    widths = [max(len(cells[place]) for _, cells in rows) for place in range(len(columns))]
    console.show_table(
        [
            (name, "  ".join(f"{cell:<{w}}" for cell, w in zip(cells, widths, strict=True)))
            for name, cells in rows
        ]
    )
    for standing in outcome.standings:
        console.say(conclusion(standing, outcome))
    console.remark(_remarks(outcome))
    console.result({"id": study.id, "runs": list(study.runs), **study_document(outcome)})


def _remarks(outcome: StudyOutcome) -> list[str]:
    wanted = len(outcome.plan.repeats)
    return [
        *(
            f"{each.variant.name}: {len(each.results)} of {wanted} trainings came to their end"
            for each in outcome.outcomes
            if len(each.results) < wanted
        ),
        *(
            f"{each.variant.name} never learned: {', '.join(each.never_learned)}"
            for each in outcome.outcomes
            if each.never_learned
        ),
    ]
