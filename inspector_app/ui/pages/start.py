"""The start page: open a folder of photos, try the sample, or go on with a recent project."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector_app.services.recent import RecentProject
from inspector_app.ui.icons import app_icon, icon, primary_icon
from inspector_app.ui.panels.labels import ElidedLabel, IconLabel
from inspector_app.ui.theme import make_muted, make_title
from inspector_app.ui.wording import count_images, when

_COLUMN_WIDTH_PX = 640
_ROW_PX = 54


class StartPage(QWidget):
    """Asks what to open; opens nothing itself."""

    path_requested = Signal(object)
    """Path: a folder of photos or a project."""
    sample_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._rows: list[RecentRow] = []
        self._create_widgets()
        self._lay_out()
        self._connect()
        self.set_recent([])

    def set_recent(self, projects: Sequence[RecentProject]) -> None:
        for row in self._rows:
            row.deleteLater()
        self._rows = [RecentRow(project) for project in projects]
        for row in self._rows:
            row.chosen.connect(self.path_requested)
            self._recent_layout.addWidget(row)
        self._recent.setMaximumHeight(len(projects) * _ROW_PX + 12)
        self._recent_title.setVisible(bool(projects))
        self._recent.setVisible(bool(projects))

    @property
    def recent_names(self) -> list[str]:
        return [row.accessibleName() for row in self._rows]

    def set_busy(self, sentence: str) -> None:
        """Show that something is being opened (“” when it is not)."""
        self._busy.setVisible(bool(sentence))
        self._busy_text.setText(sentence)
        self._busy_bar.setRange(0, 0)
        for widget in (self.open_button, self.sample_button, *self._rows):
            widget.setEnabled(not sentence)

    def set_progress(self, done: int, total: int) -> None:
        self._busy_bar.setRange(0, total)
        self._busy_bar.setValue(done)

    def choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Open a folder of photos"))
        if chosen:
            self.path_requested.emit(Path(chosen))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_path(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.path_requested.emit(path)

    def _create_widgets(self) -> None:
        self._logo = QLabel()
        self._logo.setPixmap(app_icon().pixmap(QSize(56, 56)))
        self._title = make_title("Inspector", scale=2.0)
        self._what_to_do = make_muted(
            self.tr(
                "Open a folder of product photos, mark the defects with clicks, "
                "train on your good parts and let the program judge the rest."
            )
        )
        self.open_button = self._create_button(
            primary_icon("open-folder"), self.tr("Open a folder…")
        )
        self.open_button.setProperty("role", "primary")
        self.sample_button = self._create_button(icon("sample"), self.tr("Try the sample"))
        self._drop_hint = make_muted(self.tr("You can also drop a folder here."))
        self._create_busy_strip()
        self._recent_title = make_title(self.tr("Recent projects"), scale=1.1)
        self._create_recent_list()

    def _create_button(self, symbol: QIcon, text: str) -> QPushButton:
        button = QPushButton(symbol, f" {text}")
        button.setIconSize(QSize(22, 22))
        button.setProperty("prominence", "large")
        return button

    def _create_busy_strip(self) -> None:
        self._busy = QWidget()
        self._busy_text = make_muted()
        self._busy_bar = QProgressBar()
        self._busy_bar.setTextVisible(False)
        layout = QVBoxLayout(self._busy)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self._busy_text)
        layout.addWidget(self._busy_bar)
        self._busy.hide()

    def _create_recent_list(self) -> None:
        inner = QWidget()
        inner.setProperty("role", "page")
        self._recent_layout = QVBoxLayout(inner)
        self._recent_layout.setContentsMargins(4, 4, 4, 4)
        self._recent_layout.setSpacing(0)
        self._recent_layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        self._recent = QFrame()
        self._recent.setProperty("role", "card")
        frame_layout = QVBoxLayout(self._recent)
        frame_layout.setContentsMargins(1, 1, 1, 1)
        frame_layout.addWidget(scroll)

    def _lay_out(self) -> None:
        column = QWidget()
        column.setMaximumWidth(_COLUMN_WIDTH_PX)
        inner = QVBoxLayout(column)
        inner.setSpacing(12)
        inner.addStretch(2)
        inner.addLayout(self._head())
        inner.addWidget(self._what_to_do)
        inner.addSpacing(4)
        inner.addLayout(self._button_row())
        inner.addWidget(self._busy)
        inner.addSpacing(12)
        inner.addWidget(self._recent_title)
        inner.addWidget(self._recent, 8)
        inner.addStretch(3)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(column, 6)
        outer.addStretch(1)

    def _head(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(16)
        layout.addWidget(self._logo)
        layout.addWidget(self._title)
        layout.addStretch(1)
        return layout

    def _button_row(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(12)
        layout.addWidget(self.open_button)
        layout.addWidget(self.sample_button)
        layout.addSpacing(4)
        layout.addWidget(self._drop_hint, 1)
        return layout

    def _connect(self) -> None:
        self.open_button.clicked.connect(self.choose_folder)
        self.sample_button.clicked.connect(self.sample_requested)


class RecentRow(QPushButton):
    """One recent project; a click opens it."""

    chosen = Signal(object)
    """The project's folder."""

    def __init__(self, project: RecentProject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.setProperty("role", "row")
        self.setAccessibleName(project.name)
        self.setToolTip(str(project.folder))
        self._create_widgets()
        self._lay_out()
        self.clicked.connect(lambda: self.chosen.emit(project.folder))

    def _create_widgets(self) -> None:
        self._icon = IconLabel(lambda: icon("project"), 22)
        self._icon.setFixedWidth(24)
        self._name = QLabel(self._project.name)
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._folder = ElidedLabel(self._project.image_folder)
        self._folder.setProperty("role", "muted")
        facts = f"{count_images(self._project.image_count)} · {when(self._project.changed_at)}"
        self._facts = QLabel(facts)
        self._facts.setProperty("role", "muted")

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._name)
        texts.addWidget(self._folder)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addLayout(texts, 1)
        layout.addWidget(self._facts)
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def dropped_path(data: QMimeData) -> Path | None:
    """Return the one folder or project database that is being dropped."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if len(paths) != 1 or not (paths[0].is_dir() or paths[0].name == "project.db"):
        return None
    return paths[0]
