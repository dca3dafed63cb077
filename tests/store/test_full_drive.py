"""A drive that takes no more: nothing half-stored, and a sentence that says why."""

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.store.project import DATABASE_FILE, Project, _opening_error

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files cannot be limited")

_PAGE = 4096


@contextlib.contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Let the operating system refuse larger files, as it does at the end of a quota."""
    import resource  # noqa: PLC0415  (not on Windows)

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_that_a_change_that_the_drive_refuses_leaves_nothing(project: Project) -> None:
    names = [found.name for found in project.classes()]
    log = project.folder / f"{DATABASE_FILE}-wal"
    with (
        files_limited_to(log.stat().st_size + _PAGE),
        pytest.raises(BadDataError, match="was not stored") as refused,
        project.transaction(),
    ):
        for number in range(500):
            project.add_class(f"class {number}")
    assert "quota" in refused.value.hint
    assert [found.name for found in project.classes()] == names
    project.add_class("room again")
    assert [found.name for found in project.classes()] == [*names, "room again"]


def test_that_no_room_to_open_a_project_is_named_as_such(project: Project) -> None:
    project.close()
    with files_limited_to(2 * _PAGE), pytest.raises(DiskFullError, match="the disk is full"):
        Project.open(project.folder)
    Project.open(project.folder).close()


def test_that_a_drive_that_fails_is_no_reason_to_put_a_backup_back(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
    told = _opening_error(tmp_path, error)
    assert "the drive cannot be used" in told.message
    assert "backup" not in told.hint
