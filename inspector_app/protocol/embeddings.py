"""What click models keep of encoded images: files that the worker writes and the window counts.

An image is found by what it shows, so a moved or copied file needs no encoding anew. The
content's hash is itself kept under the file's path, size and time, so that asking costs no
reading of images.
"""

import contextlib
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box

_HASH_BYTES = 16
_NAMES = "names"

DEFAULT_LIMIT_GB = 10
"""Some 5,000 images."""


@dataclass(frozen=True, eq=False, slots=True)
class Embedding:
    """What an encoder made of an image or a part of it."""

    features: NDArray[np.float16]
    size: tuple[int, int]
    """Height and width in px of what was encoded."""


def content_key(data: bytes) -> str:
    """Return what names an image by its bytes."""
    return hashlib.blake2b(data, digest_size=_HASH_BYTES).hexdigest()


class EmbeddingFiles:
    """A cache on disk: what is missing or damaged is made again, what is old is deleted.

    Several processes may use it at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def known_content(self, path: Path) -> str:
        """Return the content's key as it was noted for this very state of the file, else empty."""
        try:
            target = self._name_file(path)
            text = target.read_text("ascii")
        except (OSError, ValueError):
            return ""
        _mark_used(target)
        return text if len(text) == 2 * _HASH_BYTES and text.isalnum() else ""

    def note_content(self, path: Path, content: str) -> None:
        """Remember what a file holds.

        Raises:
            OSError: if the disk does not take it.
        """
        _write(self._name_file(path), content.encode("ascii"))

    def has(self, encoder: str, path: Path, view: Box | None = None) -> bool:
        """Tell whether an image is there, as far as that is known without reading it."""
        return self.bytes_of(encoder, path, view) > 0

    def bytes_of(self, encoder: str, path: Path, view: Box | None = None) -> int:
        """Return how much an image takes; 0 if it is not there."""
        if not (content := self.known_content(path)):
            return 0
        try:
            return self._target(encoder, content, view).stat().st_size
        except OSError:
            return 0

    def read(self, encoder: str, content: str, view: Box | None = None) -> Embedding | None:
        target = self._target(encoder, content, view)
        try:
            with np.load(target, allow_pickle=False) as stored:
                height, width = (int(number) for number in stored["size"])
                embedding = Embedding(np.asarray(stored["features"], np.float16), (height, width))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            # Half a file, or somebody else's: made again, and in no one's way until then.
            with contextlib.suppress(OSError):
                target.unlink()
            return None
        _mark_used(target)
        return embedding

    def write(self, encoder: str, content: str, view: Box | None, embedding: Embedding) -> None:
        """Keep an embedding.

        Raises:
            OSError: if the disk does not take it.
        """
        buffer = io.BytesIO()
        np.savez(buffer, features=embedding.features, size=np.array(embedding.size))
        _write(self._target(encoder, content, view), buffer.getvalue())

    def total_bytes(self) -> int:
        return sum(size for _, size, _ in self._files())

    def prune(self, max_bytes: int) -> int:
        """Delete what was unused for longest beyond a total size; return how many files."""
        total, removed = 0, 0
        for _, size, path in sorted(self._files(), reverse=True):
            total += size
            if total > max_bytes:
                with contextlib.suppress(OSError):
                    Path(path).unlink()
                    removed += 1
        return removed

    def _target(self, encoder: str, content: str, view: Box | None) -> Path:
        edges = f"{view.left}-{view.top}-{view.right}-{view.bottom}" if view else "whole"
        return self._folder / encoder / content[:2] / f"{content}-{edges}.npz"

    def _name_file(self, path: Path) -> Path:
        status = path.stat()
        text = f"{path.absolute()}\0{status.st_mtime_ns}\0{status.st_size}"
        key = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=_HASH_BYTES)
        return self._folder / _NAMES / key.hexdigest()[:2] / key.hexdigest()

    def _files(self) -> Iterator[tuple[float, int, str]]:
        """Yield (used last, bytes, path) of every file."""
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(folder, name)  # noqa: PTH118  (a Path each would take longer)
                with contextlib.suppress(OSError):
                    status = os.stat(path)  # noqa: PTH116
                    yield status.st_mtime, status.st_size, path


def _mark_used(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(path)


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
