"""The main window: menus, rail, pages, banners and status line put together."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.dataset import ImageRecord
from inspector_app.domain.pages import PagesFound
from inspector_app.services.recent import RecentProject
from inspector_app.ui.actions import Actions
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.icons import app_icon
from inspector_app.ui.pages.start import StartPage
from inspector_app.ui.shell.adapting_feed import AdaptingFeed
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.job_feed import JobFeed, summarise
from inspector_app.ui.shell.menus import Menus
from inspector_app.ui.shell.page_builders import page_builders
from inspector_app.ui.shell.page_stack import PageStack
from inspector_app.ui.shell.rail import Page, Rail
from inspector_app.ui.shell.status import JobView, StatusLine
from inspector_app.ui.shell.weights_feed import WeightsFeed

_OPENING = "opening"
_LABELS = "labels"

if TYPE_CHECKING:
    from inspector_app.formats.base import ImportPlan
    from inspector_app.services.exchange import ImportPreview


class MainWindow(QMainWindow):
    """Shows the open project and asks for others; opening is the program's."""

    path_requested = Signal(object)
    """Path: a folder of photos or a project."""
    sample_requested = Signal()
    project_close_requested = Signal()
    opening_cancel_requested = Signal()
    labels_cancel_requested = Signal()
    theme_chosen = Signal(str)
    closing = Signal()
    """The operator has agreed to end the program."""

    def __init__(self, program: ProgramServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._program = program
        self._project: ProjectServices | None = None
        self._job_feed: JobFeed | None = None
        self.adapting: AdaptingFeed | None = None
        self._opening = ""
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._connect_menus()
        self._show_project_name()
        self._restore_geometry()

    # ---------------------------------------------------------------- what is shown

    @property
    def page(self) -> Page:
        return self.pages.page

    @property
    def project(self) -> ProjectServices | None:
        return self._project

    def set_recent(self, projects: Sequence[RecentProject]) -> None:
        self.start_page.set_recent(projects)
        self.menus.set_recent(projects)

    def set_project(self, project: ProjectServices | None) -> None:
        """Show a project on its dataset page, or the start page if it is None."""
        if self._job_feed is not None:
            self._job_feed.deleteLater()
            self._job_feed = None
        if self.adapting is not None:
            self.adapting.close()
            self.adapting.deleteLater()
            self.adapting = None
        self._project = project
        self.status.set_file("")
        self.pages.set_builders(page_builders(self._program, project) if project else {})
        self.rail.setVisible(project is not None)
        self._show_project_name()
        if project is not None:
            self._job_feed = JobFeed(project, self.status, self.banners, self)
            self.adapting = AdaptingFeed(project.click_adapting, self.status, self.banners, self)
            project.inspection_jobs.pages_found.connect(self.show_pages)
            project.exchange_jobs.previewed.connect(self._confirm_import)
            self.banners.clear()
            if project.session.remarks:
                self.banners.show_warning(summarise(project.session.remarks))
            self.show_page(Page.DATASET)

    def set_opening(self, sentence: str) -> None:
        """Show that a project is being opened (“” when it is not)."""
        self.start_page.set_busy(sentence)
        if sentence:
            self._opening = sentence
            self.status.set_job(_OPENING, JobView(sentence))
        else:
            self.status.end_job(_OPENING)

    def set_opening_progress(self, done: int, total: int) -> None:
        self.start_page.set_progress(done, total)
        self.status.set_job(_OPENING, JobView(self._opening, done, total, can_cancel=True))

    def set_label_progress(self, done: int, total: int) -> None:
        """Show how far the masks that came with the images are read."""
        self.status.set_job(
            _LABELS, JobView(self.tr("Reading the masks"), done, total, can_cancel=True)
        )

    def end_label_progress(self, remarks: Sequence[str]) -> None:
        self.status.end_job(_LABELS)
        if remarks:
            self.banners.show_warning(summarise(list(remarks)))

    def show_pages(self, found: PagesFound) -> None:
        """Say which files hold more than is shown of them."""
        if not found:
            return
        name, pages = found[0]
        message = self.tr("{count} files have several pages: the first of each is used.")
        if len(found) == 1:
            message = self.tr("{name} has {pages} pages: the first of them is used.")
        self.banners.show_warning(
            message.format(count=len(found), name=name, pages=pages),
            self.tr(
                "choose another one above the image, in Annotate; "
                "for a folder that is inspected, save it as a file of its own"
            ),
            [self.tr("{name}: {pages} pages").format(name=n, pages=p) for n, p in found],
        )

    def set_theme_choice(self, name: str) -> None:
        self.actions_.themes[name].setChecked(True)

    def show_page(self, page: Page) -> None:
        self.pages.show_page(page)

    def confirm_ending_jobs(self) -> bool:
        """Ask, if a job is running, whether it may be ended; tell whether to go on."""
        running = self._running_jobs()
        if not running:
            return True
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Still at work"))
        box.setText(self.tr("{what} is still running.").format(what=", ".join(running)))
        box.setInformativeText(self.tr("If you end it now, what it has reached so far is kept."))
        end = box.addButton(self.tr("End it"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Keep running"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is end

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.confirm_ending_jobs():
            event.ignore()
            return
        self._program.settings.window_geometry = self.saveGeometry()
        self._program.settings.window_state = self.saveState()
        # Workers may take some seconds to end; nobody should have to look at that.
        self.hide()
        self.closing.emit()
        event.accept()

    # ---------------------------------------------------------------- construction

    def _create_widgets(self) -> None:
        self.setWindowIcon(app_icon())
        self.actions_ = Actions(self)
        self.menus = Menus(self.menuBar(), self.actions_)
        self.rail = Rail()
        self.rail.hide()
        self.banners = Banners()
        self.start_page = StartPage()
        self.pages = PageStack(self.start_page)
        self.status = StatusLine()
        program = self._program
        self.weights = WeightsFeed(
            program.weights, program.workers, self.status, self.banners, self
        )

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.banners)
        right.addWidget(self.pages, 1)
        centre = QWidget()
        layout = QHBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        self.rail.page_requested.connect(self.pages.open_page)
        self.pages.page_built.connect(self._connect_page)
        self.pages.page_shown.connect(self._on_page_shown)
        self.start_page.path_requested.connect(self.path_requested)
        self.start_page.sample_requested.connect(self.sample_requested)
        self.status.cancel_requested.connect(self._cancel_job)
        self._program.workers.status_changed.connect(self._show_worker)
        self._program.workers.inference_ended.connect(self.banners.show_error)

    def _connect_menus(self) -> None:
        actions = self.actions_
        actions.open_folder.triggered.connect(self.start_page.choose_folder)
        actions.open_project.triggered.connect(self._choose_project)
        actions.sample.triggered.connect(self.sample_requested)
        actions.import_labels.triggered.connect(self._import_labels)
        actions.export_labels.triggered.connect(self._export_labels)
        actions.dataset_report.triggered.connect(self._describe_dataset)
        actions.divide.triggered.connect(self._divide_dataset)
        actions.adapt.triggered.connect(self._adapt_click_model)
        actions.close_project.triggered.connect(self.project_close_requested)
        actions.quit.triggered.connect(self.close)
        actions.keys.triggered.connect(self._show_keys)
        actions.weights.triggered.connect(self.weights.show_dialog)
        actions.about.triggered.connect(self._show_about)
        self.menus.recent_chosen.connect(self.path_requested)
        for page, action in actions.pages.items():
            action.triggered.connect(self._page_opener(page))
        for name, action in actions.themes.items():
            action.triggered.connect(self._theme_chooser(name))

    def _page_opener(self, page: Page) -> Callable[[], None]:
        return lambda: self.pages.open_page(page)

    def _theme_chooser(self, name: str) -> Callable[[], None]:
        return lambda: self.theme_chosen.emit(name)

    def _restore_geometry(self) -> None:
        self.resize(1280, 720)
        self.setMinimumSize(900, 560)
        settings = self._program.settings
        if not settings.window_geometry.isEmpty():
            self.restoreGeometry(settings.window_geometry)
            self.restoreState(settings.window_state)

    # ---------------------------------------------------------------- pages

    def _connect_page(self, page: Page, widget: QWidget) -> None:
        """Connect what a page tells the frame; pages know nothing of the frame."""
        for name, slot in (
            ("image_activated", self._annotate_image),
            ("selection_changed", self._show_selection),
            ("file_changed", self.status.set_file),
            ("cursor_text_changed", self.status.set_pixel),
            ("zoom_changed", self._show_zoom),
            ("message_posted", self.banners.show_error),
            ("note_posted", self.banners.show_info),
            ("inspect_requested", self._inspect_with),
            ("division_requested", self._divide_dataset),
            ("weights_requested", self.weights.show_dialog),
        ):
            signal = getattr(widget, name, None)
            if signal is not None:
                signal.connect(slot)

    def _on_page_shown(self, page: Page) -> None:
        self.rail.set_page(page)
        self.banners.clear_notes()
        self.status.set_pixel("")
        self.status.set_zoom(None)
        widget = self.pages.built(page)
        self.menus.set_page_actions(
            _actions_of(widget, "edit_actions"), _actions_of(widget, "view_actions")
        )

    def _annotate_image(self, image_id: int) -> None:
        if self._project is not None:
            self._project.session.set_current_image(image_id)
            self.pages.open_page(Page.ANNOTATE)

    def _show_selection(self, record: ImageRecord | None, position: int, count: int) -> None:
        self.status.set_file(record.relative_path if record else "", position, count)

    def _inspect_with(self, run_id: str) -> None:
        self.show_page(Page.INSPECT)
        page = self.pages.built(Page.INSPECT)
        choose_run = getattr(page, "choose_run", None)
        if choose_run is not None:
            choose_run(run_id)

    def _show_zoom(self, percent: int) -> None:
        self.status.set_zoom(percent / 100)

    def _show_worker(self) -> None:
        workers = self._program.workers
        starting = self.tr("models starting…") if workers.state == "starting" else ""
        self.status.set_worker(workers.click_model, workers.device or starting)

    def _show_project_name(self) -> None:
        if self._project is None:
            self.setWindowTitle("Inspector")
            self.actions_.set_project_open(False)
            return
        session = self._project.session
        self.setWindowTitle(f"{session.name} – Inspector")
        self.actions_.set_project_open(True, is_read_only=session.is_read_only)

    def _cancel_job(self, key: str) -> None:
        if key == _OPENING:
            self.opening_cancel_requested.emit()
        elif key == _LABELS:
            self.labels_cancel_requested.emit()

    def _running_jobs(self) -> list[str]:
        if self._project is None:
            return []
        jobs = {
            self.tr("A training"): self._project.training_jobs.active_run() is not None,
            self.tr("An inspection"): self._project.inspection_jobs.active_inspection() is not None,
            self.tr("An import or export"): self._project.exchange_jobs.is_busy,
        }
        return [name for name, is_running in jobs.items() if is_running]

    # ---------------------------------------------------------------- dialogs

    def _choose_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Open a project folder"))
        if chosen:
            self.path_requested.emit(Path(chosen))

    def _export_labels(self) -> None:
        from inspector_app.ui.dialogs.exchange import ExportDialog  # noqa: PLC0415  (start time)

        if self._project is None:
            return
        session = self._project.session
        dialog = ExportDialog(session.name, self)
        names = [record.relative_path for record in session.images()]
        dialog.images.measure(self._program.background, session.image_folder, names)
        if dialog.exec():
            self._project.exchange_jobs.export(dialog.format_name, dialog.folder, dialog.placement)

    def _describe_dataset(self) -> None:
        if self._project is not None:
            self._project.exchange_jobs.describe_dataset()

    def _divide_dataset(self) -> None:
        from inspector_app.ui.dialogs.splits import SplitsDialog  # noqa: PLC0415  (start time)

        if self._project is None:
            return
        dialog = SplitsDialog(self._project.session.images(), self._program.background, self)
        if dialog.exec() and dialog.plan is not None:
            self._project.exchange_jobs.divide(dialog.plan, dialog.recipe)

    def _adapt_click_model(self) -> None:
        if self.adapting is not None:
            self.adapting.show_dialog()

    def _import_labels(self) -> None:
        from inspector_app.ui.dialogs.exchange import ImportDialog  # noqa: PLC0415  (start time)

        if self._project is None:
            return
        dialog = ImportDialog(self)
        if dialog.exec():
            self._project.exchange_jobs.preview_import(dialog.format_name, dialog.path)

    def _confirm_import(self, plan: "ImportPlan", preview: "ImportPreview") -> None:
        from inspector_app.ui.dialogs.import_preview import ImportPreviewDialog  # noqa: PLC0415

        if self._project is not None and ImportPreviewDialog(preview, self).exec():
            self._project.exchange_jobs.import_plan(plan)

    def _show_keys(self) -> None:
        from inspector_app.ui.dialogs.keys import KeysDialog  # noqa: PLC0415  (start time)

        KeysDialog(self).exec()

    def _show_about(self) -> None:
        from inspector_app.ui.dialogs.about import show_about  # noqa: PLC0415  (start time)

        show_about(self)


def _actions_of(widget: QWidget | None, name: str) -> list[QAction]:
    actions: Sequence[QAction] = getattr(widget, name, ())
    return list(actions)
