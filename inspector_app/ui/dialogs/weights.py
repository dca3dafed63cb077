"""Weights: which are here, where the others are, and getting them by file, folder or network."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector_app import paths
from inspector_app.protocol.shelf import ShelfItem
from inspector_app.protocol.weights import WEIGHTS_SUFFIXES, WeightsEntry
from inspector_app.services.weights_import import Arrivals, FoundWeights
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.ui.icons import icon, primary_icon
from inspector_app.ui.models.weights_table import Column, WeightsModel
from inspector_app.ui.panels.progress_row import ProgressRow
from inspector_app.ui.panels.weights_detail import WeightsDetail
from inspector_app.ui.row_table import RowTable
from inspector_app.ui.theme import make_muted
from inspector_app.ui.weights_wording import (
    MAX_NAMED,
    describe_fetch,
    describe_found,
    describe_verified,
)
from inspector_app.ui.wording import size_text

_WIDTH_PX, _HEIGHT_PX = 940, 620


class WeightsDialog(QDialog):
    """Shows the shelf and asks its jobs; can be closed while they go on."""

    def __init__(self, jobs: WeightsJobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._wants_reading = True
        self._arrived: list[str] = []
        """Files to be chosen as soon as they are listed."""
        self.setWindowTitle(self.tr("Weights"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self.setAcceptDrops(True)
        self._create_widgets()
        self._lay_out()
        self._connect()
        if jobs.is_busy:
            self._begin(jobs.doing)
        self._enable()

    @property
    def message(self) -> str:
        return self._message.text()

    @property
    def selected(self) -> list[ShelfItem]:
        """From top to bottom."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self.model.item(row) for row in sorted(rows)]

    def set_remarks(self, remarks: Sequence[str]) -> None:
        """Say what the worker has refused."""
        self._remarks.setText("\n".join(remarks))
        self._remarks.setVisible(bool(remarks))

    def select(self, *files: str) -> None:
        """Choose these rows; those that are not there are passed over."""
        flags = QItemSelectionModel.SelectionFlag
        selection = self.table.selectionModel()
        selection.clearSelection()
        for row in (self.model.row_of(file) for file in files):
            if row is not None:
                selection.setCurrentIndex(self.model.index(row, 0), flags.Select | flags.Rows)
                self.table.scrollTo(self.model.index(row, 0))

    def bring(self, places: Sequence[Path]) -> None:
        """Import files; ask first what of a folder is to be imported."""
        # A folder may be on a stick that takes its time, so nothing of it is read here.
        self._jobs.find(places)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._wants_reading = True
        self._jobs.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._jobs.is_busy and _local_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.bring(_local_paths(event))

    # ---------------------------------------------------------------- construction

    def _create_widgets(self) -> None:
        self._intro = make_muted(
            self.tr(
                "Annotating and training work without any of these. Published files are fetched "
                "only when you press Fetch; or get them on any computer and drop them here, "
                "for example from a USB stick. Your own files become choices when training."
            )
        )
        self._remarks = make_muted()
        self._remarks.setProperty("role", "error")
        self._remarks.hide()
        self.model = WeightsModel(self)
        self.table = RowTable(self.model)
        self._set_column_widths()
        self.detail = WeightsDetail()
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = ProgressRow()
        # In one place: nothing may move when a job begins.
        self._news = QStackedWidget()
        self._news.addWidget(self._message)
        self._news.addWidget(self.progress)
        self._news.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._create_buttons()

    def _create_buttons(self) -> None:
        self.fetch_button = QPushButton(primary_icon("import"), self.tr(" Fetch…"))
        self.fetch_button.setProperty("role", "primary")
        self.import_button = QPushButton(icon("open-folder"), self.tr(" Import"))
        menu = QMenu(self.import_button)
        self.files_action = menu.addAction(self.tr("Files…"))
        self.folder_action = menu.addAction(self.tr("Folder or USB stick…"))
        self.import_button.setMenu(menu)
        self.verify_button = QPushButton(icon("check"), self.tr(" Verify"))
        self.verify_button.setToolTip(
            self.tr("Reads the chosen files, or all of them, and compares their hashes")
        )
        self.show_button = QPushButton(self.tr("Show folder"))
        self.show_button.setToolTip(str(paths.weights_folder()))
        self.close_button = QPushButton(self.tr("Close"))

    def _set_column_widths(self) -> None:
        header = self.table.horizontalHeader()
        widths = {Column.STATE: 118, Column.NAME: 260, Column.SIZE: 84, Column.LICENCE: 116}
        for column, width in widths.items():
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(Column.USE, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        for button in (
            self.fetch_button,
            self.import_button,
            self.verify_button,
            self.show_button,
        ):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.setSpacing(8)
        layout.addWidget(self._intro)
        layout.addWidget(self._remarks)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        layout.addWidget(self._news)
        layout.addLayout(foot)
        for button in self.findChildren(QPushButton):
            # Enter in the table must not press the first of them.
            button.setAutoDefault(False)

    def _connect(self) -> None:
        self.table.selectionModel().selectionChanged.connect(self._show_selection)
        self.detail.pin_requested.connect(self._pin)
        self.fetch_button.clicked.connect(self._ask_to_fetch)
        self.files_action.triggered.connect(self._choose_files)
        self.folder_action.triggered.connect(self._choose_folder)
        self.verify_button.clicked.connect(self._verify)
        self.show_button.clicked.connect(_open_folder)
        self.close_button.clicked.connect(self.close)
        self.progress.stop_requested.connect(self._jobs.stop)
        jobs = self._jobs
        jobs.listed.connect(self._show_items)
        jobs.started.connect(self._begin)
        jobs.progressed.connect(self._show_progress)
        jobs.verified.connect(self._on_verified)
        jobs.found.connect(self._on_found)
        jobs.brought.connect(self._on_brought)
        jobs.stopped.connect(self._on_stopped)
        jobs.failed.connect(self._on_failed)
        jobs.ended.connect(self._end)

    # ---------------------------------------------------------------- what is shown

    def _show_items(self, items: list[ShelfItem]) -> None:
        files = self._arrived or [item.entry.file for item in self.selected]
        self._arrived = []
        self.model.set_items(items)
        self.select(*files)
        self._show_selection()
        unread = [item.entry for item in items if not item.is_read]
        if self._wants_reading and self.isVisible() and unread and not self._jobs.is_busy:
            # Once: what cannot be read would be tried for ever.
            self._wants_reading = False
            self._jobs.verify(unread, is_anew=False)

    def _show_selection(self) -> None:
        selected = self.selected
        self.detail.set_item(selected[0] if len(selected) == 1 else None)
        self._enable()

    def _enable(self) -> None:
        is_idle = not self._jobs.is_busy
        self.fetch_button.setEnabled(is_idle and bool(self._fetchable()))
        self.import_button.setEnabled(is_idle)
        self.verify_button.setEnabled(is_idle and bool(self._verifiable()))
        self.detail.pin_button.setEnabled(is_idle)

    def _fetchable(self) -> list[WeightsEntry]:
        return [
            item.entry
            for item in self.selected
            if item.state in ("missing", "corrupt") and not item.entry.is_own
        ]

    def _verifiable(self) -> list[WeightsEntry]:
        items = self.selected or self.model.rows
        return [item.entry for item in items if item.path is not None]

    def _begin(self, sentence: str) -> None:
        self._message.clear()
        self._news.setCurrentWidget(self.progress)
        self.progress.begin(sentence)
        self._enable()

    def _show_progress(self, done_kb: int, total_kb: int) -> None:
        amount = ""
        if total_kb:
            amount = self.tr("{done} of {total}").format(
                done=size_text(done_kb * 2**10), total=size_text(total_kb * 2**10)
            )
        self.progress.set_progress(done_kb, total_kb, amount)

    def _end(self) -> None:
        self._news.setCurrentWidget(self._message)
        self._enable()

    def _show_message(self, text: str, *, is_error: bool = False) -> None:
        self._message.setText(text)
        self._message.setProperty("role", "error" if is_error else "")
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)

    # ---------------------------------------------------------------- what is asked for

    def _ask_to_fetch(self) -> None:
        entries = self._fetchable()
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Fetch weights"))
        question = self.tr("Fetch this from the network?")
        box.setText("\n\n".join([question, *(describe_fetch(entry) for entry in entries)]))
        fetch = box.addButton(self.tr("Fetch"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        if box.clickedButton() is fetch:
            self._jobs.fetch(entries)

    def _choose_files(self) -> None:
        pattern = " ".join(f"*{suffix}" for suffix in WEIGHTS_SUFFIXES)
        chosen, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Weights to import"),
            "",
            self.tr("Weights ({pattern});;All files (*)").format(pattern=pattern),
        )
        if chosen:
            self.bring([Path(name) for name in chosen])

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder of weights to import"))
        if chosen:
            self.bring([Path(chosen)])

    def _verify(self) -> None:
        self._jobs.verify(self._verifiable())

    def _pin(self) -> None:
        self._jobs.bring([item.path for item in self.selected if item.path is not None])

    # ---------------------------------------------------------------- how it ended

    def _on_found(self, found: FoundWeights) -> None:
        if not found.is_from_folder or self._agrees_to(found):
            self._jobs.bring(found.files)

    def _agrees_to(self, found: FoundWeights) -> bool:
        title = self.tr("Import weights")
        answer = QMessageBox.question(self, title, describe_found(found))
        return answer == QMessageBox.StandardButton.Yes

    def _on_verified(self, items: list[ShelfItem]) -> None:
        refused = [item.entry.name for item in items if item.state == "corrupt"]
        self._show_message(describe_verified(items), is_error=bool(refused))

    def _on_brought(self, arrivals: Arrivals) -> None:
        self._arrived = [entry.file for entry in arrivals.entries]
        done = [self.tr("{name} is ready.").format(name=entry.name) for entry in arrivals.entries]
        lines = [*done, *arrivals.faults][:MAX_NAMED]
        self._show_message("\n".join(lines), is_error=bool(arrivals.faults))

    def _on_stopped(self) -> None:
        self._show_message(self.tr("Stopped. What was fetched so far is kept, to go on with."))

    def _on_failed(self, message: str, hint: str) -> None:
        self._show_message(f"{message} — {hint}" if hint else message, is_error=True)


def _open_folder() -> None:
    folder = paths.weights_folder()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _local_paths(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
