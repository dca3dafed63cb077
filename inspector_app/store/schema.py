"""The database's form, and the steps from each version to the next."""

import sqlite3

from inspector_app.domain.errors import BadDataError

_VERSION_1 = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE classes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    colour TEXT NOT NULL
) STRICT;

CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    relative_path TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test', 'none')),
    defect_type TEXT NOT NULL DEFAULT '',
    verdict TEXT CHECK (verdict IN ('ok', 'ng', 'unsure'))
) STRICT;
CREATE INDEX images_in_order ON images (position);

CREATE TABLE regions (
    id TEXT PRIMARY KEY,
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    class_id INTEGER NOT NULL REFERENCES classes (id),
    box_left INTEGER NOT NULL,
    box_top INTEGER NOT NULL,
    box_right INTEGER NOT NULL,
    box_bottom INTEGER NOT NULL,
    mask_height INTEGER,
    mask_width INTEGER,
    mask_counts TEXT,
    author TEXT NOT NULL,
    author_detail TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX regions_of_image ON regions (image_id, position);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    model_kind TEXT NOT NULL,
    config TEXT NOT NULL,
    state TEXT NOT NULL,
    folder TEXT NOT NULL,
    created_at TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    metrics TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE inspections (
    id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    folder TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    threshold REAL NOT NULL,
    calibrated_threshold REAL NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    metrics TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE results (
    inspection_id TEXT NOT NULL REFERENCES inspections (id) ON DELETE CASCADE,
    image_path TEXT NOT NULL,
    is_defective INTEGER,
    defect_type TEXT NOT NULL DEFAULT '',
    score REAL,
    heatmap_file TEXT NOT NULL DEFAULT '',
    heatmap_scale REAL NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (inspection_id, image_path)
) STRICT, WITHOUT ROWID;
"""

_VERSION_2 = """
ALTER TABLE regions ADD COLUMN is_ignored INTEGER NOT NULL DEFAULT 0
    CHECK (is_ignored IN (0, 1));
ALTER TABLE images ADD COLUMN review TEXT NOT NULL DEFAULT 'todo'
    CHECK (review IN ('todo', 'done', 'rejected'));
ALTER TABLE images ADD COLUMN note TEXT NOT NULL DEFAULT '';

CREATE INDEX regions_counted ON regions (image_id) WHERE NOT is_ignored;

CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    edits TEXT NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0 CHECK (is_undone IN (0, 1))
) STRICT;
"""

_VERSION_3 = """
ALTER TABLE classes ADD COLUMN number_key INTEGER CHECK (number_key BETWEEN 1 AND 9);
ALTER TABLE classes ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE classes ADD COLUMN state TEXT NOT NULL DEFAULT 'own'
    CHECK (state IN ('own', 'exported', 'retired'));

CREATE TABLE examples (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    class_id INTEGER NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
    image_path TEXT NOT NULL,
    caption TEXT NOT NULL DEFAULT '',
    picture BLOB NOT NULL
) STRICT;
CREATE INDEX examples_of_class ON examples (class_id);

DROP INDEX regions_counted;
CREATE INDEX regions_counted ON regions (image_id, class_id) WHERE NOT is_ignored;
"""

_VERSION_4 = """
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
"""

_VERSION_5 = """
ALTER TABLE images ADD COLUMN page INTEGER NOT NULL DEFAULT 0 CHECK (page >= 0);
"""

_SEEN_6 = """
    class_name TEXT NOT NULL,
    score REAL NOT NULL,
    box_left INTEGER NOT NULL,
    box_top INTEGER NOT NULL,
    box_right INTEGER NOT NULL,
    box_bottom INTEGER NOT NULL,
    mask_height INTEGER,
    mask_width INTEGER,
    mask_counts TEXT
"""

_VERSION_6 = f"""
ALTER TABLE results ADD COLUMN called TEXT NOT NULL DEFAULT '';
ALTER TABLE results ADD COLUMN share REAL;

CREATE TABLE proposals (
    inspection_id TEXT NOT NULL,
    image_path TEXT NOT NULL,
    position INTEGER NOT NULL,
    {_SEEN_6},
    PRIMARY KEY (inspection_id, image_path, position),
    FOREIGN KEY (inspection_id, image_path) REFERENCES results (inspection_id, image_path)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE dismissals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    {_SEEN_6}
) STRICT;
CREATE INDEX dismissals_of_image ON dismissals (image_id);
"""

MIGRATIONS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6)
"""Script n takes a database from version n to n + 1."""


def migrate(connection: sqlite3.Connection, *, name: str) -> None:
    """Bring the database to today's form, one transaction for each step.

    Raises:
        BadDataError: if a newer program wrote it.
    """
    version = _refuse_newer(connection, name)
    for number in range(version, len(MIGRATIONS)):
        script = f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        connection.executescript(script)


def refuse_other_form(connection: sqlite3.Connection, *, name: str) -> None:
    """Check a database that cannot be migrated because it must not be written.

    Raises:
        BadDataError: if a newer or an older program wrote it.
    """
    version = _refuse_newer(connection, name)
    if version < len(MIGRATIONS):
        raise BadDataError(
            f"{name}: written by an older version of Inspector (form {version})",
            "open it once where it can be written",
        )


def _refuse_newer(connection: sqlite3.Connection, name: str) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise BadDataError(
            f"{name}: written by a newer version of Inspector (form {version})",
            "update Inspector on this computer",
        )
    return int(version)
