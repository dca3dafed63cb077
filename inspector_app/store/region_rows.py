"""A region as a row of the database."""

from collections.abc import Sequence
from typing import Any

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask

COLUMNS = (
    "id",
    "class_id",
    "box_left",
    "box_top",
    "box_right",
    "box_bottom",
    "mask_height",
    "mask_width",
    "mask_counts",
    "author",
    "author_detail",
    "created_at",
    "is_ignored",
)


def values_of(region: Region) -> tuple[str | int | None, ...]:
    """Return a region's values in the order of `COLUMNS`."""
    mask, box = region.mask, region.box
    return (
        region.id,
        region.class_id,
        box.left,
        box.top,
        box.right,
        box.bottom,
        mask.height if mask else None,
        mask.width if mask else None,
        mask.counts if mask else None,
        region.author.value,
        region.author_detail,
        region.created_at,
        int(region.is_ignored),
    )


def region_of(row: Sequence[Any]) -> Region:
    """Return the region of a row with `COLUMNS`."""
    (
        name,
        class_id,
        left,
        top,
        right,
        bottom,
        height,
        width,
        counts,
        author,
        detail,
        at,
        ignored,
    ) = row
    return Region(
        id=name,
        class_id=class_id,
        box=Box(left, top, right, bottom),
        mask=Mask(height, width, counts) if counts is not None else None,
        author=Author(author),
        author_detail=detail,
        created_at=at,
        is_ignored=bool(ignored),
    )
