"""The menu bar."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from inspector_app.services.recent import RecentProject
from inspector_app.ui.actions import Actions
from inspector_app.ui.icons import icon


class Menus(QObject):
    """Fills the menu bar; pages bring their own actions for Edit and View while they are open."""

    recent_chosen = Signal(object)
    """The project's folder."""

    def __init__(self, bar: QMenuBar, actions: Actions) -> None:
        super().__init__(bar)
        self._page_actions: list[tuple[QMenu, QAction]] = []
        self._fill_file_menu(bar.addMenu(self.tr("&File")), actions)
        self.edit_menu = bar.addMenu(self.tr("&Edit"))
        self._fill_view_menu(bar.addMenu(self.tr("&View")), actions)
        self._fill_help_menu(bar.addMenu(self.tr("&Help")), actions)
        self.set_page_actions([], [])

    @property
    def recent_actions(self) -> list[QAction]:
        return self._recent_menu.actions()

    def set_recent(self, projects: Sequence[RecentProject]) -> None:
        self._recent_menu.clear()
        for project in projects:
            action = self._recent_menu.addAction(project.name.replace("&", "&&"))
            action.setToolTip(project.image_folder)
            action.triggered.connect(self._opener(project.folder))
        self._recent_menu.setEnabled(bool(projects))

    def _opener(self, folder: Path) -> Callable[[], None]:
        return lambda: self.recent_chosen.emit(folder)

    def set_page_actions(self, edit: Sequence[QAction], view: Sequence[QAction]) -> None:
        """Show the actions of the page at hand, in place of the last page's."""
        for menu, action in self._page_actions:
            menu.removeAction(action)
        self._page_actions = [(self.edit_menu, action) for action in edit]
        self._page_actions += [(self._view_menu, action) for action in view]
        for menu, action in self._page_actions:
            if menu is self.edit_menu:
                menu.addAction(action)
            else:
                menu.insertAction(self._theme_separator, action)
        self.edit_menu.menuAction().setVisible(bool(edit))

    def _fill_file_menu(self, menu: QMenu, actions: Actions) -> None:
        menu.addActions([actions.open_folder, actions.open_project])
        self._recent_menu = menu.addMenu(icon("waiting"), self.tr("&Recent projects"))
        self._recent_menu.setToolTipsVisible(True)
        menu.addAction(actions.sample)
        menu.addSeparator()
        menu.addActions([actions.import_labels, actions.export_labels])
        menu.addSeparator()
        menu.addActions([actions.divide, actions.dataset_report, actions.adapt])
        menu.addSeparator()
        menu.addActions([actions.close_project, actions.quit])

    def _fill_view_menu(self, menu: QMenu, actions: Actions) -> None:
        self._view_menu = menu
        menu.addActions(list(actions.pages.values()))
        menu.addSeparator()
        self._theme_separator = menu.addSeparator()
        theme_menu = menu.addMenu(icon("sun"), self.tr("&Colours"))
        theme_menu.addActions(list(actions.themes.values()))

    def _fill_help_menu(self, menu: QMenu, actions: Actions) -> None:
        menu.addActions([actions.keys, actions.weights])
        menu.addSeparator()
        menu.addAction(actions.about)
