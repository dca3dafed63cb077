"""The actions of the Annotate page: text, icon, key. What they do is connected by the page."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QWidget

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools import Tool
from inspector_app.ui.icons import icon
from inspector_app.ui.pages.region_actions import RegionActions
from inspector_app.ui.panels.verdict import VERDICT_ICONS, VERDICT_KEYS
from inspector_app.ui.wording import image_verdict_name

_CLASS_KEYS = 9


class AnnotateActions(QObject):
    """Every action of the page; the main window puts them into its menus."""

    def __init__(self, page: QWidget, tools: Sequence[Tool], editing: Editing) -> None:
        super().__init__(page)
        self._page = page
        self.regions = RegionActions(page, editing)
        self._create_edit_actions()
        self._create_way_actions()
        self._create_view_actions()
        self._create_verdict_actions()
        self._create_tool_actions(tools)
        self._create_class_actions()

    @property
    def edit_menu(self) -> list[QAction]:
        return [
            self.undo,
            self.redo,
            _separator(self),
            self.delete,
            self.duplicate,
            self.snap,
            self.regions.menu.menuAction(),
            self.copy_to_next,
            self.add_example,
            _separator(self),
            *self.tools.values(),
            _separator(self),
            *self.verdicts.values(),
        ]

    @property
    def view_menu(self) -> list[QAction]:
        return [
            self.next,
            self.previous,
            self.next_unreviewed,
            self.disagreements,
            _separator(self),
            self.fit,
            self.zoom_100,
            self.zoom_in,
            self.zoom_out,
            _separator(self),
            self.hide_regions,
            self.outline_only,
            self.heatmap,
            self.next_channel,
            self.reset_adjustment,
            self.side_panels,
        ]

    def set_undo(self, undo_label: str, redo_label: str, *, is_enabled: bool) -> None:
        """Name what would be undone and redone."""
        for action, label, text in (
            (self.undo, undo_label, self.tr("Undo")),
            (self.redo, redo_label, self.tr("Redo")),
        ):
            action.setText(f"{text}: {label}" if label else text)
            action.setEnabled(is_enabled and bool(label))
            _set_tip(action)

    def _create_edit_actions(self) -> None:
        self.undo = self._action(self.tr("Undo"), "undo", "Ctrl+Z")
        self.redo = self._action(self.tr("Redo"), "redo", "Ctrl+Shift+Z")
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.delete = self._action(self.tr("Delete region"), "delete", "Del")
        # Its key is Ctrl+D in the list of regions only, so it is none of the page's.
        self.duplicate = self._action(self.tr("Duplicate region"), "add", None)
        self.snap = self._action(self.tr("Snap region to edges"), "click-segment", "Q")
        self.add_example = self._action(self.tr("Add to the defect book"), "add", "Ctrl+B")
        self.copy_to_next = self._action(self.tr("Copy regions to the next image"), "next", "C")

    def _create_way_actions(self) -> None:
        self.next = self._action(self.tr("Next image"), "next", "D")
        self.previous = self._action(self.tr("Previous image"), "previous", "A")
        self.next_unreviewed = self._action(self.tr("Next image to review"), None, "Ctrl+D")

        text = self.tr("Only where model and labels disagree")
        self.disagreements = self._action(text, "filter", "J")
        self.disagreements.setCheckable(True)

    def _create_view_actions(self) -> None:
        self.fit = self._action(self.tr("Fit to window"), "fit", "Ctrl+F")
        self.zoom_100 = self._action(self.tr("Zoom to 100 %"), "zoom-100", "Ctrl+0")
        self.zoom_in = self._action(self.tr("Zoom in"), "zoom-in", "Ctrl++")
        self.zoom_in.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        self.zoom_out = self._action(self.tr("Zoom out"), "zoom-out", "Ctrl+-")
        self.hide_regions = self._action(self.tr("Hide regions"), "eye-off", "H")
        self.hide_regions.setCheckable(True)
        self.outline_only = self._action(self.tr("Outlines only"), "contour", "Shift+H")
        self.outline_only.setCheckable(True)
        self.heatmap = self._action(self.tr("Heatmap of the trained model"), "heatmap", "M")
        self.heatmap.setCheckable(True)
        self.next_channel = self._action(self.tr("Next colour channel"), None, "L")
        self.reset_adjustment = self._action(self.tr("Reset view adjustments"), None, "Shift+L")
        self.side_panels = self._action(self.tr("Side panels"), "table", "F9")
        self.side_panels.setCheckable(True)
        self.side_panels.setChecked(True)

    def _create_verdict_actions(self) -> None:
        self.verdicts: dict[ImageVerdict, QAction] = {}
        for verdict in ImageVerdict:
            text = self.tr("Image is {verdict}").format(verdict=image_verdict_name(verdict))
            action = self._action(text, VERDICT_ICONS[verdict], VERDICT_KEYS[verdict])
            self.verdicts[verdict] = action

    def _create_tool_actions(self, tools: Sequence[Tool]) -> None:
        self.tools: dict[str, QAction] = {}
        self.tool_group = QActionGroup(self)
        for tool in tools:
            action = self._action(tool.title(), tool.icon_name, tool.shortcut)
            action.setCheckable(True)
            action.setData(tool.name)
            self.tool_group.addAction(action)
            self.tools[tool.name] = action

    def _create_class_actions(self) -> None:
        self.classes: list[QAction] = []
        for number in range(1, _CLASS_KEYS + 1):
            text = self.tr("Class {number}").format(number=number)
            self.classes.append(self._action(text, None, str(number)))

    def _action(self, text: str, icon_name: str | None, key: str | None) -> QAction:
        action = QAction(icon(icon_name) if icon_name else QIcon(), text, self)
        if key is not None:
            action.setShortcut(QKeySequence(key))
        # The page is hidden while another one is shown, and its keys with it.
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        _set_tip(action)
        self._page.addAction(action)
        return action


def _set_tip(action: QAction) -> None:
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{action.text()} ({key})" if key else action.text())


def _separator(parent: QObject) -> QAction:
    action = QAction(parent)
    action.setSeparator(True)
    return action
