"""Heatmap: what a trained model finds unusual becomes draft regions, accepted by a click."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent

from inspector_app.domain import region_operations as operations
from inspector_app.domain.annotation import Author
from inspector_app.domain.geometry import PointXY
from inspector_app.domain.hot_areas import MOST_AREAS
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.draft_painting import class_colour
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools.base import Pointer
from inspector_app.ui.canvas.tools.drafting import DraftTool
from inspector_app.ui.canvas.tools.heatmap_options import HeatmapOptions

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas

_KEY_STEPS = 4
_SLIDER_STEPS = {Qt.Key.Key_BracketLeft: -_KEY_STEPS, Qt.Key.Key_BracketRight: _KEY_STEPS}
_MOST_GROWTH = 3


class HeatmapTool(DraftTool):
    """Shows drafts that it is given; what they are made from is for whoever makes them to know."""

    name = "heatmap"
    icon_name = "heatmap-draft"
    shortcut = "T"

    drafts_wanted = Signal()
    """Other drafts than those shown: an option was changed."""

    def __init__(self, canvas: "Canvas", editing: Editing) -> None:
        super().__init__(canvas, editing)
        self.heatmap_options = HeatmapOptions(self)
        self.options = (self.heatmap_options.share,)
        self.details = self.heatmap_options.details
        for option in (self.heatmap_options.share, *self.heatmap_options.tidying_options):
            option.changed.connect(self._ask_for_others)
        self._drafts: list[Draft] | None = None
        self._author_detail = ""
        self._joining: list[PointXY] = []
        """Places whose drafts are to become one region; they outlast the drafts."""
        self._refused: list[Draft] = []

    def title(self) -> str:
        return self.tr("Draft from the heatmap")

    def hint(self) -> str:
        if self._drafts is None:
            return self.tr("Drafts need the anomaly map of this image (M).")
        if self._is_dropped:
            return self.tr("The drafts are dropped. Move the slider for others.")
        if not self.drafts:
            return self.tr("Nothing new reaches this score. Move the slider to the left.")
        count = len(self.drafts)
        if count == 1:
            return self.tr("1 draft: a click or Enter takes it, a right click drops it.")
        text = self.tr("{count} drafts: click takes, Shift joins, right drops; Enter takes all.")
        if len(self._drafts) >= MOST_AREAS:
            text = self.tr("The {count} largest drafts: click takes, Shift joins, right drops.")
        return text.format(count=count)

    @property
    def drafts(self) -> list[Draft]:
        """What can be accepted now, largest first."""
        if self._is_dropped or self._drafts is None:
            return []
        return [d for d in self._drafts if not any(_is_again(d, old) for old in self._refused)]

    def set_drafts(self, drafts: Sequence[Draft] | None, author_detail: str = "") -> None:
        """Show what was made of the image's anomaly map; None where there is none.

        `author_detail` goes with the regions: which model they are from.
        """
        self._drafts = None if drafts is None else list(drafts)
        self._author_detail = author_detail
        self._tell()

    # mouse and keys

    def take(self, draft: Draft, pointer: Pointer) -> None:
        if pointer.has_shift:
            self._toggle_joined(draft, (pointer.x, pointer.y))
            return
        joined = self.joined()
        self._accept([joined] if draft in joined else [[draft]])

    def refuse(self, draft: Draft) -> None:
        self._refused.append(draft)

    def takes_key(self, event: QKeyEvent) -> bool:
        if event.key() in _SLIDER_STEPS:
            return self._drafts is not None
        return super().takes_key(event)

    def key(self, event: QKeyEvent) -> None:
        if (steps := _SLIDER_STEPS.get(Qt.Key(event.key()))) is None:
            super().key(event)
            return
        share = self.heatmap_options.share
        share.set_step(share.step + steps)
        self._tell()

    def reset(self) -> None:
        self._joining.clear()
        self._refused.clear()
        super().reset()

    # drafts

    def _ask_for_others(self) -> None:
        self._is_dropped = False
        self.drafts_wanted.emit()

    def joined(self) -> list[Draft]:
        return [d for d in self.drafts if any(d.is_met(*place) for place in self._joining)]

    def _toggle_joined(self, draft: Draft, place: PointXY) -> None:
        left = [other for other in self._joining if not draft.is_met(*other)]
        # The click itself may have been a little beside it.
        place = place if draft.is_met(*place) else draft.place
        self._joining = left if len(left) < len(self._joining) else [*left, place]

    def take_all(self) -> None:
        joined = self.joined()
        alone = [[draft] for draft in self.drafts if draft not in joined]
        self._accept([joined, *alone] if joined else alone)

    def _accept(self, groups: Sequence[Sequence[Draft]]) -> None:
        """Make a region of each group, all as one step."""
        masks = [operations.union([draft.mask for draft in group]) for group in groups]
        for group in groups:
            self.canvas.keep_outline(group[0].mask, group[0].traced)
        is_stored = self.editing.add_all(
            self.tr("Add from the heatmap"),
            masks,
            author=Author.ANOMALY_MODEL,
            author_detail=self._author_detail,
        )
        if is_stored:
            taken = [draft for group in groups for draft in group]
            self._drafts = [draft for draft in self._drafts or [] if draft not in taken]
            self._joining = [p for p in self._joining if not any(d.is_met(*p) for d in taken)]

    def drop(self) -> None:
        super().drop()
        self._joining.clear()

    def colour_of(self, draft: Draft) -> QColor:
        return class_colour(self.editing.current_class)


def _is_again(draft: Draft, refused: Draft) -> bool:
    """Tell whether it is a draft that was refused, at another score; not one that swallowed it."""
    is_alike = draft.mask.area <= _MOST_GROWTH * refused.mask.area
    return is_alike and draft.is_met(*refused.place)
