"""The menus' actions: text, icon, shortcut. What they do is connected by the window."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence

from inspector_app.services.settings import THEMES
from inspector_app.ui.icons import icon
from inspector_app.ui.shell.rail import RAIL_PAGES, Page, page_title


class Actions(QObject):
    """Every action of the menu bar that does not belong to a page."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._create_file_actions()
        self._create_page_actions()
        self._create_theme_actions()
        self._create_help_actions()

    def set_project_open(self, is_open: bool, *, is_read_only: bool = False) -> None:
        """Enable what needs a project."""
        for action in (
            *self.pages.values(),
            self.export_labels,
            self.dataset_report,
            self.close_project,
        ):
            action.setEnabled(is_open)
        self.import_labels.setEnabled(is_open and not is_read_only)
        self.divide.setEnabled(is_open and not is_read_only)
        self.adapt.setEnabled(is_open and not is_read_only)

    def _create_file_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.open_folder = self._action(self.tr("&Open a folder…"), "open-folder", keys.Open)
        self.open_project = self._action(self.tr("Open a &project…"), "project", "Ctrl+Shift+O")
        self.sample = self._action(self.tr("Try the &sample"), "sample")
        self.import_labels = self._action(self.tr("&Import labels…"), "import", "Ctrl+I")
        self.dataset_report = self._action(self.tr("Data set &report…"), "table", None)
        self.divide = self._action(self.tr("&Divide into splits…"), "dataset", None)
        self.adapt = self._action(self.tr("&Adapt the click model…"), "click-segment", None)
        self.export_labels = self._action(self.tr("&Export labels…"), "export", "Ctrl+E")
        self.close_project = self._action(self.tr("&Close project"), None, keys.Close)
        self.quit = self._action(self.tr("&Quit"), "quit", keys.Quit)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _create_page_actions(self) -> None:
        self.pages: dict[Page, QAction] = {}
        for number, page in enumerate(RAIL_PAGES, start=1):
            self.pages[page] = self._action(page_title(page), page.value, f"Ctrl+{number}")

    def _create_theme_actions(self) -> None:
        titles = {
            "system": (self.tr("As the &system"), "system"),
            "light": (self.tr("&Light"), "sun"),
            "dark": (self.tr("&Dark"), "moon"),
        }
        self.themes: dict[str, QAction] = {}
        group = QActionGroup(self)
        for name in THEMES:
            action = self._action(*titles[name])
            action.setCheckable(True)
            group.addAction(action)
            self.themes[name] = action

    def _create_help_actions(self) -> None:
        self.keys = self._action(
            self.tr("&Keys"), "keyboard", QKeySequence.StandardKey.HelpContents
        )
        self.weights = self._action(self.tr("&Weights…"), "weights")
        self.about = self._action(self.tr("&About Inspector"), "info")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _action(
        self,
        text: str,
        icon_name: str | None,
        shortcut: QKeySequence.StandardKey | str | None = None,
    ) -> QAction:
        action = QAction(icon(icon_name) if icon_name else QIcon(), text, self)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        return action
