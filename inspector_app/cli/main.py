"""From arguments to an exit code: 0 done, 1 a bug, 2 something to put right, 130 interrupted."""

import logging
import sys
from collections.abc import Sequence

import typer
from typer.main import get_command

from inspector_app.cli import (
    adapt_command,
    commands,
    dataset_commands,
    propose_command,
    runs_command,
    study_command,
    train_command,
    weights_commands,
)
from inspector_app.cli.application import application
from inspector_app.cli.exit_codes import BUG, DONE, TO_PUT_RIGHT
from inspector_app.cli.log import log_file, logging_to_file
from inspector_app.domain.errors import KnownError

PROGRAM = "inspector"

COMMAND_MODULES = (
    commands,
    train_command,
    dataset_commands,
    propose_command,
    adapt_command,
    runs_command,
    study_command,
    weights_commands,
)
"""Imported for their commands, which enter the application as they are defined."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; every failure is one line on stderr."""
    with logging_to_file():
        return _run(list(arguments))


def command_names() -> frozenset[str]:
    return frozenset(getattr(get_command(application), "commands", {}))


def _run(arguments: list[str]) -> int:
    try:
        # Ctrl-C comes back as code 130; a closed output pipe ends the process.
        code = application(arguments, prog_name=PROGRAM, standalone_mode=False)
    except KnownError as error:
        logging.getLogger(__name__).info("refused: %s", error, exc_info=error)
        return _fail(str(error), TO_PUT_RIGHT)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else PROGRAM
        return _fail(f"{error.format_message()} — see: {command} --help", TO_PUT_RIGHT)
    except Exception as error:  # the process boundary: everything else is a bug
        logging.getLogger(__name__).exception("bug")
        cause = f"{type(error).__name__}: {error}"
        return _fail(f"internal error ({cause}) — the details are in {log_file()}", BUG)
    return code if isinstance(code, int) else DONE


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"{PROGRAM}: {' '.join(message.split())}\n")
    return code
