"""`inspector train`: a model trained, gone on with, or looked at first."""

import socket
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.application import JsonOption, ProjectArgument, application
from inspector_app.cli.console import Console
from inspector_app.cli.exit_codes import DONE, INTERRUPTED
from inspector_app.cli.training import TrainingOutcome, look, resume, train
from inspector_app.cli.training_team import join
from inspector_app.cli.worker_client import WorkerClient
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import TrainingTeam
from inspector_app.protocol.messages import TrainingPurpose
from inspector_app.services.check_wording import measured_text
from inspector_app.store.project import Project


@application.command("train")
def train_model(
    project: ProjectArgument,
    *,
    model: Annotated[
        str | None, typer.Option(help="The kind of model, e.g. autoencoder.", show_default=False)
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the model; repeatable."),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            help="Go on with a run that was cancelled, was interrupted or failed.",
            show_default=False,
        ),
    ] = None,
    devices: Annotated[int, typer.Option(min=1, help="GPUs of each host that learn together.")] = 1,
    nodes: Annotated[
        int, typer.Option(min=1, help="Hosts that learn together; see `inspector join`.")
    ] = 1,
    address: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Where other hosts find this one; by default its name and port 29500.",
            show_default=False,
        ),
    ] = "",
    is_check: Annotated[
        bool, typer.Option("--check", help="Only look at data, time and memory; train nothing.")
    ] = False,
    is_search: Annotated[
        bool, typer.Option("--find-rate", help="Only look for a good learning rate.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Train a model, or go on with a run; Ctrl-C ends it early and keeps what was reached."""
    if (model is None) == (run is None) or (run is not None and settings):
        raise BadDataError(
            "train: neither a model nor a run, or both",
            "give --model KIND with its settings, or --resume RUN alone",
        )
    console = Console(as_json=as_json)
    if model is not None and (is_check or is_search):
        purpose: TrainingPurpose = "find_rate" if is_search else "check"
        return _look_at_training(console, project, model, settings or [], purpose)
    with Project.open(project) as opened, WorkerClient() as worker:
        console.say(f"training {model or run} on {worker.hello.device}")
        if run is not None:
            outcome = resume(opened, worker, run, console)
        else:
            team = TrainingTeam(
                devices=devices, nodes=nodes, address=address or _address_of_this_host(nodes)
            )
            outcome = train(opened, worker, str(model), settings or [], console, team=team)
    _tell_training(outcome, console)
    return INTERRUPTED if outcome.is_cancelled else DONE


def _address_of_this_host(nodes: int) -> str:
    return f"{socket.gethostname()}:29500" if nodes > 1 else ""


@application.command("join")
def join_training(
    run_folder: Annotated[
        Path, typer.Argument(help="The run's folder, as this host sees it.", show_default=False)
    ],
    node: Annotated[int, typer.Option(min=1, help="Which of the hosts this is; the first is 0.")],
) -> int:
    """Learn along in a training that was started on another host with --nodes."""
    return join(run_folder, node)


def _look_at_training(
    console: Console, project: Path, model: str, settings: list[str], purpose: TrainingPurpose
) -> int:
    with Project.open(project) as opened, WorkerClient() as worker:
        ended = look(opened, worker, model, settings, console, purpose=purpose)
    if text := measured_text(ended.metrics):
        console.say(text)
    if "learning_rate" in ended.metrics:
        console.say(f"learning rate {ended.metrics['learning_rate']:.2g}")
    console.result({"outcome": ended.outcome, "metrics": dict(ended.metrics)})
    return INTERRUPTED if ended.outcome == "cancelled" else DONE


def _tell_training(outcome: TrainingOutcome, console: Console) -> None:
    console.say(
        f"{'cancelled' if outcome.is_cancelled else 'completed'} in {outcome.seconds:.0f} s"
    )
    console.show_table([(name, f"{value:.4g}") for name, value in outcome.metrics.items()])
    console.say(f"run    {outcome.run_folder}")
    console.say(f"model  {outcome.bundle_folder or 'none: no epoch was finished'}")
    console.result(
        {
            "run": outcome.run_id,
            "run_folder": str(outcome.run_folder),
            "bundle": str(outcome.bundle_folder) if outcome.bundle_folder else None,
            "outcome": "cancelled" if outcome.is_cancelled else "completed",
            "metrics": dict(outcome.metrics),
            "seconds": outcome.seconds,
        }
    )
