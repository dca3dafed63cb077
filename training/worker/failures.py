"""Errors as data."""

import errno
import logging
import traceback
from dataclasses import dataclass

from inspector_app.domain.errors import ErrorKind, KnownError
from inspector_app.protocol.messages import ErrorName
from training.memory import is_out_of_memory

_log = logging.getLogger(__name__)

_NAMES: dict[ErrorKind, ErrorName] = {
    ErrorKind.OUT_OF_MEMORY: "out_of_memory",
    ErrorKind.BAD_DATA: "bad_data",
    ErrorKind.MISSING_WEIGHTS: "missing_weights",
    ErrorKind.DISK_FULL: "disk_full",
    ErrorKind.BUG: "bug",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What an event says of an error."""

    kind: ErrorName
    text: str
    hint: str = ""


def describe_failure(error: BaseException) -> Failure:
    """Return the operator's side of an error; a bug is named only, its story is in the log."""
    if isinstance(error, KnownError):
        return Failure(_NAMES[error.kind], error.message, error.hint)
    if is_out_of_memory(error):
        return Failure(
            "out_of_memory",
            "the memory was not enough",
            "close other programs, or choose a smaller image size or batch",
        )
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        where = f" while writing {error.filename}" if error.filename else ""
        return Failure("disk_full", f"the disk is full{where}", "free some space and start again")
    return Failure("bug", traceback.format_exception_only(error)[-1].strip())


def log_failure(what: str, error: BaseException) -> None:
    """Write an error to the log: in a line if the operator is told all of it, else in full."""
    if isinstance(error, KnownError):
        _log.warning("%s: %s", what, error)
    else:
        _log.error("%s", what, exc_info=error)
