"""The annotations of one image as they stand, and how an edit changes them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, assert_never

from inspector_app.domain.annotation import ImageVerdict, Region, ReviewState
from inspector_app.domain.edits import (
    AddRegion,
    DismissProposal,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    RestoreProposal,
    SetNote,
    SetPage,
    SetReview,
    SetVerdict,
)
from inspector_app.domain.errors import BugError
from inspector_app.domain.geometry import Box
from inspector_app.domain.proposals import Proposal

_FIELDS = {SetVerdict: "verdict", SetReview: "review", SetNote: "note", SetPage: "page"}
"""What an edit of the image as a whole changes."""


@dataclass(frozen=True, slots=True)
class Document:
    """Regions in drawing order (bottom first) and what is said of the image as a whole."""

    image_id: int
    regions: tuple[Region, ...] = ()
    verdict: ImageVerdict | None = None
    review: ReviewState = ReviewState.TODO
    note: str = ""
    page: int = 0
    """See `ImageRecord.page`."""
    dismissed: frozenset[Proposal] = frozenset()
    """What models proposed and nobody wants to see again."""

    def region(self, region_id: str) -> Region:
        """Return the region.

        Raises:
            BugError: if it is not there.
        """
        return self.regions[self.position_of(region_id)]

    def position_of(self, region_id: str) -> int:
        for position, region in enumerate(self.regions):
            if region.id == region_id:
                return position
        raise BugError(f"image {self.image_id} has no region {region_id}")

    def apply(self, edit: Edit) -> "Document":
        """Return the document after the edit.

        Raises:
            BugError: if the edit does not start from this document's state.
        """
        match edit:
            case AddRegion() | RemoveRegion() | ReplaceRegion():
                return replace(self, regions=self._regions_after(edit))
            case SetPage() if self.regions:
                raise BugError(f"image {self.image_id}: page {self.page} has regions")
            case SetVerdict() | SetReview() | SetNote() | SetPage():
                return self._with_said(edit)
            case DismissProposal(proposal):
                if proposal in self.dismissed:
                    raise BugError(f"image {self.image_id}: this proposal is dismissed already")
                return replace(self, dismissed=self.dismissed | {proposal})
            case RestoreProposal(proposal):
                if proposal not in self.dismissed:
                    raise BugError(f"image {self.image_id}: this proposal was not dismissed")
                return replace(self, dismissed=self.dismissed - {proposal})
            case _:
                assert_never(edit)

    def settle(self, edits: Iterable[Edit]) -> tuple[tuple[Edit, ...], "Document"]:
        """Return edits with the positions that they really have, and the document after them.

        The database shifts its rows by these positions, so a wrong one would part it from
        the document.

        Raises:
            BugError: if an edit does not start from the state that those before it leave.
        """
        document = self
        settled: list[Edit] = []
        for edit in edits:
            settled.append(document._settled(edit))
            document = document.apply(settled[-1])
        return tuple(settled), document

    def _settled(self, edit: Edit) -> Edit:
        match edit:
            case AddRegion(region, position):
                return AddRegion(region, max(0, min(position, len(self.regions))))
            case RemoveRegion(region, _):
                return RemoveRegion(region, self.position_of(region.id))
            case _:
                return edit

    def _regions_after(self, edit: AddRegion | RemoveRegion | ReplaceRegion) -> tuple[Region, ...]:
        match edit:
            case AddRegion(region, position):
                if any(region.id == other.id for other in self.regions):
                    raise BugError(f"image {self.image_id} already has region {region.id}")
                return (*self.regions[:position], region, *self.regions[position:])
            case RemoveRegion(region, _):
                at = self._position_unchanged(region)
                return self.regions[:at] + self.regions[at + 1 :]
            case ReplaceRegion(before, after):
                at = self._position_unchanged(before)
                return (*self.regions[:at], after, *self.regions[at + 1 :])
            case _:
                assert_never(edit)

    def _with_said(self, edit: SetVerdict | SetReview | SetNote | SetPage) -> "Document":
        field = _FIELDS[type(edit)]
        if (now := getattr(self, field)) != edit.before:
            raise BugError(f"image {self.image_id}: {field} is {now!r}")
        values: dict[str, Any] = {field: edit.after}
        return replace(self, **values)

    def _position_unchanged(self, region: Region) -> int:
        at = self.position_of(region.id)
        if self.regions[at] != region:
            raise BugError(f"region {region.id} changed since the edit was made")
        return at

    def topmost_at(self, x: float, y: float) -> Region | None:
        """Return the uppermost region whose pixels (or box, without a mask) hold the point."""
        for region in reversed(self.regions):
            if not region.box.contains(x, y):
                continue
            pixel = Box(int(x), int(y), int(x) + 1, int(y) + 1)
            if region.mask is None or region.mask.crop(pixel).any():
                return region
        return None
