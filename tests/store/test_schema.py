"""The database's form and its migrations."""

import sqlite3
from pathlib import Path

import pytest

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.store import schema
from inspector_app.store.annotations import load_document
from inspector_app.store.project import DATABASE_FILE, Project


def version_of(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


@pytest.fixture
def connection() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def test_that_an_empty_database_gets_todays_form(connection: sqlite3.Connection) -> None:
    schema.migrate(connection, name="p")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    assert {"meta", "classes", "images", "regions", "runs", "inspections", "results"} <= tables
    assert version_of(connection) == len(schema.MIGRATIONS)


def test_that_migrating_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    schema.migrate(connection, name="p")
    connection.execute("INSERT INTO meta VALUES ('name', 'kept')")
    schema.migrate(connection, name="p")
    assert connection.execute("SELECT value FROM meta").fetchall() == [("kept",)]


def test_that_an_old_project_is_brought_forward_with_its_content(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = project.images()
    project.close()
    step = "ALTER TABLE images ADD COLUMN colour TEXT NOT NULL DEFAULT 'new';"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    with Project.open(project.folder) as again:
        assert again.images() == images
        assert again.connection.execute("SELECT DISTINCT colour FROM images").fetchall() == [
            ("new",)
        ]
        assert version_of(again.connection) == len(schema.MIGRATIONS)


def test_that_a_project_of_the_first_form_keeps_its_regions_and_verdicts(
    tmp_path: Path, image_folder: Path
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    old = sqlite3.connect(folder / DATABASE_FILE)
    old.executescript(f"BEGIN; {schema.MIGRATIONS[0]} PRAGMA user_version = 1; COMMIT;")
    old.execute("INSERT INTO meta VALUES ('image_folder', ?)", (str(image_folder),))
    old.execute("INSERT INTO classes VALUES (1, 'dent', '#E69F00')")
    old.execute("INSERT INTO images VALUES (1, '0.png', 0, 'none', '', 'ng')")
    old.execute(
        "INSERT INTO regions VALUES ('r', 1, 0, 1, 2, 3, 7, 9, NULL, NULL, NULL, 'hand', '', '')"
    )
    old.commit()
    old.close()
    with Project.open(folder) as project:
        document = load_document(project, 1)
        assert [region.box for region in document.regions] == [Box(2, 3, 7, 9)]
        assert not document.regions[0].is_ignored
        assert (document.verdict, document.review) == (ImageVerdict.NG, ReviewState.TODO)
        assert list((folder / "backups").iterdir())


def test_that_a_migration_that_fails_leaves_the_old_form(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = project.images()
    project.close()
    broken = "ALTER TABLE images ADD COLUMN colour TEXT; DROP TABLE nowhere;"
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(BadDataError, match="no such table: nowhere"):
            Project.open(project.folder)
    with Project.open(project.folder) as again:
        assert again.images() == images
        assert version_of(again.connection) == len(schema.MIGRATIONS)


@pytest.fixture
def future_project(project: Project) -> Path:
    project.connection.execute("PRAGMA user_version = 99")
    project.close()
    return project.folder


def test_that_a_newer_project_is_refused_and_left_alone(future_project: Path) -> None:
    before = (future_project / DATABASE_FILE).read_bytes()
    with pytest.raises(BadDataError, match=r"newer version of Inspector \(form 99\)") as caught:
        Project.open(future_project)
    assert "update" in caught.value.hint
    assert (future_project / DATABASE_FILE).read_bytes() == before


def test_that_todays_form_needs_no_migration_to_be_read(connection: sqlite3.Connection) -> None:
    schema.migrate(connection, name="p")
    schema.refuse_other_form(connection, name="p")


@pytest.mark.parametrize(("version", "complaint"), [(0, "older"), (99, "newer")])
def test_that_another_form_is_refused_by_name_where_it_cannot_be_migrated(
    connection: sqlite3.Connection, version: int, complaint: str
) -> None:
    connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(BadDataError, match=f"the project: written by an? {complaint}"):
        schema.refuse_other_form(connection, name="the project")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO images (relative_path, position, split) VALUES ('a', 0, 'holdout')",
        "INSERT INTO images (relative_path, position, split, verdict) VALUES ('a', 0, 'test', 'x')",
        "INSERT INTO images (relative_path, position, split) VALUES ('a', 'first', 'test')",
        "INSERT INTO classes (name, colour) VALUES ('dent', '#000000')",
        "INSERT INTO regions (id, image_id, position, class_id, box_left, box_top, box_right, "
        "box_bottom, author, created_at) VALUES ('r', 1, 0, 99, 0, 0, 1, 1, 'hand', '')",
    ],
    ids=["split", "verdict", "type", "class twice", "class unknown"],
)
def test_that_the_database_itself_refuses_what_makes_no_sense(
    project: Project, statement: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        project.connection.execute(statement)
