"""A box and the mask in it as columns of a row, for every table that keeps places of images."""

from collections.abc import Sequence
from typing import Any

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal

PLACE_COLUMNS = (
    "box_left",
    "box_top",
    "box_right",
    "box_bottom",
    "mask_height",
    "mask_width",
    "mask_counts",
)

PROPOSAL_COLUMNS = ("class_name", "score", *PLACE_COLUMNS)


def place_values(box: Box, mask: Mask | None) -> tuple[str | int | None, ...]:
    """Return values in the order of `PLACE_COLUMNS`."""
    of_mask = (mask.height, mask.width, mask.counts) if mask else (None, None, None)
    return (box.left, box.top, box.right, box.bottom, *of_mask)


def place_of(values: Sequence[Any]) -> tuple[Box, Mask | None]:
    """Return the place of values in the order of `PLACE_COLUMNS`."""
    left, top, right, bottom, height, width, counts = values
    mask = Mask(height, width, counts) if counts is not None else None
    return Box(left, top, right, bottom), mask


def proposal_values(proposal: Proposal) -> tuple[str | int | float | None, ...]:
    """Return a proposal's values in the order of `PROPOSAL_COLUMNS`."""
    place = place_values(proposal.box, proposal.mask)
    return (proposal.class_name, proposal.score_01, *place)


def proposal_of(values: Sequence[Any]) -> Proposal:
    """Return the proposal of values in the order of `PROPOSAL_COLUMNS`."""
    class_name, score, *place = values
    return Proposal(class_name, score, *place_of(place))
