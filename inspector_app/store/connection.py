"""One program writes a project at a time: the lock, and the connection that follows from it."""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from inspector_app.domain.errors import BadDataError, BugError

if TYPE_CHECKING:
    import filelock

_LOCK_FILE = "project.lock"
_SQLITE_IOERR = 10
_SQLITE_FULL = 13


def load_locking() -> None:
    """Load what the first `try_lock` of a process would have to load."""
    # Not when this module is: it brings asyncio along, a tenth of a second of the program's start.
    import filelock  # noqa: F401, PLC0415


def try_lock(folder: Path) -> "filelock.FileLock | None":
    """Return the project's lock, or None where another program holds it or nothing can be written.

    Raises:
        BadDataError: if the folder can be written but not locked.
    """
    import filelock  # noqa: PLC0415  (see `load_locking`)

    # Not bound to a thread: the window opens a project in one and closes it in another.
    lock = filelock.FileLock(folder / _LOCK_FILE, timeout=0, is_singleton=False, thread_local=False)
    try:
        lock.acquire()
    except (filelock.Timeout, PermissionError, NotImplementedError):
        return None
    except OSError as error:
        if os.access(folder, os.W_OK):
            raise BadDataError(
                f"{folder}: cannot be locked ({error})", "check the drive"
            ) from error
        return None
    return lock


def connect(path: Path, mode: str, *, timeout_s: float) -> sqlite3.Connection:
    """Return a connection whose transactions are begun and ended by hand.

    Args:
        mode: what SQLite's URI takes: ``ro``, ``rw``, ``rwc``, with further parameters after ``&``.
    """
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=timeout_s,
        check_same_thread=False,
    )


def mode_on_read_only_medium(path: Path) -> str:
    # A write-ahead log needs a shared-memory file beside it, which cannot be made here.
    has_log = path.with_name(f"{path.name}-wal").exists()
    return "ro" if has_log else "ro&immutable=1"


def is_disk_full(error: sqlite3.Error) -> bool:
    code = _code_of(error)
    # Shared memory is a file too, made anew by the first connection.
    return code & 0xFF == _SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE


def is_drive_fault(error: sqlite3.Error) -> bool:
    """Tell whether the operating system refused to read or write, e.g. for want of a quota."""
    return _code_of(error) & 0xFF == _SQLITE_IOERR


def _code_of(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0)


def refuse_nesting(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        raise BugError("transactions do not nest")
