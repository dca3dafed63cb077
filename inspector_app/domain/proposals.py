"""Regions that a model sees, until somebody accepts or dismisses them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inspector_app.domain.annotation import Region
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.region_operations import difference

SAME_IOU = 0.5
"""From here on two regions are taken for the same place."""


class Scope(StrEnum):
    """Which images of a project a model is asked about."""

    CURRENT = "current"
    UNMARKED = "unmarked"
    """Those without any region."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One defect as a model sees it."""

    class_name: str
    """Empty where the model does not tell types apart: any type may be meant."""
    score_01: float
    box: Box
    mask: Mask | None = None
    """None where the model finds boxes only."""

    def __post_init__(self) -> None:
        if self.mask is not None and self.mask.box != self.box:
            raise ValueError(f"proposal: box {self.box} is not its mask's {self.mask.box}")

    def is_named(self, class_name: str) -> bool:
        """Tell whether the class may be meant."""
        return self.class_name in ("", class_name)


def overlap(one: Proposal | Region, other: Proposal | Region) -> float:
    """Return intersection over union: of the pixels, or of the boxes where one is only a box."""
    box_iou = one.box.iou(other.box)
    if not box_iou or one.mask is None or other.mask is None:
        return box_iou
    is_same_size = (one.mask.width, one.mask.height) == (other.mask.width, other.mask.height)
    return one.mask.iou(other.mask) if is_same_size else 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """One proposal against what is drawn."""

    proposal: Proposal
    relabels: Region | None = None
    """The region in its place that is of another class."""


def still_open(
    proposals: Iterable[Proposal],
    regions: Sequence[Region],
    dismissed: Iterable[Proposal],
    class_names: dict[int, str],
) -> list[Standing]:
    """Return the proposals that nobody has decided on, the surest first.

    Those that cover a region of the same class are drawn already; those that cover one that
    was dismissed, by whichever model, are not asked again.
    """
    settled = tuple(dismissed)
    standings = [
        _standing(proposal, regions, class_names)
        for proposal in sorted(proposals, key=lambda one: -one.score_01)
        if not is_dismissed(proposal, settled)
    ]
    return [standing for standing in standings if standing is not None]


def _standing(
    proposal: Proposal, regions: Sequence[Region], class_names: dict[int, str]
) -> Standing | None:
    relabels: Region | None = None
    for region in regions:
        if overlap(proposal, region) < SAME_IOU:
            continue
        # Nobody is asked about pixels that count as neither defect nor background.
        if region.is_ignored or proposal.is_named(class_names[region.class_id]):
            return None
        relabels = region
    return Standing(proposal, relabels)


def is_dismissed(proposal: Proposal, dismissed: Iterable[Proposal]) -> bool:
    """Tell whether the same was dismissed before, whichever model proposed it."""
    return any(
        (proposal.is_named(old.class_name) or not old.class_name)
        and overlap(proposal, old) >= SAME_IOU
        for old in dismissed
    )


def undrawn_part(proposal: Proposal, regions: Iterable[Region]) -> Mask | None:
    """Return the proposal's pixels that are of no region yet; None for a box.

    Regions of another image size are passed over; so are boxes without pixels, which are wide
    of what they mean.
    """
    mask = proposal.mask
    if mask is None:
        return None
    size = (mask.width, mask.height)
    drawn = [
        region.mask
        for region in regions
        if region.mask is not None
        and (region.mask.width, region.mask.height) == size
        and region.box.iou(proposal.box)
    ]
    return difference(mask, *drawn)
