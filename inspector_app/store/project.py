"""A project folder: opening, creating, locking, backing up — and its classes and images.

One program writes a project at a time; a second one that opens it gets it
read-only. Images are referred to, never copied, moved or changed.
"""

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inspector_app.domain.annotation import CLASS_COLOURS, DefectClass
from inspector_app.domain.dataset import ImageEntry, ImageRecord, Split
from inspector_app.domain.errors import BadDataError, DiskFullError, KnownError
from inspector_app.domain.files import known_write_errors
from inspector_app.store.connection import (
    connect,
    is_disk_full,
    is_drive_fault,
    mode_on_read_only_medium,
    refuse_nesting,
    try_lock,
)
from inspector_app.store.images import read_image, read_images
from inspector_app.store.schema import migrate, refuse_other_form

if TYPE_CHECKING:
    import filelock

DATABASE_FILE = "project.db"
BACKUP_FOLDER = "backups"
RUNS_FOLDER = "runs"
INSPECTIONS_FOLDER = "inspections"
CLICK_MODEL_FOLDER = "click_model"
"""Of the click model adapted to the project, if there is one."""
_BACKUPS_KEPT = 5
_CLASS_COLUMNS = "id, name, colour, number_key, description"
_ROWS_PER_INSERT = 100
"""20,000 images enter in two thirds of the time that a statement for each of them takes."""


def utc_now() -> str:
    """Return the present moment as ISO 8601 with seconds, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def is_project_folder(folder: Path) -> bool:
    return (folder / DATABASE_FILE).is_file()


class Project:
    """An open project; used by one thread at a time, `second_connection` is for another thread.

    It may be opened in one thread and handed to another for good.
    """

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        *,
        lock: "filelock.FileLock | None",
        is_read_only: bool,
    ) -> None:
        self.folder = folder
        self.connection = connection
        self.is_read_only = is_read_only
        self.remarks: list[str] = []
        """What an operator should know about how the project was opened."""
        self._lock = lock

    # ---------------------------------------------------------------- open, create, close

    @classmethod
    def create(cls, folder: Path, *, image_folder: Path, name: str = "") -> "Project":
        """Make a new project for the images below `image_folder`.

        Raises:
            BadDataError: if the folder already holds a project or cannot be written,
                or there is no such image folder.
        """
        if is_project_folder(folder):
            raise BadDataError(f"{folder}: already a project", "open it, or choose another folder")
        if not image_folder.is_dir():
            raise BadDataError(f"{image_folder}: no such folder", "check the path of the images")
        with known_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        project = cls._open(folder, must_exist=False)
        with contextlib.ExitStack() as undo:
            undo.callback(project._discard)
            with project.transaction():
                project.set_meta("name", name or image_folder.resolve().name)
                project.set_meta("image_folder", str(image_folder.resolve()))
                project.set_meta("created_at", utc_now())
            undo.pop_all()
        return project

    @classmethod
    def open(cls, folder: Path) -> "Project":
        """Open a project for writing, or read-only if another program has it open.

        Raises:
            BadDataError: if the folder holds no project, or one that cannot be read.
        """
        if not is_project_folder(folder):
            raise BadDataError(
                f"{folder}: not a project (no {DATABASE_FILE} in it)",
                "make one with: inspector new PROJECT --images FOLDER",
            )
        project = cls._open(folder, must_exist=True)
        if not project.is_read_only:
            project._back_up()
        return project

    @classmethod
    def _open(cls, folder: Path, *, must_exist: bool) -> "Project":
        folder = folder.resolve()
        with contextlib.ExitStack() as undo:
            lock = try_lock(folder)
            if lock is not None:
                undo.callback(lock.release)
                mode = "rw" if must_exist else "rwc"
            else:
                mode = (
                    "ro"
                    if os.access(folder, os.W_OK)
                    else mode_on_read_only_medium(folder / DATABASE_FILE)
                )
            try:
                connection = connect(folder / DATABASE_FILE, mode, timeout_s=5.0)
                undo.callback(connection.close)
                project = cls(folder, connection, lock=lock, is_read_only=lock is None)
                if not must_exist:
                    undo.pop_all()
                    undo.callback(project._discard)
                project._configure()
            except sqlite3.Error as error:
                raise _opening_error(folder, error) from error
            undo.pop_all()
        if project.is_read_only:
            project.remarks.append(f"{project._why_read_only()}: it is read-only here.")
        return project

    def _configure(self) -> None:
        self.connection.execute("PRAGMA foreign_keys = ON")
        # FULL, not NORMAL: one commit per gesture is cheap, and power cuts
        # happen on the shop floor.
        self.connection.execute("PRAGMA synchronous = FULL")
        name = str(self.folder / DATABASE_FILE)
        if self.is_read_only:
            refuse_other_form(self.connection, name=name)
            return
        (journal,) = self.connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if journal != "wal":
            self.connection.execute("PRAGMA journal_mode = DELETE")
            self.remarks.append(
                "This drive does not support write-ahead logging (a network drive?): "
                "the project uses a rollback journal."
            )
        migrate(self.connection, name=name)

    def _why_read_only(self) -> str:
        if os.access(self.folder, os.W_OK):
            return "Another program has this project open"
        return "The folder of this project cannot be written"

    def second_connection(self) -> "Project":
        """Return the same project for use in another thread; close it when done."""
        mode = "ro" if self.is_read_only else "rw"
        connection = connect(self.folder / DATABASE_FILE, mode, timeout_s=30.0)
        other = Project(self.folder, connection, lock=None, is_read_only=self.is_read_only)
        other._configure()
        return other

    def close(self) -> None:
        self.connection.close()
        if self._lock is not None:
            self._lock.release()

    def _discard(self) -> None:
        """Close a project that could not be made, and leave no half of it behind."""
        self.close()
        if not self.is_read_only:
            for suffix in ("", "-wal", "-shm", "-journal"):
                (self.folder / f"{DATABASE_FILE}{suffix}").unlink(missing_ok=True)

    def __enter__(self) -> "Project":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _back_up(self) -> None:
        target_folder = self.folder / BACKUP_FOLDER
        stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
        target = target_folder / f"project-{stamp}.db"
        try:
            target_folder.mkdir(exist_ok=True)
            with contextlib.closing(sqlite3.connect(target)) as copy:
                self.connection.backup(copy)
        except (OSError, sqlite3.Error) as error:
            with contextlib.suppress(OSError):
                target.unlink()
            self.remarks.append(f"No backup could be made when opening: {error}")
            return
        for old in sorted(target_folder.glob("project-*.db"))[:-_BACKUPS_KEPT]:
            old.unlink(missing_ok=True)

    # ---------------------------------------------------------------- transactions

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do everything inside or nothing of it.

        Raises:
            BadDataError: if the project is read-only, or the drive cannot be written.
            DiskFullError: if the disk is full; nothing has changed.
        """
        if self.is_read_only:
            raise BadDataError(
                f"{self.folder}: read-only here. {self._why_read_only()}",
                "close it there, or copy the project to a folder of your own",
            )
        refuse_nesting(self.connection)
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if (told := _writing_error(self.folder, error)) is None:
                raise
            raise told from error

    # ---------------------------------------------------------------- meta

    def meta(self, key: str, default: str = "") -> str:
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def set_meta(self, key: str, value: str) -> None:
        """Store a setting; call inside a transaction."""
        self.connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    @property
    def name(self) -> str:
        return self.meta("name", self.folder.name)

    @property
    def image_folder(self) -> Path:
        return Path(self.meta("image_folder"))

    def image_path(self, record: ImageRecord) -> Path:
        return record.path_below(self.image_folder)

    # ---------------------------------------------------------------- classes

    def classes(self, *, with_retired: bool = False) -> list[DefectClass]:
        """Return the classes by their ids; retired ones only hold their place in exports."""
        rows = self.connection.execute(
            f"SELECT {_CLASS_COLUMNS} FROM classes WHERE ? OR state != 'retired' ORDER BY id",
            (with_retired,),
        )
        return [DefectClass(*row) for row in rows]

    def add_class(self, name: str, colour: str = "") -> DefectClass:
        """Return the class of that name, made or taken back from retirement if there is none.

        Raises:
            ValueError: if the name is blank.
        """
        if not name.strip():
            raise ValueError("a class needs a name")
        row = self.connection.execute(
            f"SELECT {_CLASS_COLUMNS} FROM classes WHERE name = ?", (name,)
        ).fetchone()
        if row:
            self.connection.execute(
                "UPDATE classes SET state = 'exported' WHERE id = ? AND state = 'retired'",
                (row[0],),
            )
            return DefectClass(*row)
        if not colour:
            (count,) = self.connection.execute("SELECT count(*) FROM classes").fetchone()
            colour = CLASS_COLOURS[count % len(CLASS_COLOURS)]
        cursor = self.connection.execute(
            "INSERT INTO classes (name, colour) VALUES (?, ?)", (name, colour)
        )
        assert cursor.lastrowid is not None
        return DefectClass(cursor.lastrowid, name, colour)

    # ---------------------------------------------------------------- images

    def add_images(self, entries: Sequence[ImageEntry]) -> int:
        """Add images that are not in the project yet, in the given order; return how many were."""
        (before, next_position) = self.connection.execute(
            "SELECT count(*), coalesce(max(position) + 1, 0) FROM images"
        ).fetchone()
        values = [
            (entry.relative_path, position, entry.split.value, entry.defect_type)
            for position, entry in enumerate(entries, next_position)
        ]
        with self.transaction() as connection:
            for start in range(0, len(values), _ROWS_PER_INSERT):
                rows = values[start : start + _ROWS_PER_INSERT]
                connection.execute(
                    "INSERT OR IGNORE INTO images (relative_path, position, split, defect_type) "
                    f"VALUES {', '.join(['(?, ?, ?, ?)'] * len(rows))}",
                    [value for row in rows for value in row],
                )
        (after,) = self.connection.execute("SELECT count(*) FROM images").fetchone()
        return int(after - before)

    def images(
        self, *, split: Split | None = None, defect_type: str | None = None, text: str = ""
    ) -> list[ImageRecord]:
        """Return images in order, narrowed by split, defect type and a piece of the path."""
        return read_images(self.connection, split=split, defect_type=defect_type, text=text)

    def image(self, image_id: int) -> ImageRecord:
        """Return one image.

        Raises:
            KeyError: if there is none with this id.
        """
        return read_image(self.connection, image_id)

    def image_by_path(self, relative_path: str) -> ImageRecord | None:
        row = self.connection.execute(
            "SELECT id FROM images WHERE relative_path = ?", (relative_path,)
        ).fetchone()
        return self.image(row[0]) if row else None

    def defect_types(self) -> list[str]:
        rows = self.connection.execute(
            "SELECT DISTINCT defect_type FROM images WHERE defect_type != '' ORDER BY defect_type"
        )
        return [row[0] for row in rows]


def _writing_error(folder: Path, error: sqlite3.Error) -> KnownError | None:
    """Return what to tell of a change that was not stored, None if the fault is a bug."""
    if is_disk_full(error):
        return DiskFullError(
            f"{folder}: the disk is full; the last change was not stored",
            "free some space and repeat it",
        )
    if is_drive_fault(error):
        return BadDataError(
            f"{folder}: the drive cannot be written ({error}); the last change was not stored",
            "check the drive and your quota on it, and repeat the change",
        )
    return None


def _opening_error(folder: Path, error: sqlite3.Error) -> KnownError:
    path = folder / DATABASE_FILE
    if is_disk_full(error):
        return DiskFullError(f"{path}: the disk is full", "free some space and try again")
    if is_drive_fault(error):
        return BadDataError(
            f"{path}: the drive cannot be used ({error})",
            "check the drive and your quota on it, and try again",
        )
    return BadDataError(
        f"{path}: cannot be opened as a project ({error})",
        f"put back a copy from {folder / BACKUP_FOLDER}",
    )
