"""`inspector adapt`: the click model learns from a project's regions, or goes back."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application
from inspector_app.cli.console import Console
from inspector_app.cli.exit_codes import DONE, INTERRUPTED
from inspector_app.cli.training import Watch, work
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.protocol.adapting import ADAPTED_FILES
from inspector_app.protocol.messages import JobEnded
from inspector_app.services.adapted_files import (
    forget_adapted,
    keep_adapted,
    write_click_regions,
)
from inspector_app.store.project import CLICK_MODEL_FOLDER, Project

_CLICKS = (1, 3, 5)


@application.command("adapt")
def adapt_click_model(
    project: ProjectArgument,
    *,
    is_forgotten: Annotated[
        bool, typer.Option("--forget", help="Go back to the program's own click model.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Adapt the click model to a project; kept only if held-out regions are outlined better."""
    console = Console(as_json=as_json)
    with Project.open(project) as opened:
        folder = opened.folder / CLICK_MODEL_FOLDER
        if is_forgotten:
            forget_adapted(folder)
            console.say("clicks are answered by the program's own model")
            console.result({"outcome": "forgotten"})
            return DONE
        ended = _adapt(opened, folder, console)
    console.result({"outcome": ended.outcome, "metrics": dict(ended.metrics)})
    if ended.outcome == "cancelled":
        console.say("cancelled; the click model is as it was")
        return INTERRUPTED
    _tell(ended, console)
    return DONE


def _adapt(project: Project, folder: Path, console: Console) -> JobEnded:
    with tempfile.TemporaryDirectory(prefix="inspector-adapt-") as name, WorkerClient() as worker:
        job_folder = Path(name)
        write_click_regions(project, job_folder)
        ended = work(worker, "adapt", job_folder, console, purpose="adapt_clicks", watch=Watch())
        if ended.metrics.get("is_kept"):
            contents = {name: (job_folder / name).read_bytes() for name in ADAPTED_FILES}
            keep_adapted(folder, contents)
    return ended


def _tell(ended: JobEnded, console: Console) -> None:
    figures = ended.metrics
    rows = [
        (
            f"IoU after {clicks} click{'' if clicks == 1 else 's'}",
            f"{figures[f'before_{clicks}']:.3f} → {figures[f'after_{clicks}']:.3f}",
        )
        for clicks in _CLICKS
    ]
    console.show_table(rows)
    held_out, learned = int(figures["held_out"]), int(figures["learned"])
    kept = "kept" if figures["is_kept"] else "discarded: it is no better"
    console.say(f"{kept}; learned from {learned} regions, compared on {held_out} others")
