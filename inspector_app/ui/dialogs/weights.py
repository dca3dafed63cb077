"""Weights: which published files are here, where to get the others, and import from a file."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector_app import paths
from inspector_app.domain.errors import KnownError
from inspector_app.protocol.shelf import Shelf, ShelfItem
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services.background import Background
from inspector_app.services.weights_import import import_weights
from inspector_app.ui.icons import coloured_icon, icon
from inspector_app.ui.theme import colours, make_muted


class WeightsDialog(QDialog):
    """Lists the manifest; imports in a thread. Nothing is ever downloaded here."""

    weights_imported = Signal()
    _progressed = Signal(object, object)

    def __init__(
        self, background: Background, remarks: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._remarks = remarks
        self.setWindowTitle(self.tr("Weights"))
        self.resize(700, 520)
        self._create_widgets()
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def message(self) -> str:
        return self._message.text()

    def refresh(self) -> None:
        """Look again at what there is."""
        try:
            shelf = Shelf.of_this_machine()
            states = [shelf.glance(entry) for entry in shelf.entries()]
        except KnownError as error:
            self._show_message(str(error), is_error=True)
            return
        page = QWidget()
        page.setProperty("role", "page")
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        for state in states:
            rows.addWidget(_Row(state))
        rows.addStretch(1)
        self._list.setWidget(page)

    def import_file(self, source: Path) -> None:
        """Check a file and copy it into the weights folder."""
        self.import_button.setEnabled(False)
        self._progress.setRange(0, 0)
        self._progress.show()
        self._show_message(self.tr("Checking {name}…").format(name=source.name), is_error=False)
        self._background.run(
            partial(import_weights, source, progress=self._progressed.emit),
            self._on_imported,
            self._on_failed,
            priority=2,
        )

    def _create_widgets(self) -> None:
        self._intro = make_muted(
            self.tr(
                "Clicking works without any of these. Better click models need a file that you "
                "get once, on any computer, and import here, for example from a USB stick."
            )
        )
        self._list = QScrollArea()
        self._list.setWidgetResizable(True)
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.hide()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.hide()
        self._folder = make_muted(self.tr("Folder: {path}").format(path=paths.weights_folder()))
        self._folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.import_button = QPushButton(icon("import"), self.tr(" Import from file…"))
        self.open_button = QPushButton(icon("open-folder"), self.tr(" Open folder"))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.import_button)
        foot.addWidget(self.open_button)
        foot.addStretch(1)
        foot.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.setSpacing(8)
        layout.addWidget(self._intro)
        for remark in self._remarks:
            label = make_muted(remark)
            label.setProperty("role", "error")
            layout.addWidget(label)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._folder)
        layout.addWidget(self._message)
        layout.addWidget(self._progress)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self.import_button.clicked.connect(self._choose_file)
        self.open_button.clicked.connect(self._open_folder)
        self._buttons.rejected.connect(self.reject)
        self._progressed.connect(self._show_progress)

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Weights to import"), "", self.tr("Weights (*.pt *.pth)")
        )
        if chosen:
            self.import_file(Path(chosen))

    def _open_folder(self) -> None:
        folder = paths.weights_folder()
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, total // 2**10)
        self._progress.setValue(done // 2**10)

    def _on_imported(self, entry: WeightsEntry) -> None:
        self._end_import()
        self._show_message(self.tr("{name} is ready.").format(name=entry.name), is_error=False)
        self.refresh()
        self.weights_imported.emit()

    def _on_failed(self, error: Exception) -> None:
        self._end_import()
        self._show_message(str(error), is_error=True)
        if not isinstance(error, KnownError):
            raise error

    def _end_import(self) -> None:
        self.import_button.setEnabled(True)
        self._progress.hide()

    def _show_message(self, text: str, *, is_error: bool) -> None:
        self._message.setText(text)
        self._message.setProperty("role", "error" if is_error else "")
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)
        self._message.show()


class _Row(QFrame):
    """One published file."""

    def __init__(self, state: ShelfItem) -> None:
        super().__init__()
        self.setProperty("role", "card")
        entry = state.entry
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(10)
        grid.setColumnStretch(1, 1)
        is_here = state.path is not None
        grid.addWidget(_state_icon(is_here=is_here), 0, 0)
        name = QLabel(f"<b>{entry.name}</b>")
        grid.addWidget(name, 0, 1)
        grid.addWidget(make_muted(_facts(entry)), 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(make_muted(entry.used_for), 1, 1, 1, 2)
        where = str(state.path) if state.path else _where_to_get(entry)
        place = make_muted(where)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(place, 2, 1, 1, 2)


def _state_icon(*, is_here: bool) -> QLabel:
    label = QLabel()
    shades = colours()
    name, colour = ("ok", shades.ok) if is_here else ("import", shades.muted)
    label.setPixmap(coloured_icon(name, QColor(colour)).pixmap(QSize(20, 20)))
    text = _tr("Here") if is_here else _tr("Missing")
    label.setToolTip(text)
    label.setAccessibleName(text)
    return label


def _facts(entry: WeightsEntry) -> str:
    size = f"{entry.bytes / 2**20:,.0f} MB · " if entry.bytes else ""
    return f"{size}{entry.licence}"


def _where_to_get(entry: WeightsEntry) -> str:
    return _tr("Missing. Get {file} from {url}").format(file=entry.file, url=entry.url)


def _tr(text: str) -> str:
    return QCoreApplication.translate("WeightsDialog", text)
