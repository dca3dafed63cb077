"""File writes that leave either the old file or the new one, never half of one."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_atomically(target: Path, data: bytes) -> None:
    """Replace `target` by `data`: written beside, flushed to disk, renamed."""
    temporary = target.with_name(f".{target.name}.new")
    try:
        _write_and_sync(temporary, data)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_folder_atomically(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder of these files in `target`'s place; an older one goes when the new one is whole."""
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        # mkdtemp gives 0700; other people of the shop floor must be able to read.
        temporary.chmod(0o755)
        for name, data in files.items():
            _write_and_sync(temporary / name, data)
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _write_and_sync(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
