"""Projects made, opened, locked and backed up."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.store import connection, schema
from inspector_app.store import project as project_module
from inspector_app.store.project import BACKUP_FOLDER, DATABASE_FILE, Project, is_project_folder

Connect = Callable[..., sqlite3.Connection]


# ---- create


def test_that_a_new_project_knows_its_name_and_its_images(
    tmp_path: Path, image_folder: Path
) -> None:
    folder = tmp_path / "deep" / "project"
    assert not is_project_folder(folder)
    with Project.create(folder, image_folder=image_folder) as project:
        assert (project.name, project.image_folder) == ("photos", image_folder)
        assert project.meta("created_at").endswith("+00:00")
        assert not project.is_read_only
        assert project.remarks == []
    assert is_project_folder(folder)


def test_that_a_project_can_be_given_a_name(tmp_path: Path, image_folder: Path) -> None:
    with Project.create(tmp_path / "p", image_folder=image_folder, name="Flansch №3") as project:
        assert project.name == "Flansch №3"


def test_that_a_project_is_not_made_over_another(project: Project, image_folder: Path) -> None:
    with pytest.raises(BadDataError, match="already a project"):
        Project.create(project.folder, image_folder=image_folder)


def test_that_a_project_needs_its_images(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"photos: no such folder"):
        Project.create(tmp_path / "project", image_folder=tmp_path / "photos")
    assert not (tmp_path / "project").exists()


def test_that_a_file_in_the_projects_place_is_named(tmp_path: Path, image_folder: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(BadDataError, match=r"taken: cannot be written"):
        Project.create(tmp_path / "taken", image_folder=image_folder)


def test_that_a_full_disk_leaves_no_half_of_a_project(
    tmp_path: Path, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect_to_full_disk(connect: Connect) -> Connect:
        def connect_then_fill(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            opened = connect(*args, **kwargs)
            opened.execute("PRAGMA max_page_count = 3")
            return opened

        return connect_then_fill

    with monkeypatch.context() as patched:
        patched.setattr(project_module, "connect", connect_to_full_disk(connection.connect))
        with pytest.raises(DiskFullError, match="the disk is full"):
            Project.create(tmp_path / "project", image_folder=image_folder)
    assert [p.name for p in (tmp_path / "project").glob(f"{DATABASE_FILE}*")] == []
    Project.create(tmp_path / "project", image_folder=image_folder).close()


def test_that_an_interrupted_creation_leaves_no_half_of_a_project(
    tmp_path: Path, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Project, "set_meta", interrupt)
        with pytest.raises(KeyboardInterrupt):
            Project.create(tmp_path / "project", image_folder=image_folder)
    assert [p.name for p in (tmp_path / "project").glob(f"{DATABASE_FILE}*")] == []
    Project.create(tmp_path / "project", image_folder=image_folder).close()


def test_that_creating_in_a_race_leaves_the_other_programs_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_module, "is_project_folder", lambda _: False)
    with pytest.raises(BadDataError, match="Another program"):
        Project.create(project.folder, image_folder=project.image_folder)
    assert len(project.images()) == 3
    assert (project.folder / DATABASE_FILE).exists()


def test_that_a_folder_that_cannot_be_written_gets_no_project(
    tmp_path: Path, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_module, "try_lock", lambda _: None)
    with pytest.raises(BadDataError, match="cannot be opened as a project"):
        Project.create(tmp_path / "project", image_folder=image_folder)


# ---- open


def test_that_everything_is_there_after_opening_again(project: Project) -> None:
    before = (project.name, project.images(), project.classes())
    project.close()
    with Project.open(project.folder) as again:
        assert (again.name, again.images(), again.classes()) == before


def test_that_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"not a project .*project\.db"):
        Project.open(tmp_path)


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 500])
def test_that_a_damaged_database_is_refused_and_let_go(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(content)
    for _ in range(2):  # the second time shows that the lock was released
        with pytest.raises(BadDataError, match=r"project\.db: cannot be opened") as caught:
            Project.open(tmp_path)
        assert BACKUP_FOLDER in caught.value.hint
    assert (tmp_path / DATABASE_FILE).read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="uses a lock that POSIX systems offer")
def test_that_a_drive_without_shared_memory_gets_a_rollback_journal(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        project_module,
        "connect",
        lambda path, mode, **kwargs: connection.connect(path, f"{mode}&vfs=unix-dotfile", **kwargs),
    )
    with Project.create(
        project.folder.with_name("network"), image_folder=project.image_folder
    ) as other:
        assert other.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert "rollback journal" in other.remarks[0]
        assert other.add_images([ImageEntry("a.png", Split.NONE, "")]) == 1


def test_that_a_power_cut_cannot_take_back_what_was_stored(project: Project) -> None:
    full = 2
    assert project.connection.execute("PRAGMA synchronous").fetchone() == (full,)
    assert project.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# ---- read-only


def test_that_a_second_opener_reads_but_does_not_write(project: Project) -> None:
    with Project.open(project.folder) as second:
        assert second.is_read_only
        assert second.remarks == ["Another program has this project open: it is read-only here."]
        assert second.images() == project.images()
        with pytest.raises(BadDataError, match="Another program"), second.transaction():
            raise AssertionError("must not get here")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            second.connection.execute("DELETE FROM images")


def test_that_the_second_opener_sees_what_the_first_one_stores(project: Project) -> None:
    with Project.open(project.folder) as second:
        project.add_images([ImageEntry("new.png", Split.NONE, "")])
        assert second.images() == project.images()


def test_that_a_second_opener_makes_no_backup(project: Project) -> None:
    with Project.open(project.folder):
        assert not (project.folder / BACKUP_FOLDER).exists()


def test_that_a_folder_that_cannot_be_written_is_opened_to_read(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = project.images()
    project.close()
    monkeypatch.setattr(project_module, "try_lock", lambda _: None)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with Project.open(project.folder) as reader:
        assert reader.is_read_only
        assert reader.images() == images
        assert "cannot be written" in reader.remarks[0]
        with pytest.raises(BadDataError, match="cannot be written"), reader.transaction():
            raise AssertionError("must not get here")
    assert list(project.folder.glob(f"{DATABASE_FILE}-*")) == []


def test_that_changes_waiting_in_the_log_are_read_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_module, "try_lock", lambda _: None)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert (project.folder / f"{DATABASE_FILE}-wal").stat().st_size > 0
    with Project.open(project.folder) as reader:
        assert reader.images() == project.images()


def test_that_an_older_form_is_not_guessed_at_while_it_cannot_be_migrated(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = len(schema.MIGRATIONS)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "SELECT 1;"))
    with pytest.raises(BadDataError, match=rf"older version .*\(form {today}\)"):
        Project.open(project.folder)


def test_that_a_lock_that_fails_for_another_reason_is_explained(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.close()
    (project.folder / "project.lock").unlink(missing_ok=True)
    (project.folder / "project.lock").mkdir()
    with pytest.raises(BadDataError, match="cannot be locked"):
        Project.open(project.folder)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with Project.open(project.folder) as reader:
        assert reader.is_read_only


# ---- a second connection


def test_that_a_second_connection_shares_the_project(project: Project) -> None:
    with project.second_connection() as other:
        assert other.images() == project.images()
        assert not other.is_read_only
        other.add_images([ImageEntry("from another thread.png", Split.NONE, "")])
    assert len(project.images()) == 4


def test_that_a_second_connection_of_a_reader_reads(project: Project) -> None:
    with Project.open(project.folder) as reader, reader.second_connection() as other:
        assert other.is_read_only
        assert other.images() == project.images()


# ---- backups


def backups(project: Project) -> list[str]:
    return sorted(path.name for path in (project.folder / BACKUP_FOLDER).iterdir())


def test_that_opening_makes_a_backup_that_can_be_opened_in_its_place(project: Project) -> None:
    images = project.images()
    project.close()
    Project.open(project.folder).close()
    [name] = backups(project)
    database = project.folder / DATABASE_FILE
    database.unlink()
    (project.folder / BACKUP_FOLDER / name).rename(database)
    with Project.open(project.folder) as restored:
        assert restored.images() == images


def test_that_the_five_newest_backups_are_kept(project: Project) -> None:
    project.close()
    folder = project.folder / BACKUP_FOLDER
    folder.mkdir()
    for year in range(2001, 2009):
        (folder / f"project-{year}0101-000000.db").write_bytes(b"")
    (folder / "my own copy.db").write_bytes(b"")
    Project.open(project.folder).close()
    names = backups(project)
    assert names[:5] == ["my own copy.db"] + [
        f"project-{year}0101-000000.db" for year in range(2005, 2009)
    ]
    assert len(names) == 6


def test_that_a_backup_that_fails_does_not_keep_the_project_closed(project: Project) -> None:
    project.close()
    (project.folder / BACKUP_FOLDER).write_bytes(b"a file where the folder should be")
    with Project.open(project.folder) as again:
        assert "No backup could be made" in again.remarks[0]
        assert again.images()
