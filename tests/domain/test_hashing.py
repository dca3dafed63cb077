"""Hashes of large files, and how far they are."""

import hashlib
import io
from pathlib import Path

import pytest

from inspector_app.domain.hashing import CHUNK_BYTES, sha256_of_file, sha256_of_stream


class StopError(Exception):
    """Raised by a progress callback."""


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_that_a_file_has_the_hash_of_its_bytes(tmp_path: Path, size: int) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(b"w" * size)
    assert sha256_of_file(path) == hashlib.sha256(b"w" * size).hexdigest()


def test_that_hashing_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    size = 2 * CHUNK_BYTES + 3
    sha256_of_stream(io.BytesIO(bytes(size)), size, lambda *step: seen.append(step))
    assert seen == [(CHUNK_BYTES, size), (2 * CHUNK_BYTES, size), (size, size)]


def test_that_hashing_can_be_stopped() -> None:
    def stop(_done: int, _total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        sha256_of_stream(io.BytesIO(b"weights"), 7, stop)
