"""Proposals of a model as drafts on the canvas."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal, Standing
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.draft_painting import class_colour
from inspector_app.ui.canvas.outlines import Outline


@dataclass(frozen=True, eq=False)
class ProposalDraft(Draft):
    """A region as a model sees it."""

    standing: Standing
    colour: QColor

    @property
    def proposal(self) -> Proposal:
        return self.standing.proposal


class ProposalDrafts:
    """Makes drafts; what was outlined once is kept while its image is the current one."""

    def __init__(self) -> None:
        self._outlined: dict[Proposal, Draft] = {}

    def forget(self) -> None:
        self._outlined.clear()

    def of(
        self, standings: Sequence[Standing], size: QSize, classes: Sequence[DefectClass]
    ) -> list[ProposalDraft]:
        """Return drafts in the standings' order; those of another image size are left out."""
        by_name = {one.name: one for one in classes}
        first = classes[0] if classes else None
        return [
            ProposalDraft(
                (plain := self._plain(standing.proposal, size)).mask,
                plain.traced,
                standing,
                class_colour(by_name.get(standing.proposal.class_name, first)),
            )
            for standing in standings
            if _fits(standing.proposal, size)
        ]

    def _plain(self, proposal: Proposal, size: QSize) -> Draft:
        if proposal not in self._outlined:
            mask, shape = proposal.mask, proposal.mask or proposal.box
            if mask is None:
                mask = Mask.from_box(proposal.box, height=size.height(), width=size.width())
            self._outlined[proposal] = Draft(mask, Outline(shape))
        return self._outlined[proposal]


def _fits(proposal: Proposal, size: QSize) -> bool:
    mask, (width, height) = proposal.mask, size.toTuple()
    if mask is None:
        return proposal.box.clipped(width, height) == proposal.box
    return (mask.width, mask.height) == (width, height)
