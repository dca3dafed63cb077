"""SHA-256 of large files, told as it goes on."""

import hashlib
from collections.abc import Callable
from io import BufferedIOBase
from pathlib import Path

CHUNK_BYTES = 2**20

BytesCallback = Callable[[int, int], None]
"""Called with (done, total) in bytes; may raise to stop."""


def ignore_progress(_done: int, _total: int) -> None:
    """For whom nobody watches."""


def sha256_of_stream(
    stream: BufferedIOBase, total: int, progress: BytesCallback = ignore_progress
) -> str:
    """Return the hash of what is left of a stream, in hexadecimal."""
    digest = hashlib.sha256()
    done = 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        done += len(chunk)
        progress(done, total)
    return digest.hexdigest()


def sha256_of_file(path: Path, progress: BytesCallback = ignore_progress) -> str:
    """Return the hash of a file, in hexadecimal; about a second per GB."""
    with path.open("rb") as stream:
        return sha256_of_stream(stream, path.stat().st_size, progress)
