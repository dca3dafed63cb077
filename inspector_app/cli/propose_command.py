"""`inspector propose`: have a trained model propose regions, to be decided on in the window."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application, choose_from
from inspector_app.cli.console import Console
from inspector_app.cli.exit_codes import DONE, INTERRUPTED
from inspector_app.cli.inspecting import (
    ChosenModel,
    Inspected,
    inspect_in_project,
    model_of_project,
)
from inspector_app.cli.training import train_with
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.proposals import Scope, still_open
from inspector_app.services.job_files import inspection_items_of_images
from inspector_app.services.words import (
    WORDS_KIND,
    refuse_without_weights,
    run_for_words,
    words_config,
)
from inspector_app.store import annotations, jobs
from inspector_app.store.project import Project

_SCOPES = (Scope.UNMARKED.value, Scope.ALL.value)


@application.command("propose")
def propose(
    project: ProjectArgument,
    model: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="The run whose model is asked; the newest by default."),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help="Look for what these words name, separated by commas, without a training; "
            "needs the weights of YOLO-World L and CLIP.",
        ),
    ] = None,
    images: Annotated[
        str, typer.Option(help="“unmarked”: those without regions; “all”.")
    ] = Scope.UNMARKED.value,
    as_json: JsonOption = False,
) -> int:
    """Have a trained model propose regions, or words; nothing is drawn before it is accepted."""
    choose_from(_SCOPES, "--images", images)
    if text is not None and model is not None:
        raise BadDataError("propose: both --model and --text", "give one of them")
    console = Console(as_json=as_json)
    with Project.open(project) as opened:
        chosen = None if text is not None else _naming_model(opened, model)
        items = inspection_items_of_images(opened, _image_ids(opened, Scope(images)))
        if not items:
            console.say(f"{project}: every image has regions already; nothing was asked")
            console.result(_document(chosen, None, []))
            return DONE
        if chosen is None:
            refuse_without_weights()
        with WorkerClient() as worker:
            if chosen is None:
                chosen = _model_for_words(opened, str(text), worker, console)
            inspected = inspect_in_project(
                opened, chosen, items, source=images, worker=worker, console=console
            )
        open_names = _open_names(opened, inspected.results)
    _tell(project, inspected, open_names, console)
    console.result(_document(chosen, inspected, open_names))
    return INTERRUPTED if inspected.is_cancelled else DONE


def _naming_model(project: Project, run_id: str | None) -> ChosenModel:
    """Return the model of a run that names defects.

    Raises:
        BadDataError: if there is no such run, or its model tells good from bad only.
    """
    chosen = model_of_project(project, run_id, is_naming=run_id is None)
    if not chosen.card.classes:
        raise BadDataError(
            f"{run_id}: {chosen.card.title} does not name defects",
            "choose a run of a U-Net, a classifier or a detector",
        )
    return chosen


def _model_for_words(
    project: Project, text: str, worker: WorkerClient, console: Console
) -> ChosenModel:
    """Return the model that looks for words; it is made once for the same ones.

    Raises:
        KnownError: if there is no word, or the weights that words need are missing.
    """
    config = words_config(text)
    run = run_for_words(jobs.runs(project), config)
    if run is not None:
        return model_of_project(project, run.id)
    outcome = train_with(project, worker, WORDS_KIND, config, console)
    return model_of_project(project, outcome.run_id)


def _image_ids(project: Project, scope: Scope) -> list[int]:
    marked = annotations.images_with_regions(project) if scope is Scope.UNMARKED else set()
    return [record.id for record in project.images() if record.id not in marked]


def _open_names(project: Project, results: Sequence[ResultRecord]) -> list[list[str]]:
    """Return, of each image, the names of the proposals that nobody has decided on."""
    ids = {str(project.image_path(one)): one.id for one in project.images()}
    names = {one.id: one.name for one in project.classes()}
    found = []
    for result in results:
        document = annotations.load_document(project, ids[result.image_path])
        standings = still_open(result.proposals, document.regions, document.dismissed, names)
        found.append([standing.proposal.class_name or "defect" for standing in standings])
    return found


def _tell(
    project: Path, inspected: Inspected, open_names: Sequence[Sequence[str]], console: Console
) -> None:
    count, images = sum(map(len, open_names)), sum(map(bool, open_names))
    console.say(
        f"{project}: {count} proposals on {images} of {len(open_names)} images; "
        "decide in Annotate, with the tool “Proposals of a model” (Y)"
    )
    by_name = Counter(name for names in open_names for name in names)
    console.show_table([(name, str(number)) for name, number in by_name.most_common()])
    console.remark([f"{r.image_path}: {r.error}" for r in inspected.results if r.error])


def _document(
    chosen: ChosenModel | None, inspected: Inspected | None, open_names: Sequence[Sequence[str]]
) -> dict[str, object]:
    return {
        "run": chosen.run_id if chosen else None,
        "inspection": inspected.inspection_id if inspected else None,
        "images": len(open_names),
        "images_with_proposals": sum(map(bool, open_names)),
        "proposals": dict(Counter(name for names in open_names for name in names)),
        "unreadable": sum(bool(r.error) for r in inspected.results) if inspected else 0,
        "outcome": "cancelled" if inspected and inspected.is_cancelled else "completed",
    }
