"""Faults of memory and disk, turned into sentences for the operator."""

import contextlib
import errno
from collections.abc import Iterator

import torch

from inspector_app.domain.errors import BadDataError, DiskFullError, OutOfMemoryError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
# torch's CPU allocator raises a bare RuntimeError; its text is all there is to know it by.
_CPU_ALLOCATOR = ("DefaultCPUAllocator", "not enough memory", "can't allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether the GPU's or the host's memory ran out."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _CPU_ALLOCATOR)


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
