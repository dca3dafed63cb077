"""An operator's pattern tried in a process of its own: it can be ended, a thread could not.

While Python searches for a pattern, no other thread of the process runs.
"""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.domain.lots import find_lots

_LIMIT_S = 2.0
"""A sensible pattern takes 0.2 s for 100,000 paths."""
_START_LIMIT_S = 60.0


def find_lots_in_time(pattern: str, paths: Sequence[str]) -> list[str | None]:
    """Return what `find_lots` does; for pool threads and the command line.

    Raises:
        BadDataError: also if the pattern takes too long.
    """
    # A forked process would hold the window's locks as they were.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send((pattern, list(paths)))
        _receive(ours, _START_LIMIT_S)
        answer = _receive(ours, _LIMIT_S)
    except TimeoutError as error:
        raise BadDataError(
            f"{pattern}: takes too long to be found in the paths",
            "avoid repetitions within repetitions, such as (a+)+",
        ) from error
    except (EOFError, OSError) as error:
        raise BadDataError(
            f"{pattern}: the process that tried it ended ({error})", "try again"
        ) from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(answer, KnownError):
        raise BadDataError(answer.message, answer.hint)
    found: list[str | None] = answer
    return found


def _receive(connection: Connection, limit_s: float) -> Any:
    if not connection.poll(limit_s):
        raise TimeoutError
    return connection.recv()


def _answer(connection: Connection) -> None:
    """Run in the other process: say that all is there, then what was found."""
    pattern, paths = connection.recv()
    connection.send("begun")
    try:
        answer: object = find_lots(pattern, paths)
    except KnownError as error:
        answer = error
    connection.send(answer)
