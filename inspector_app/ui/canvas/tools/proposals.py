"""Proposals: what a trained model sees becomes regions, or is dismissed, one by one or all."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.draft_painting import paint_draft_tags
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.proposal_drafts import ProposalDraft
from inspector_app.ui.canvas.proposal_work import ProposalWork
from inspector_app.ui.canvas.tools.base import Pointer
from inspector_app.ui.canvas.tools.drafting import DraftTool
from inspector_app.ui.canvas.tools.options import NumberOption
from inspector_app.ui.wording import defect_name, percent

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas


_LEAST_PERCENT = 25
"""Detectors propose a hundred boxes that they hardly believe in."""


class ProposalTool(DraftTool):
    """Shows the proposals that it is given; nothing is drawn before somebody says so."""

    name = "proposals"
    icon_name = "proposals"
    shortcut = "Y"

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self._drafts: list[ProposalDraft] | None = None
        self._author_detail = ""
        self._work = ProposalWork(editing, self)
        self.least = NumberOption(
            self.tr("From"),
            value=_LEAST_PERCENT,
            minimum=1,
            maximum=99,
            unit="%",
            tip=self.tr("Proposals that are less likely to the model are not shown"),
            parent=self,
        )
        self.least.changed.connect(self._tell)
        self.options = (self.least,)

    def title(self) -> str:
        return self.tr("Proposals of a model")

    def hint(self) -> str:
        if self._drafts is None:
            return self.tr("No model has been asked about this image yet.")
        if self._is_dropped:
            return self.tr("The proposals are hidden. Take the tool again (Y) to see them.")
        if self._drafts and not self.drafts:
            text = self.tr("{count} are less likely than {share} %: lower the limit to see them.")
            return text.format(count=len(self._drafts), share=self.least.value)
        if not self.drafts:
            return self.tr("Nothing is left to decide in this image.")
        if isinstance(self._lit, ProposalDraft):
            return self._hint_for(self._lit)
        text = self.tr("Click takes one, right click dismisses it; Enter takes all, Backspace none")
        return f"{len(self.drafts)} · {text}"

    def _hint_for(self, draft: ProposalDraft) -> str:
        name = defect_name(draft.proposal.class_name)
        share = percent(draft.proposal.score_01)
        if draft.standing.relabels is None:
            text = self.tr("{name}, {share}: a click takes it, a right click dismisses it.")
        else:
            text = self.tr(
                "The model takes this region for {name}, {share}: a click changes its class, "
                "a right click keeps it."
            )
        return text.format(name=name, share=share)

    @property
    def drafts(self) -> list[ProposalDraft]:
        """What can be accepted now, the largest first."""
        if self._is_dropped or self._drafts is None:
            return []
        shown = [one for one in self._drafts if 100 * one.proposal.score_01 >= self.least.value]
        return sorted(shown, key=lambda draft: -draft.mask.area)

    def set_drafts(self, drafts: Sequence[ProposalDraft] | None, author_detail: str = "") -> None:
        """Show what is open in the image; None where no model has looked at it.

        `author_detail` goes with the regions: which model they are from.
        """
        self._drafts = None if drafts is None else list(drafts)
        self._author_detail = author_detail
        self._tell()

    def take(self, draft: Draft, pointer: Pointer) -> None:
        self._accept([draft])

    def refuse(self, draft: Draft) -> None:
        self._dismiss([draft])

    def take_all(self) -> None:
        """Take what adds regions; what would change one is decided one by one."""
        adding = [draft for draft in self.drafts if draft.standing.relabels is None]
        if len(adding) < len(self.drafts):
            self.editing.noticed.emit(
                self.tr("Where the model only names another class, decide one by one.")
            )
        self._accept(adding)

    def dismiss_all(self) -> None:
        self._dismiss(self.drafts)
        self._tell()

    @property
    def key_actions(self) -> dict[Qt.Key, Callable[[], None]]:
        return super().key_actions | {Qt.Key.Key_Backspace: self.dismiss_all}

    def colour_of(self, draft: Draft) -> QColor:
        assert isinstance(draft, ProposalDraft)
        return draft.colour

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        tags = [
            (draft, f"{defect_name(draft.proposal.class_name)} {percent(draft.proposal.score_01)}")
            for draft in self.drafts
        ]
        paint_draft_tags(painter, self.canvas.viewport, tags, colour_of=self.colour_of)

    def _accept(self, drafts: Sequence[Draft]) -> None:
        standings = [d.standing for d in drafts if isinstance(d, ProposalDraft)]
        self._work.accept(standings, author_detail=self._author_detail)

    def _dismiss(self, drafts: Sequence[Draft]) -> None:
        proposals = [draft.proposal for draft in drafts if isinstance(draft, ProposalDraft)]
        self._work.dismiss(proposals)
