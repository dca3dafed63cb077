"""Joins canvas, tool and bar with what models propose for the image at hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from inspector_app.domain.dataset import plain_name
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.proposals import Scope
from inspector_app.protocol.shelf import ShelfItem
from inspector_app.services.model_proposals import ImageProposals, ModelProposals
from inspector_app.services.session import ProjectSession
from inspector_app.services.words import can_look_for_words
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.proposal_drafts import ProposalDrafts
from inspector_app.ui.canvas.tools.proposals import ProposalTool
from inspector_app.ui.panels.proposal_bar import ProposalBar
from inspector_app.ui.wording import called_name


@dataclass(frozen=True, slots=True)
class ProposalParts:
    """What the layer works on."""

    editing: Editing
    tool: ProposalTool
    bar: ProposalBar


class ProposalLayer(QObject):
    """Shows proposals while the tool is in hand, and has a model asked."""

    def __init__(
        self,
        session: ProjectSession,
        proposals: ModelProposals,
        parts: ProposalParts,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._proposals = proposals
        self._parts = parts
        self._drafts = ProposalDrafts()
        self._is_in_hand = False
        self._is_stale = True
        self._found: ImageProposals | None = None
        self._has_models = False
        proposals.changed.connect(self._read_all_again)
        proposals.progressed.connect(parts.bar.set_progress)
        parts.bar.asked.connect(lambda run_id, scope: proposals.propose(run_id, Scope(scope)))
        parts.bar.counts_wanted.connect(self._show_counts)
        parts.bar.cancel_requested.connect(proposals.cancel)
        parts.bar.take_requested.connect(parts.tool.take_all)
        parts.bar.dismiss_requested.connect(parts.tool.dismiss_all)
        parts.bar.words_requested.connect(self._ask_for_words)
        session.classes_changed.connect(self.refresh)

    def set_weights(self, items: Sequence[ShelfItem]) -> None:
        """Take note of the weights that there are: words need some."""
        self._parts.bar.set_words_offered(is_offered=can_look_for_words(items))
        self.refresh()

    def set_image(self) -> None:
        """Another image is on the canvas, or none."""
        self._drafts.forget()
        self._parts.tool.set_drafts(None)
        self._read_again()

    def set_in_hand(self, *, is_in_hand: bool) -> None:
        """Whether the tool is the one in use."""
        was_in_hand, self._is_in_hand = self._is_in_hand, is_in_hand
        if is_in_hand and not was_in_hand:
            self._read_all_again()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Show what is open now."""
        if not self._is_in_hand:
            self._parts.bar.hide()
            return
        self._read()
        open_count = self._show_drafts()
        self._show_bar(open_count)

    def _read_all_again(self) -> None:
        if self._is_in_hand:
            models = self._proposals.models()
            self._has_models = bool(models)
            self._parts.bar.set_models(models)
        self._read_again()

    def _ask_for_words(self) -> None:
        known = ", ".join(plain_name(one.name) for one in self._session.classes())
        text, is_agreed = QInputDialog.getText(
            self._parts.bar,
            self.tr("Look for words"),
            self.tr("What to look for in this image, in English and separated by commas:"),
            text=known,
        )
        if not is_agreed:
            return
        try:
            self._proposals.propose_words(text, Scope.CURRENT)
        except BadDataError as error:
            self._parts.bar.say(str(error))

    def _show_counts(self) -> None:
        self._parts.bar.set_counts({scope: self._proposals.count(scope) for scope in Scope})

    def _read_again(self) -> None:
        self._is_stale = True
        self.refresh()

    def _read(self) -> None:
        """Read only what is looked at: other images follow each other quickly."""
        if self._is_stale:
            self._is_stale = False
            current = self._session.current_image
            self._found = self._proposals.of_image(current.id) if current is not None else None

    def _show_drafts(self) -> int:
        document, size = self._session.document, self._parts.editing.image_size
        if self._found is None or document is None or size.isEmpty():
            self._parts.tool.set_drafts(None)
            return 0
        standings = self._proposals.still_open(self._found, document)
        drafts = self._drafts.of(standings, size, self._session.classes())
        self._parts.tool.set_drafts(drafts, self._found.author_detail)
        return len(drafts)

    def _show_bar(self, open_count: int) -> None:
        bar, proposals = self._parts.bar, self._proposals
        bar.show_state(
            self._text(open_count),
            open_count=open_count,
            is_running=proposals.is_running,
            can_ask=self._has_models and proposals.can_inspect,
            can_decide=proposals.can_inspect,
        )

    def _text(self, open_count: int) -> str:
        if self._found is None:
            if self._proposals.is_running:
                return self.tr("The model is looking at the images…")
            if not self._has_models:
                return self.tr("Proposals need a trained U-Net, classifier or detector: train one.")
            return self.tr("No model has been asked about this image yet.")
        said = self.tr("{model}:").format(model=self._found.model_title)
        called = called_name(self._found.result)
        count = self._count_text(open_count)
        return " ".join(filter(None, (said, called and f"{called} ·", count)))

    def _count_text(self, open_count: int) -> str:
        assert self._found is not None
        if open_count == 1:
            return self.tr("1 proposal is open.")
        if open_count:
            return self.tr("{count} proposals are open.").format(count=open_count)
        if self._found.result.proposals:
            return self.tr("All proposals are decided or drawn already.")
        return self.tr("It sees no defect here.")
