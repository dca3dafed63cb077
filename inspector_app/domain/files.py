"""The state of files, and writes that leave either the old one or the new one."""

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.domain.tiff_pages import file_and_page


def state_key(path: Path) -> str:
    """Return a name for a file (or a page of it) as it is now; another content gets another one.

    Raises:
        BadDataError: if the file is gone.
    """
    try:
        status = file_and_page(path)[0].stat()
    except OSError as error:
        raise BadDataError(
            f"{path}: the file is no longer there", "put it back, or connect its drive"
        ) from error
    text = f"{path.absolute()}\0{status.st_mtime_ns}\0{status.st_size}"
    return hashlib.sha1(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


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
