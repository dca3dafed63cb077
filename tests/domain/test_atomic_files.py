"""Files are replaced whole or not at all."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from inspector_app.domain.errors import BadDataError, DiskFullError, KnownError
from inspector_app.domain.files import (
    known_write_errors,
    state_key,
    write_atomically,
    write_text_atomically,
)

FAULTS = {
    errno.ENOSPC: DiskFullError,
    errno.EDQUOT: DiskFullError,
    errno.EACCES: BadDataError,
    errno.EROFS: BadDataError,
}


def raising(code: int) -> Callable[..., NoReturn]:
    def fail(*_: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return fail


def test_that_a_new_file_appears_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "card.json"
    write_text_atomically(target, "größer")
    assert target.read_bytes() == "größer".encode()
    assert [path.name for path in target.parent.iterdir()] == ["card.json"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_that_others_may_read_the_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "card.json", b"{}")
    assert (tmp_path / "card.json").stat().st_mode & 0o777 == 0o644


def test_that_an_old_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "card.json"
    target.write_bytes(b"a longer old content")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("code", FAULTS, ids=[errno.errorcode[code] for code in FAULTS])
@pytest.mark.parametrize("step", ["fsync", "write", "replace"])
def test_that_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    target = tmp_path / "card.json"
    target.write_bytes(b"old")
    if step == "replace":
        monkeypatch.setattr(Path, "replace", raising(code))
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", raising(code))
    else:
        monkeypatch.setattr(os, "fdopen", failing_fdopen(code))
    with pytest.raises(KnownError, match=r"card\.json") as caught:
        write_atomically(target, b"new")
    assert type(caught.value) is FAULTS[code]
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def failing_fdopen(code: int) -> Callable[[int, str], object]:
    """A file whose write fails, as on a disk that has become full."""
    original = os.fdopen

    def fdopen(descriptor: int, mode: str) -> object:
        file = original(descriptor, mode, buffering=0)

        class Full:
            def __enter__(self) -> "Full":
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            write = staticmethod(raising(code))

        return Full()

    return fdopen


def test_that_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "card.json"
    target.write_bytes(b"old")

    def interrupt(_: int) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert list(tmp_path.iterdir()) == [target]


def test_that_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(BadDataError, match=r"taken/card\.json: cannot be written"):
        write_atomically(tmp_path / "taken" / "card.json", b"new")


def test_that_errors_of_other_kinds_pass_through(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unrelated"), known_write_errors(tmp_path):
        raise ValueError("unrelated")


def test_that_a_file_has_another_key_once_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"1")
    before = state_key(path)
    assert state_key(path) == before
    path.write_bytes(b"12")
    assert state_key(path) != before


def test_that_a_file_that_is_gone_has_no_key(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no longer there"):
        state_key(tmp_path / "a.png")
