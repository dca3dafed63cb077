"""Which tool is in hand: the wanted one as soon as it is of use, and what is said of it."""

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QToolBar, QWidget

from inspector_app.services.session import ProjectSession
from inspector_app.services.workers import Workers
from inspector_app.ui.canvas.editing import Editing
from inspector_app.ui.canvas.tools import TOOLS, Tool
from inspector_app.ui.canvas.tools.click_segment import ClickSegmentTool
from inspector_app.ui.canvas.tools.select import SelectTool
from inspector_app.ui.canvas.view import Canvas
from inspector_app.ui.pages.annotate_actions import AnnotateActions
from inspector_app.ui.panels.tool_options import ToolOptions

_TOOL_ICON_PX = 22


class ToolChoice(QObject):
    """Enables tools and the actions on what they made."""

    taken = Signal(object)
    """Tool: another one is in hand."""

    def __init__(
        self,
        session: ProjectSession,
        editing: Editing,
        canvas: Canvas,
        workers: Workers,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._editing = editing
        self._canvas = canvas
        self._workers = workers
        self.tools: dict[str, Tool] = {tool.name: tool(canvas, editing) for tool in TOOLS}
        self._wanted = ClickSegmentTool.name
        self._why_no_image = ""
        """Why there is nothing to work on; empty if there is."""

    def connect_to(self, actions: AnnotateActions, options: ToolOptions) -> None:
        """Take over what shows the tools; to be called once, before anything else."""
        self._actions, self._options = actions, options
        actions.tool_group.triggered.connect(lambda action: self.want(action.data()))
        for tool in self.tools.values():
            tool.hint_changed.connect(self.show_hint)
        self._session.undo_changed.connect(self.show_undo)
        self._workers.status_changed.connect(self._show_click_model)
        self._editing.companions_changed.connect(self._show_edit_actions)
        self._editing.selection_changed.connect(self._on_selection_changed)

    def create_bar(self) -> QToolBar:
        bar = QToolBar()
        bar.setOrientation(Qt.Orientation.Vertical)
        bar.setIconSize(QSize(_TOOL_ICON_PX, _TOOL_ICON_PX))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        bar.addActions(list(self._actions.tools.values()))
        bar.addSeparator()
        bar.addActions([self._actions.undo, self._actions.redo, self._actions.delete])
        for button in bar.findChildren(QWidget):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return bar

    def want(self, name: str) -> None:
        """Take a tool in hand, as soon as it is of use."""
        self._wanted = name
        self._refresh()

    def set_problem(self, why_no_image: str) -> None:
        """Say why there is nothing to work on, or (“”) that there is an image."""
        self._why_no_image = why_no_image
        self._refresh()

    def show_hint(self) -> None:
        if self._why_no_image:
            self._options.set_hint(self.tr("Without an image there is nothing to mark."))
        elif self._session.is_read_only:
            self._options.set_hint(
                self.tr("Read-only: another program has this project open. Close it there first.")
            )
        elif self._canvas.tool is not None:
            self._options.set_hint(self._canvas.tool.hint())

    def show_undo(self) -> None:
        session = self._session
        self._actions.set_undo(
            session.undo_label, session.redo_label, is_enabled=not session.is_read_only
        )

    def _is_usable(self, tool: Tool) -> bool:
        return not self._why_no_image and not (tool.edits and self._session.is_read_only)

    def _refresh(self) -> None:
        """Enable the tools that are of use now, and take the wanted one in hand."""
        for name, tool in self.tools.items():
            self._actions.tools[name].setEnabled(self._is_usable(tool))
        wanted = self.tools[self._wanted]
        tool = wanted if self._is_usable(wanted) else self.tools[SelectTool.name]
        self._actions.tools[tool.name].setChecked(True)
        if self._canvas.tool is not tool:
            self._canvas.set_tool(tool)
            self._options.set_tool(tool)
            self.taken.emit(tool)
        self._show_click_model()
        self._show_edit_actions()
        self.show_hint()

    def _show_edit_actions(self) -> None:
        can_change = self._editing.selected is not None and not self._session.is_read_only
        actions = self._actions
        actions.regions.refresh()
        for action in (actions.delete, actions.duplicate, actions.snap, actions.add_example):
            action.setEnabled(can_change)

    def _show_click_model(self) -> None:
        is_clicking = isinstance(self._canvas.tool, ClickSegmentTool)
        starting = self.tr("click model is starting…") if self._workers.state == "starting" else ""
        text = self._workers.click_model or starting
        self._options.set_model(text if is_clicking else "")

    def _on_selection_changed(self, region_id: str) -> None:
        self._canvas.set_selected(region_id)
        self._show_edit_actions()
        self.show_hint()
