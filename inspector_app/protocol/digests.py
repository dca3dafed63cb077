"""Hashes of files that were read before, so that nothing is read twice just to be listed."""

from pathlib import Path

from pydantic import ValidationError

from inspector_app.domain.files import write_text_atomically
from inspector_app.domain.hashing import BytesCallback, ignore_progress, sha256_of_file
from inspector_app.protocol.base import Frozen


class _Known(Frozen):
    bytes: int
    mtime_ns: int
    sha256: str


class _KnownFiles(Frozen):
    files: dict[str, _Known]


class Digests:
    """Remembers a file's hash for as long as its size and time stay as they were.

    Good enough for a list. Whoever loads a file has it read again, since size and time
    can be set to anything.
    """

    def __init__(self, memory: Path | None = None) -> None:
        """Remember in a file, if one is given; a damaged one is as good as none."""
        self._memory = memory
        self._known: dict[str, _Known] = {}
        self._is_changed = False
        if memory is not None:
            try:
                self._known = dict(_KnownFiles.model_validate_json(memory.read_bytes()).files)
            except (OSError, ValidationError):
                self._known = {}

    def remembered(self, path: Path) -> str | None:
        """Return a file's hash if it was read before and has not changed since.

        Raises:
            OSError: if there is no such file.
        """
        known = self._known.get(str(path))
        size, mtime_ns = _signature(path)
        if known is None or (known.bytes, known.mtime_ns) != (size, mtime_ns):
            return None
        return known.sha256

    def of(self, path: Path, progress: BytesCallback = ignore_progress) -> str:
        """Return a file's hash, which may be remembered."""
        return self.remembered(path) or self.read(path, progress)

    def read(self, path: Path, progress: BytesCallback = ignore_progress) -> str:
        """Return a file's hash, read anew.

        Raises:
            OSError: if it cannot be read.
        """
        # Before it is read: a change meanwhile must not pass for what was hashed.
        size, mtime_ns = _signature(path)
        sha256 = sha256_of_file(path, progress)
        self._remember(path, _Known(bytes=size, mtime_ns=mtime_ns, sha256=sha256))
        return sha256

    def remember(self, path: Path, sha256: str) -> None:
        """Take a hash from whoever has just written the file.

        Raises:
            OSError: if there is no such file.
        """
        size, mtime_ns = _signature(path)
        self._remember(path, _Known(bytes=size, mtime_ns=mtime_ns, sha256=sha256))

    def _remember(self, path: Path, known: _Known) -> None:
        self._known[str(path)] = known
        self._is_changed = True

    def save(self) -> None:
        """Write down what is new.

        Raises:
            DiskFullError, BadDataError: if it cannot be written.
        """
        if self._memory is None or not self._is_changed:
            return
        write_text_atomically(self._memory, _KnownFiles(files=self._known).model_dump_json())
        self._is_changed = False


def _signature(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
