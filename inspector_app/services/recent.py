"""What the start page says of projects without opening them."""

import contextlib
import datetime
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inspector_app.store.project import DATABASE_FILE


@dataclass(frozen=True, slots=True)
class RecentProject:
    """A project as the start page lists it."""

    folder: Path
    name: str
    image_folder: str
    image_count: int
    changed_at: datetime.datetime
    """Of the last write, local time."""


def describe_projects(folders: Sequence[Path]) -> list[RecentProject]:
    """Return what can be said of each folder, in the same order, unreadable ones left out."""
    found = (_describe(folder) for folder in folders)
    return [project for project in found if project is not None]


def _describe(folder: Path) -> RecentProject | None:
    database = folder / DATABASE_FILE
    try:
        changed_at = datetime.datetime.fromtimestamp(_last_write(database)).astimezone()
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
            meta = dict(db.execute("SELECT key, value FROM meta"))
            (count,) = db.execute("SELECT count(*) FROM images").fetchone()
    except (OSError, sqlite3.Error):
        return None
    name = meta.get("name", folder.name)
    return RecentProject(folder, name, meta.get("image_folder", ""), count, changed_at)


def _last_write(database: Path) -> float:
    # What is written goes to the log beside the database first.
    log = database.with_name(f"{database.name}-wal")
    times = [path.stat().st_mtime for path in (database, log) if path.exists()]
    if not times:
        raise FileNotFoundError(database)
    return max(times)
