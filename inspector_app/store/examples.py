"""The defect book: small pictures that show what a class looks like."""

from dataclasses import dataclass

from inspector_app.store.project import Project


@dataclass(frozen=True, slots=True)
class Example:
    """A cut-out of a photo, kept as it was when it was chosen."""

    id: int
    class_id: int
    image_path: str
    """Relative path of the photo it was cut from."""
    caption: str
    picture: bytes
    """A PNG file."""


def add_example(project: Project, class_id: int, image_path: str, picture: bytes) -> None:
    """Keep a cut-out (a PNG file) as an example of a class."""
    with project.transaction() as connection:
        connection.execute(
            "INSERT INTO examples (class_id, image_path, picture) VALUES (?, ?, ?)",
            (class_id, image_path, picture),
        )


def caption_example(project: Project, example_id: int, caption: str) -> None:
    with project.transaction() as connection:
        connection.execute(
            "UPDATE examples SET caption = ? WHERE id = ?", (caption.strip(), example_id)
        )


def remove_example(project: Project, example_id: int) -> None:
    with project.transaction() as connection:
        connection.execute("DELETE FROM examples WHERE id = ?", (example_id,))


def examples(project: Project) -> list[Example]:
    """Return all examples, by class, the oldest first."""
    rows = project.connection.execute(
        "SELECT id, class_id, image_path, caption, picture FROM examples ORDER BY class_id, id"
    )
    return [Example(*row) for row in rows]
