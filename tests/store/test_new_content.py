"""The lists of a project that has just been made."""

import sqlite3

from inspector_app.store.content import content_of_new, read_content
from inspector_app.store.project import Project
from tests.store.conftest import ENTRIES


def test_that_they_are_those_that_would_be_read(project: Project) -> None:
    assert content_of_new(project, ENTRIES) == read_content(project)


def test_that_they_are_read_where_images_have_other_numbers(project: Project) -> None:
    connection: sqlite3.Connection = project.connection
    (first,) = connection.execute("SELECT min(id) FROM images").fetchone()
    with project.transaction():
        connection.execute("DELETE FROM images WHERE id = ?", (first,))
    content = content_of_new(project, ENTRIES)
    assert content == read_content(project)
    assert len(content.images) == len(ENTRIES) - 1
