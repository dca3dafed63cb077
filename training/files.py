"""Hashes of files, and folders that are replaced as a whole."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from inspector_app.domain.files import known_write_errors, write_atomically


def write_folder_atomically(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder of these files in `target`'s place; an older one goes when the new is whole.

    Raises:
        DiskFullError, BadDataError: see `known_write_errors`; the old folder is untouched.
    """
    with known_write_errors(target):
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            for name, data in files.items():
                write_atomically(temporary / name, data)
            # mkdtemp gives 0700; other people of the shop floor must be able to read.
            temporary.chmod(0o755)
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
