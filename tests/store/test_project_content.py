"""What a project holds: transactions, settings, classes, images."""

import sqlite3
from typing import Any

import pytest

from inspector_app.domain.annotation import CLASS_COLOURS, ImageVerdict
from inspector_app.domain.dataset import ImageEntry, ImageRecord, Split
from inspector_app.domain.edits import SetVerdict, UndoStep
from inspector_app.domain.errors import BugError, DiskFullError
from inspector_app.store.annotations import perform
from inspector_app.store.project import DATABASE_FILE, Project

# ---- transactions


def test_that_a_transaction_is_rolled_back_whole(project: Project) -> None:
    def change_then_fail() -> None:
        with project.transaction():
            project.add_class("half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        change_then_fail()
    assert [c.name for c in project.classes()] == ["dent", "scratch"]
    with project.transaction():
        project.add_class("whole")
    assert [c.name for c in project.classes()] == ["dent", "scratch", "whole"]


def test_that_a_full_disk_changes_nothing_and_says_so(project: Project) -> None:
    (pages,) = project.connection.execute("PRAGMA page_count").fetchone()
    project.connection.execute(f"PRAGMA max_page_count = {pages}")
    images = project.images()
    many = [ImageEntry(f"{'long' * 50}/{number}.png", Split.NONE, "") for number in range(500)]
    with pytest.raises(DiskFullError, match="disk is full"):
        project.add_images(many)
    assert project.images() == images
    project.connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
    assert project.add_images(many) == 500


def test_that_other_faults_of_the_database_rise(project: Project) -> None:
    def ask_for_what_is_not_there() -> None:
        with project.transaction() as connection:
            connection.execute("SELECT * FROM nowhere")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        ask_for_what_is_not_there()
    assert not project.connection.in_transaction


def test_that_transactions_do_not_nest(project: Project) -> None:
    with project.transaction():
        project.set_meta("answer", "42")
        with pytest.raises(BugError, match="nest"), project.transaction():
            raise AssertionError("must not get here")
    assert project.meta("answer") == "42"


def test_that_a_commit_that_fails_stores_nothing(project: Project) -> None:
    # With a rollback journal, a reader in the middle of reading keeps a writer from committing.
    project.connection.execute("PRAGMA journal_mode = DELETE")
    project.connection.execute("PRAGMA busy_timeout = 0")
    reader = sqlite3.connect(project.folder / DATABASE_FILE, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM meta").fetchall()
    with pytest.raises(sqlite3.OperationalError, match="locked"), project.transaction():
        project.set_meta("answer", "42")
    assert not project.connection.in_transaction
    reader.close()
    assert project.meta("answer") == ""


def test_that_a_transaction_that_cannot_begin_rises(project: Project) -> None:
    with project.second_connection() as other, other.transaction():
        project.connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"), project.transaction():
            raise AssertionError("must not get here")


# ---- meta, classes


def test_that_settings_are_replaced(project: Project) -> None:
    with project.transaction():
        project.set_meta("answer", "41")
        project.set_meta("answer", "42")
    assert project.meta("answer") == "42"
    assert project.meta("question", "unknown") == "unknown"


def test_that_classes_get_colours_in_turn(project: Project) -> None:
    with project.transaction():
        third = project.add_class("third")
        fourth = project.add_class("fourth", "#123456")
    assert [(c.id, c.name) for c in project.classes()] == [
        (1, "dent"),
        (2, "scratch"),
        (3, "third"),
        (4, "fourth"),
    ]
    assert (third.colour, fourth.colour) == (CLASS_COLOURS[2], "#123456")


def test_that_a_class_is_made_once(project: Project) -> None:
    with project.transaction():
        assert project.add_class("dent", "#000000") == project.classes()[0]
    assert len(project.classes()) == 2


@pytest.mark.parametrize("name", ["", "  "])
def test_that_a_blank_class_is_refused_and_not_stored(project: Project, name: str) -> None:
    with pytest.raises(ValueError, match="name"), project.transaction():
        project.add_class(name)
    assert len(project.classes()) == 2


# ---- images


def paths_of(images: list[ImageRecord]) -> list[str]:
    return [image.relative_path for image in images]


def test_that_images_are_entered_once_and_keep_their_order(project: Project) -> None:
    more = [ImageEntry(f"{name}.png", Split.NONE, "") for name in "zya"]
    assert project.add_images([*more[:1], *more]) == 3
    assert project.add_images(more) == 0
    assert project.add_images([ImageEntry("later.png", Split.NONE, "")]) == 1
    assert paths_of(project.images())[3:] == ["z.png", "y.png", "a.png", "later.png"]


def test_that_images_entered_later_come_later_even_after_repeats(project: Project) -> None:
    known = [ImageEntry(path, Split.NONE, "") for path in paths_of(project.images())]
    project.add_images([*known, ImageEntry("fourth.png", Split.NONE, "")])
    project.add_images([ImageEntry("fifth.png", Split.NONE, "")])
    assert paths_of(project.images())[3:] == ["fourth.png", "fifth.png"]


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        ({}, ["train/good/000.png", "test/good/000.png", "test/Dent/000.png"]),
        ({"split": Split.TEST}, ["test/good/000.png", "test/Dent/000.png"]),
        ({"defect_type": "good"}, ["train/good/000.png", "test/good/000.png"]),
        ({"defect_type": "good", "split": Split.TEST}, ["test/good/000.png"]),
        ({"text": "dEnT"}, ["test/Dent/000.png"]),
        ({"text": "%"}, []),
        ({"defect_type": ""}, []),
    ],
)
def test_that_images_are_narrowed(
    project: Project, narrow: dict[str, Any], expected: list[str]
) -> None:
    assert paths_of(project.images(**narrow)) == expected


def test_that_an_image_is_found_by_id_and_by_path(project: Project) -> None:
    image = project.images()[2]
    assert project.image(image.id) == image
    assert project.image_by_path("test/Dent/000.png") == image
    assert project.image_by_path("test/dent/000.png") is None
    with pytest.raises(KeyError):
        project.image(99)
    assert project.image_path(image) == project.image_folder / "test/Dent/000.png"


def test_that_an_image_carries_its_verdict(project: Project) -> None:
    perform(project, UndoStep(1, "NG", (SetVerdict(None, ImageVerdict.NG),)))
    assert project.image(1).verdict is ImageVerdict.NG
    assert [image.verdict for image in project.images()] == [ImageVerdict.NG, None, None]


def test_that_defect_types_are_listed_once(project: Project) -> None:
    project.add_images([ImageEntry("x.png", Split.NONE, "")])
    assert project.defect_types() == ["Dent", "good"]
