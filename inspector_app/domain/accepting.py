"""From proposals of a model to regions of the image."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion, Edit, ReplaceRegion
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Standing, undrawn_part


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How proposals are entered."""

    class_ids: Mapping[str, int]
    """The class of each name, and of no name."""
    author_detail: str
    """Model and run."""
    created_at: str
    """ISO 8601, UTC."""


def accept(
    standings: Sequence[Standing], regions: Sequence[Region], acceptance: Acceptance
) -> list[Edit]:
    """Return the edits that make regions of proposals, on top of those that are there.

    Pixels that are of a region stay with it, so that nothing is drawn twice. A proposal that
    only relabels a region gives it the other class; its pixels stay as they were drawn.
    """
    edits: list[Edit] = []
    there = list(regions)
    for standing in standings:
        class_id = acceptance.class_ids[standing.proposal.class_name]
        if (region := standing.relabels) is not None:
            edits.append(ReplaceRegion(region, region.with_class(class_id)))
            continue
        added = _region(standing, class_id, undrawn_part(standing.proposal, there), acceptance)
        if added is not None:
            edits.append(AddRegion(added, len(there)))
            there.append(added)
    return edits


def _region(
    standing: Standing, class_id: int, mask: Mask | None, acceptance: Acceptance
) -> Region | None:
    """Return the region of a proposal; None where others have all of its pixels."""
    box = standing.proposal.box if mask is None else mask.box
    if box is None:
        return None
    return Region(
        uuid.uuid4().hex,
        class_id,
        box,
        mask,
        Author.MODEL,
        acceptance.author_detail,
        acceptance.created_at,
    )
