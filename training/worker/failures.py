"""Errors as data."""

import errno
import traceback
from dataclasses import dataclass

from inspector_app.domain.errors import ErrorKind, KnownError
from inspector_app.protocol.messages import ErrorName
from training.memory import is_out_of_memory


@dataclass(frozen=True, slots=True)
class Failure:
    """What an event says of an error."""

    kind: ErrorName
    text: str
    hint: str = ""


def describe_failure(error: BaseException) -> Failure:
    """Return the operator's side of an error; a bug is named only, its story is in the log."""
    if isinstance(error, KnownError):
        return Failure(error.kind.value, error.message, error.hint)
    if is_out_of_memory(error):
        return Failure(
            ErrorKind.OUT_OF_MEMORY.value,
            "the memory was not enough",
            "close other programs, or choose a smaller image size or batch",
        )
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        where = f" while writing {error.filename}" if error.filename else ""
        return Failure(
            ErrorKind.DISK_FULL.value, f"the disk is full{where}", "free some space and start again"
        )
    return Failure(ErrorKind.BUG.value, traceback.format_exception_only(error)[-1].strip())
