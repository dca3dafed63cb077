"""File writes that leave either the old file or the new one, never half of one."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from inspector_app.domain.errors import BadDataError, DiskFullError


@contextlib.contextmanager
def known_write_errors(target: Path) -> Iterator[None]:
    """Turn operating-system errors of a write into sentences that name the target.

    Raises:
        DiskFullError: if the disk or the quota is full.
        BadDataError: if the target cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(
                f"{target}: the disk is full", "free some space and try again"
            ) from error
        raise BadDataError(
            f"{target}: cannot be written ({error.strerror})", "choose another folder"
        ) from error


def write_atomically(target: Path, data: bytes) -> None:
    """Replace `target` by `data`: written beside, flushed to disk, renamed.

    Raises:
        DiskFullError, BadDataError: see `known_write_errors`; the old file is untouched.
    """
    with known_write_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp gives 0600; other people of the shop floor must be able to read.
            temporary.chmod(0o644)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_text_atomically(target: Path, text: str) -> None:
    """Like `write_atomically`, as UTF-8."""
    write_atomically(target, text.encode("utf-8"))
