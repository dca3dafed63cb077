"""A region as a row of the database."""

from collections.abc import Sequence
from typing import Any

from inspector_app.domain.annotation import Author, Region
from inspector_app.store.place_rows import PLACE_COLUMNS, place_of, place_values

COLUMNS = (
    "id",
    "class_id",
    *PLACE_COLUMNS,
    "author",
    "author_detail",
    "created_at",
    "is_ignored",
)


def values_of(region: Region) -> tuple[str | int | None, ...]:
    """Return a region's values in the order of `COLUMNS`."""
    return (
        region.id,
        region.class_id,
        *place_values(region.box, region.mask),
        region.author.value,
        region.author_detail,
        region.created_at,
        int(region.is_ignored),
    )


def region_of(row: Sequence[Any]) -> Region:
    """Return the region of a row with `COLUMNS`."""
    name, class_id, *place, author, detail, at, ignored = row
    box, mask = place_of(place)
    return Region(
        id=name,
        class_id=class_id,
        box=box,
        mask=mask,
        author=Author(author),
        author_detail=detail,
        created_at=at,
        is_ignored=bool(ignored),
    )
