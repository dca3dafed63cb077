"""Faults of memory and disk, turned into sentences for the operator."""

import contextlib
import errno
from collections.abc import Iterator

from inspector_app.domain.errors import BadDataError, DiskFullError, OutOfMemoryError
from training.memory import is_out_of_memory

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextlib.contextmanager
def known_faults(doing: str, *, memory_hint: str) -> Iterator[None]:
    """Turn faults of memory and disk in the body into errors with a remedy.

    Raises:
        OutOfMemoryError, DiskFullError: see there.
        BadDataError: if a file cannot be read or written for another reason.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(f"{doing}: memory ran out", memory_hint) from error
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        if error.errno in _DISK_FULL:
            raise DiskFullError(
                f"{name}the disk is full", "free some space and start again"
            ) from error
        raise BadDataError(
            f"{name}{error.strerror or error}", "check the folder and its permissions"
        ) from error
