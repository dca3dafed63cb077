"""How a job's end becomes an exception and a row in the database."""

import contextlib
from collections.abc import Callable, Iterator

from inspector_app.cli.worker_client import WorkerLostError
from inspector_app.domain.errors import BugError, KnownError
from inspector_app.domain.jobs import JobState
from inspector_app.protocol.messages import JobEnded


def raise_failure(ended: JobEnded) -> None:
    """Raise what a failed job has said; other outcomes pass.

    Raises:
        KnownError: with the worker's remedy.
        BugError: if it was a bug; the worker's log has the traceback.
    """
    if ended.outcome != "failed":
        return
    if ended.error_kind == "bug":
        raise BugError(ended.error)
    raise KnownError(ended.error, ended.hint)


@contextlib.contextmanager
def record_end(update: Callable[[JobState, str], None]) -> Iterator[None]:
    """Enter a job that ends with an exception as failed or interrupted, and let it rise."""
    try:
        yield
    except WorkerLostError as error:
        update(JobState.INTERRUPTED, str(error))
        raise
    except Exception as error:
        update(JobState.FAILED, str(error))
        raise
    except BaseException:
        update(JobState.INTERRUPTED, "Interrupted on the command line.")
        raise
