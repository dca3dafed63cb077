"""Changes to the classes of the open project, which cannot be undone."""

import sqlite3
from collections.abc import Callable

from inspector_app.domain.errors import BadDataError
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import explain_fault
from inspector_app.store import classes
from inspector_app.store.examples import (
    Example,
    add_example,
    caption_example,
    examples,
    remove_example,
)


class ClassEdits:
    """Does what the operator asks, and has the session show it.

    Every method raises KnownError if the change cannot be, or nothing can be stored.
    """

    def __init__(self, session: ProjectSession) -> None:
        self._session = session
        self._project = session.project

    def rename(self, class_id: int, name: str) -> None:
        self._try(lambda: classes.rename_class(self._project, class_id, name))
        self._session.read_classes()

    def set_colour(self, class_id: int, colour: str) -> None:
        """Give a class another colour, #RRGGBB."""
        self._try(lambda: classes.set_class_colour(self._project, class_id, colour))
        self._session.read_classes()

    def set_number_key(self, class_id: int, key: int | None) -> None:
        self._try(lambda: classes.set_number_key(self._project, class_id, key))
        self._session.read_classes()

    def describe(self, class_id: int, description: str) -> None:
        self._try(lambda: classes.describe_class(self._project, class_id, description))
        self._session.read_classes()

    def merge(self, source_id: int, target_id: int) -> None:
        """Give all regions of a class to another, and remove it."""
        self._try(lambda: classes.merge_classes(self._project, source_id, target_id))
        self._session.reload()

    def remove(self, class_id: int) -> None:
        """Remove a class that no region has."""
        self._try(lambda: classes.remove_class(self._project, class_id))
        self._session.reload()

    def count_regions(self, class_id: int) -> int:
        return classes.count_regions_of_class(self._project, class_id)

    def examples(self) -> list[Example]:
        """Return the defect book: all examples, by class."""
        return examples(self._project)

    def add_example(self, class_id: int, image_path: str, picture: bytes) -> None:
        """Keep a cut-out (a PNG file) as an example of a class."""
        self._try(lambda: add_example(self._project, class_id, image_path, picture))

    def caption_example(self, example_id: int, caption: str) -> None:
        self._try(lambda: caption_example(self._project, example_id, caption))

    def remove_example(self, example_id: int) -> None:
        self._try(lambda: remove_example(self._project, example_id))

    def _try(self, change: Callable[[], object]) -> None:
        try:
            change()
        except sqlite3.Error as error:
            raise BadDataError(*explain_fault(error, self._session.folder)) from error
