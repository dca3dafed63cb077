"""The program's commands as one Typer application, and what several of them take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.domain.errors import BadDataError

application = typer.Typer(
    help="Annotate defects, train on good parts, inspect folders. "
    "Without a command, or with a folder, the window opens.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ProjectArgument = Annotated[Path, typer.Argument(help="The project's folder.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Give one JSON document on stdout.")]


def choose_from(choices: Sequence[str], option: str, value: str) -> None:
    """Refuse what is not among the choices."""
    if value not in choices:
        raise BadDataError(f"{option} {value}: unknown", f"choose from: {', '.join(choices)}")
