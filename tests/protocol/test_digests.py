"""Hashes that are remembered for as long as a file stays as it was."""

import hashlib
import os
from pathlib import Path

import pytest

from inspector_app.protocol.digests import Digests

CONTENT = b"weights"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "digests.json"


def rewrite(path: Path, content: bytes, *, mtime_ns: int) -> None:
    path.write_bytes(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))


def test_that_a_file_that_was_not_read_has_no_remembered_hash(file: Path) -> None:
    assert Digests().remembered(file) is None


def test_that_a_hash_is_remembered_across_programs(file: Path, memory: Path) -> None:
    digests = Digests(memory)
    assert digests.of(file) == DIGEST
    digests.save()
    assert Digests(memory).remembered(file) == DIGEST


def test_that_whoever_wrote_a_file_may_say_its_hash(file: Path) -> None:
    digests = Digests()
    digests.remember(file, "0" * 64)
    assert digests.of(file) == "0" * 64


@pytest.mark.parametrize("content", [b"Weights", b"weight"])
def test_that_a_changed_file_is_not_remembered(file: Path, content: bytes) -> None:
    digests = Digests()
    digests.of(file)
    rewrite(file, content, mtime_ns=1)
    assert digests.remembered(file) is None
    assert digests.of(file) == hashlib.sha256(content).hexdigest()


def test_that_reading_anew_is_not_deceived_by_size_and_time(file: Path) -> None:
    digests = Digests()
    rewrite(file, CONTENT, mtime_ns=1)
    digests.of(file)
    rewrite(file, b"damaged", mtime_ns=1)
    assert digests.of(file) == DIGEST
    assert digests.read(file) == hashlib.sha256(b"damaged").hexdigest()


@pytest.mark.parametrize("content", [b"", b"{}", b'{"files": {"a": 1}}'])
def test_that_a_damaged_memory_is_as_good_as_none(file: Path, memory: Path, content: bytes) -> None:
    memory.parent.mkdir()
    memory.write_bytes(content)
    assert Digests(memory).remembered(file) is None


def test_that_nothing_is_written_where_nothing_was_read(memory: Path) -> None:
    Digests(memory).save()
    assert not memory.exists()


def test_that_a_file_that_is_gone_has_no_hash(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Digests().of(tmp_path / "gone.pt")
