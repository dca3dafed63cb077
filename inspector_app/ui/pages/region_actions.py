"""What can be done to regions, as actions for the menu and for the list of regions."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.region_work import RegionWork

_STEP_PX = 1
_COARSE_STEP_PX = 5


class RegionActions(QObject):
    """The submenu “Region”; its actions work on what is selected."""

    def __init__(self, page: QWidget, editing: Editing) -> None:
        super().__init__(page)
        self._page = page
        self._editing = editing
        self.work = RegionWork(editing, self)
        self._for_one: list[QAction] = []
        self._for_several: list[QAction] = []
        self.menu = QMenu(self.tr("Region"), page)
        self._fill_menu()
        self.refresh()

    def refresh(self) -> None:
        """Enable what is of use for the present selection."""
        count = len(self._editing.all_selected) if self._editing.can_edit else 0
        for action in self._for_one:
            action.setEnabled(count >= 1)
        for action in self._for_several:
            action.setEnabled(count >= 2)

    def _fill_menu(self) -> None:
        work = self.work
        self._add(self.tr("Merge"), "Ctrl+M", work.merge, needs_several=True)
        self._add(self.tr("Subtract the others"), "Ctrl+Shift+M", work.subtract, needs_several=True)
        self._add(self.tr("Intersect"), "Ctrl+Alt+M", work.intersect, needs_several=True)
        self._add(self.tr("Separate parts"), "Ctrl+Shift+P", work.separate)
        self.menu.addSeparator()
        for text, key, distance_px in (
            (self.tr("Grow by 1 px"), "Ctrl+]", _STEP_PX),
            (self.tr("Shrink by 1 px"), "Ctrl+[", -_STEP_PX),
            (self.tr("Grow by 5 px"), "Ctrl+Shift+]", _COARSE_STEP_PX),
            (self.tr("Shrink by 5 px"), "Ctrl+Shift+[", -_COARSE_STEP_PX),
        ):
            self._add(text, key, partial(work.grow, distance_px))
        self._add(self.tr("Fill holes"), "F", work.fill_holes)
        self._add(self.tr("Ignore, or use again"), "I", work.toggle_ignored)
        self.menu.addSeparator()
        self._add(self.tr("Raise"), "PgUp", work.raise_one)
        self._add(self.tr("Lower"), "PgDown", work.lower_one)
        self._add(self.tr("Bring to front"), "Ctrl+Home", work.bring_to_front)
        self._add(self.tr("Send to back"), "Ctrl+End", work.send_to_back)
        self.menu.addSeparator()
        self._add(self.tr("Mirror left to right"), None, partial(work.mirror, is_upside_down=False))
        self._add(self.tr("Mirror top to bottom"), None, partial(work.mirror, is_upside_down=True))

    def _add(
        self, text: str, key: str | None, slot: Callable[[], bool], *, needs_several: bool = False
    ) -> None:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        # Without the triggered signal's argument, which no operation wants.
        action.triggered.connect(lambda: slot())  # noqa: PLW0108
        self._page.addAction(action)
        self.menu.addAction(action)
        (self._for_several if needs_several else self._for_one).append(action)
