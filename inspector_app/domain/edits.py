"""Edits of one image's annotations; each knows its inverse, so undo is another edit."""

from dataclasses import dataclass

from inspector_app.domain.annotation import ImageVerdict, Region, ReviewState
from inspector_app.domain.proposals import Proposal


@dataclass(frozen=True, slots=True)
class AddRegion:
    """Put a region into the drawing order at `position` (0 is the bottom)."""

    region: Region
    position: int

    def inverse(self) -> "RemoveRegion":
        return RemoveRegion(self.region, self.position)


@dataclass(frozen=True, slots=True)
class RemoveRegion:
    """Take a region out; carries it whole so that it can come back."""

    region: Region
    position: int

    def inverse(self) -> AddRegion:
        return AddRegion(self.region, self.position)


@dataclass(frozen=True, slots=True)
class ReplaceRegion:
    """Exchange a region for a changed one with the same id."""

    before: Region
    after: Region

    def __post_init__(self) -> None:
        if self.before.id != self.after.id:
            raise ValueError(f"region {self.before.id} cannot become {self.after.id}")

    def inverse(self) -> "ReplaceRegion":
        return ReplaceRegion(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """Change the operator's word on the image; None means not given."""

    before: ImageVerdict | None
    after: ImageVerdict | None

    def inverse(self) -> "SetVerdict":
        return SetVerdict(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetReview:
    """Say how far the work on the image has come."""

    before: ReviewState
    after: ReviewState

    def inverse(self) -> "SetReview":
        return SetReview(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetNote:
    """Change the operator's note on the image; empty for none."""

    before: str
    after: str

    def inverse(self) -> "SetNote":
        return SetNote(self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetPage:
    """Choose the page of a file with several; what is drawn belongs to one of them."""

    before: int
    after: int

    def inverse(self) -> "SetPage":
        return SetPage(self.after, self.before)


@dataclass(frozen=True, slots=True)
class DismissProposal:
    """Say that what a model sees is no defect, or is drawn well enough."""

    proposal: Proposal

    def inverse(self) -> "RestoreProposal":
        return RestoreProposal(self.proposal)


@dataclass(frozen=True, slots=True)
class RestoreProposal:
    """Take a dismissal back."""

    proposal: Proposal

    def inverse(self) -> DismissProposal:
        return DismissProposal(self.proposal)


Edit = (
    AddRegion
    | RemoveRegion
    | ReplaceRegion
    | SetVerdict
    | SetReview
    | SetNote
    | SetPage
    | DismissProposal
    | RestoreProposal
)


@dataclass(frozen=True, slots=True)
class UndoStep:
    """Edits of one image that are done, stored and undone together."""

    image_id: int
    label: str
    """What the operator did, for the Undo menu: “Add region”."""
    edits: tuple[Edit, ...]

    def inverse(self) -> "UndoStep":
        edits = tuple(edit.inverse() for edit in reversed(self.edits))
        return UndoStep(self.image_id, self.label, edits)
