"""The images of a project as records, read in one go."""

import sqlite3
from collections.abc import Iterable

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.dataset import ImageRecord, Split

# Looked up, not constructed: an enumeration's call takes most of the time of a long list.
_SPLITS = {split.value: split for split in Split}
_VERDICTS: dict[str | None, ImageVerdict | None] = {
    None: None,
    **{verdict.value: verdict for verdict in ImageVerdict},
}
_REVIEWS = {review.value: review for review in ReviewState}
_COLUMNS = "id, relative_path, split, defect_type, verdict, review, page"
_NOTHING: tuple[int, frozenset[int]] = (0, frozenset())


def read_images(
    connection: sqlite3.Connection,
    *,
    split: Split | None = None,
    defect_type: str | None = None,
    text: str = "",
) -> list[ImageRecord]:
    """Return images in order, narrowed by split, defect type and a piece of the path."""
    # The window asks for 100,000 rows at once, so what is marked on them comes from one
    # pass over an index, not from a query for each image.
    marked = _marked(
        connection.execute(
            "SELECT image_id, class_id, count(*) FROM regions WHERE NOT is_ignored "
            "GROUP BY image_id, class_id"
        )
    )
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM images "
        "WHERE (?1 IS NULL OR split = ?1) AND (?2 IS NULL OR defect_type = ?2) "
        "AND (?3 = '' OR instr(lower(relative_path), lower(?3))) ORDER BY position, id",
        (split.value if split else None, defect_type, text),
    )
    return [
        ImageRecord(
            number,
            path,
            _SPLITS[place],
            kind,
            _VERDICTS[verdict],
            (found := marked.get(number, _NOTHING))[0],
            _REVIEWS[review],
            found[1],
            page,
        )
        for number, path, place, kind, verdict, review, page in rows
    ]


def read_image(connection: sqlite3.Connection, image_id: int) -> ImageRecord:
    """Return one image.

    Raises:
        KeyError: if there is none with this id.
    """
    row = connection.execute(f"SELECT {_COLUMNS} FROM images WHERE id = ?", (image_id,)).fetchone()
    if row is None:
        raise KeyError(image_id)
    marked = _marked(
        connection.execute(
            "SELECT image_id, class_id, count(*) FROM regions "
            "WHERE image_id = ? AND NOT is_ignored GROUP BY class_id",
            (image_id,),
        )
    )
    count, class_ids = marked.get(image_id, _NOTHING)
    number, path, split, kind, verdict, review, page = row
    return ImageRecord(
        number,
        path,
        _SPLITS[split],
        kind,
        _VERDICTS[verdict],
        count,
        _REVIEWS[review],
        class_ids,
        page,
    )


def _marked(rows: Iterable[tuple[int, int, int]]) -> dict[int, tuple[int, frozenset[int]]]:
    """Return count and classes of the regions by image id, from rows in the images' order."""
    found: dict[int, tuple[int, frozenset[int]]] = {}
    for image_id, class_id, count in rows:
        before, classes = found.get(image_id, _NOTHING)
        found[image_id] = (before + count, classes | {class_id})
    return found
