"""What becomes of a model's proposals once somebody has decided."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from inspector_app.domain.accepting import Acceptance, accept
from inspector_app.domain.edits import AddRegion, DismissProposal, ReplaceRegion
from inspector_app.domain.proposals import Proposal, Standing
from inspector_app.ui.canvas.editing import Editing, now_utc


class ProposalWork(QObject):
    """Decisions on proposals of the current image; each is one undo step."""

    def __init__(self, editing: Editing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editing = editing

    def accept(self, standings: Sequence[Standing], *, author_detail: str) -> bool:
        """Make regions of proposals and select them; `author_detail` says where they are from."""
        editing = self._editing
        if not editing.can_edit or editing.document is None or not standings:
            return False
        class_ids: dict[str, int] = {}
        for name in {standing.proposal.class_name for standing in standings}:
            if (defect_class := editing.class_named(name)) is None:
                return False
            class_ids[name] = defect_class.id
        acceptance = Acceptance(class_ids, author_detail, now_utc())
        edits = accept(standings, editing.document.regions, acceptance)
        if not editing.perform(self.tr("Accept proposals"), *edits):
            return False
        added = [edit.region.id for edit in edits if isinstance(edit, AddRegion)]
        changed = [edit.after.id for edit in edits if isinstance(edit, ReplaceRegion)]
        editing.select_all(added + changed)
        editing.region_added.emit((added + changed)[0])
        return True

    def dismiss(self, proposals: Sequence[Proposal]) -> bool:
        """Say that these are not to be asked about again."""
        label = self.tr("Dismiss proposal") if len(proposals) == 1 else self.tr("Dismiss proposals")
        return self._editing.perform(label, *map(DismissProposal, proposals))
