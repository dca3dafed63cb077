"""How much room copies of images take, and how much there is."""

import shutil
from collections.abc import Iterable
from pathlib import Path


def size_of_files(folder: Path, names: Iterable[str]) -> int:
    """Return the bytes of the files together; one that is gone has none."""
    size = 0
    for name in names:
        try:
            size += (folder / name).stat().st_size
        except OSError:
            continue
    return size


def free_room(folder: Path) -> int | None:
    """Return the free bytes where a folder is or will be, None if the drive does not tell."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
