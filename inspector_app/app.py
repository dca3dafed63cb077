"""The composition root of the window: builds the services and the window, and joins them."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

# isort: off
# Before Qt, whose import hook reads the source of every module that comes after it: half a
# second, and pydantic fails when it is half loaded at that moment.
import inspector_app.protocol.messages
import inspector_app.services.inspection_files
import inspector_app.services.recent  # noqa: F401

# isort: on
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from inspector_app import __version__, paths
from inspector_app.services.anomaly_maps import AnomalyMaps
from inspector_app.services.background import Background
from inspector_app.services.click_adapting import ClickAdapting
from inspector_app.services.diagnostics import Diagnostics
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.exchange_jobs import ExchangeJobs
from inspector_app.services.images import Images
from inspector_app.services.inspection_jobs import InspectionJobs
from inspector_app.services.judgements import Judgements
from inspector_app.services.model_proposals import ModelProposals
from inspector_app.services.page_survey import PageSurvey
from inspector_app.services.project_opener import ProjectOpener
from inspector_app.services.recent import describe_projects
from inspector_app.services.reloading import Reloading
from inspector_app.services.segmentation import Segmentation
from inspector_app.services.session import ProjectSession
from inspector_app.services.settings import Settings
from inspector_app.services.study_jobs import StudyJobs
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.services.training_jobs import TrainingJobs
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers
from inspector_app.store.content import ProjectContent
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.main_window import MainWindow
from inspector_app.ui.shell.ahead import Ahead
from inspector_app.ui.shell.rail import Page
from inspector_app.ui.shell.warming import Warming
from inspector_app.ui.theme import Theme, ThemeChoice

_PAINTED_MS = 20
"""The window is on the screen by then."""
_SETTLED_MS = 200
"""A project is on the screen by then."""


class Program(QObject):
    """Owns services and window, opens and closes projects."""

    def __init__(
        self,
        app: QApplication,
        settings: Settings,
        theme: Theme,
        diagnostics: Diagnostics,
        *,
        worker_command: list[str] | None = None,
    ) -> None:
        """Use `worker_command` to start workers (`paths.worker_command()` by default)."""
        super().__init__(app)
        self._theme = theme
        self._diagnostics = diagnostics
        # Apart from the images' threads: an export of minutes must not keep them waiting.
        self._long_background = Background(max_threads=2, parent=self)
        self._services = self._create_services(settings, worker_command)
        self._opener = ProjectOpener(self._long_background, self)
        self._project: ProjectServices | None = None
        self._project_parent: QObject | None = None
        self._page_survey = PageSurvey(self._services.background, self)
        self._warming = Warming()
        self._opening_ahead = Ahead(self)
        self.window = MainWindow(self._services)
        self._ahead = self.window.pages.ahead
        self.window.set_theme_choice(theme.choice)
        self._connect()

    def start(self, path: Path | None) -> None:
        """Show the window, then open what was asked for."""
        self.window.show()
        self._opener.prepare()
        # The operator looks for a folder.
        QTimer.singleShot(_SETTLED_MS, self, self._warm)
        self._refresh_recent()
        if path is not None:
            self._opener.open(path)

    @property
    def services(self) -> ProgramServices:
        return self._services

    def check_installation(self, folder: Path) -> None:
        """Drive the window's services once through the main job, then end the program."""
        # Imported here: the sample's products cost start-up time that only this needs.
        from inspector_app.selftest import SelfTest  # noqa: PLC0415

        SelfTest(self.window, self._services, self._opener.open, folder).start()

    def _create_services(
        self, settings: Settings, worker_command: list[str] | None
    ) -> ProgramServices:
        background = Background(parent=self)
        workers = Workers(worker_command, parent=self)
        workers.choose_click_model(settings.click_model)
        return ProgramServices(
            settings=settings,
            background=background,
            images=Images(background, parent=self),
            thumbnails=Thumbnails(background, paths.cache_folder() / "thumbnails", parent=self),
            workers=workers,
            segmentation=Segmentation(workers, parent=self),
            encoding_ahead=EncodingAhead(
                workers,
                background,
                paths.embeddings_folder(),
                self,
                max_bytes=settings.embeddings_gb * 2**30,
            ),
            weights=WeightsJobs(self),
        )

    def _connect(self) -> None:
        window, opener = self.window, self._opener
        window.path_requested.connect(self._open)
        window.sample_requested.connect(self._open_sample)
        window.project_close_requested.connect(self._close_project_on_request)
        window.theme_chosen.connect(self._choose_theme)
        window.closing.connect(self._shut_down)
        opener.started.connect(window.set_opening)
        opener.started.connect(self._warm_while_opening)
        opener.progressed.connect(window.set_opening_progress)
        opener.opened.connect(self._show_project)
        opener.is_open_already.connect(self._show_open_project)
        opener.failed.connect(self._show_failure)
        opener.stopped.connect(lambda: window.set_opening(""))
        for ended in (opener.is_open_already, opener.failed, opener.stopped):
            ended.connect(self._ahead.resume)
        window.opening_cancel_requested.connect(opener.stop_opening)
        window.labels_cancel_requested.connect(opener.stop_labels)
        opener.labels_progressed.connect(window.set_label_progress)
        opener.labels_imported.connect(self._on_labels_imported)
        self._page_survey.ended.connect(window.show_pages)
        self._services.weights.arrived.connect(self._use_new_weights)
        for background in (
            self._services.background,
            self._long_background,
            self._services.weights.background,
        ):
            background.bug_found.connect(self._diagnostics.report)
        self._diagnostics.fault_found.connect(window.banners.show_error)

    # ---------------------------------------------------------------- projects

    def _open(self, path: Path) -> None:
        if self.window.confirm_ending_jobs():
            self._opener.open(path, open_folder=self._open_folder)

    def _open_sample(self) -> None:
        if self.window.confirm_ending_jobs():
            self._opener.open_sample(open_folder=self._open_folder)

    @property
    def _open_folder(self) -> Path | None:
        return self._project.session.folder if self._project is not None else None

    def _show_open_project(self) -> None:
        self.window.set_opening("")
        self.window.show_page(Page.DATASET)

    def _show_project(self, project: Project, content: ProjectContent) -> None:
        self._close_project()
        self.window.set_opening("")
        self._project_parent = QObject(self)
        self._project = self._create_project_services(project, content, self._project_parent)
        self.window.set_project(self._project)
        self._opener.import_pending_labels(project)
        # What most operators open next, while they look at the dataset page.
        self._ahead.add(self._warming.take_annotate())
        self.window.pages.prepare(Page.ANNOTATE)
        QTimer.singleShot(_PAINTED_MS, self._ahead.resume)
        # After the page is painted: the worker's start takes all cores for seconds.
        QTimer.singleShot(_SETTLED_MS, self._project_parent, self._after_opening)

    def _after_opening(self) -> None:
        """Do what nobody waits for, now that the project is on the screen."""
        if self._project is None:
            return
        session = self._project.session
        self._services.settings.add_recent_project(session.folder)
        self._refresh_recent()
        names = [record.relative_path for record in session.images() if not record.page]
        self._page_survey.start(session.image_folder, names)
        self._services.workers.start_inference()

    def _create_project_services(
        self, project: Project, content: ProjectContent, parent: QObject
    ) -> ProjectServices:
        session = ProjectSession(project, parent, content=content)
        training_jobs = TrainingJobs(session, self._services.workers, parent)
        inspection_jobs = InspectionJobs(session, self._services.workers, training_jobs, parent)
        return ProjectServices(
            session=session,
            training_jobs=training_jobs,
            study_jobs=StudyJobs(session, training_jobs, parent),
            inspection_jobs=inspection_jobs,
            judgements=Judgements(session, inspection_jobs, self._services.background, parent),
            exchange_jobs=ExchangeJobs(session, self._long_background, parent),
            anomaly_maps=AnomalyMaps(session, inspection_jobs, training_jobs, parent),
            model_proposals=ModelProposals(session, inspection_jobs, training_jobs, parent),
            click_adapting=ClickAdapting(session, self._services.workers, parent),
        )

    def _show_failure(self, message: str, hint: str) -> None:
        self.window.set_opening("")
        self.window.banners.show_error(message, hint)

    def _on_labels_imported(self, folder: Path, remarks: list[str]) -> None:
        self.window.end_label_progress(remarks)
        if self._project is not None and self._project.session.folder == folder:
            session = self._project.session
            Reloading(session, self._services.background, session).start()

    def _close_project_on_request(self) -> None:
        if self.window.confirm_ending_jobs():
            self._close_project()
            self._refresh_recent()

    def _close_project(self) -> None:
        if self._project is None or self._project_parent is None:
            return
        project, self._project = self._project, None
        # It may not have been open for long enough to be among them.
        self._services.settings.add_recent_project(project.session.folder)
        self._opener.stop_labels()
        self._page_survey.stop()
        project.exchange_jobs.stop()
        self.window.set_project(None)
        project.session.close()
        self._project_parent.deleteLater()

    def _refresh_recent(self) -> None:
        folders = self._services.settings.recent_projects()
        self._services.background.run(
            lambda: describe_projects(folders), self.window.set_recent, priority=5
        )

    # ---------------------------------------------------------------- the rest

    def _warm(self) -> None:
        self._ahead.add(self._warming.take_dataset())
        self._ahead.add(self._warming.take_annotate())

    def _warm_while_opening(self) -> None:
        # The window has nothing to do while the folder is read, but more than what it shows
        # then would only make that take longer.
        self._ahead.pause()
        self._opening_ahead.add(self._warming.take_dataset())

    def _use_new_weights(self) -> None:
        """Have clicks answered by the best model there is now; inspections under way end first."""
        jobs = self._project.inspection_jobs if self._project is not None else None
        if jobs is None or jobs.active_inspection() is None:
            self._services.workers.restart_inference()
            return
        # Later: the next one in the queue starts right after this one.
        jobs.finished.connect(
            lambda: QTimer.singleShot(0, self._use_new_weights),
            Qt.ConnectionType.SingleShotConnection,
        )

    def _choose_theme(self, name: str) -> None:
        self._theme.set_choice(cast(ThemeChoice, name))
        self._services.settings.theme = name

    def _shut_down(self) -> None:
        self._opener.stop_opening()
        self._close_project()
        self._services.workers.shut_down()
        self._services.weights.shut_down()
        self._long_background.shut_down()
        self._services.background.shut_down()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window until it is closed; return the exit code."""
    arguments = _parse(sys.argv[1:] if argv is None else argv)
    _prepare_environment()
    app = QApplication(sys.argv[:1])
    diagnostics = Diagnostics(paths.log_folder(), app)
    diagnostics.install()
    app.setApplicationName(paths.APP_NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("inspector")
    paths.config_folder().mkdir(parents=True, exist_ok=True)
    settings = Settings(paths.config_folder() / "settings.ini")
    theme = Theme(app, cast(ThemeChoice, settings.theme))
    program = Program(app, settings, theme, diagnostics)
    program.start(arguments.path)
    if arguments.self_test is not None:
        program.check_installation(arguments.self_test)
    try:
        return app.exec()
    finally:
        diagnostics.uninstall()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="inspector")
    parser.add_argument(
        "path", nargs="?", type=lambda text: Path(text).resolve(), help="project or image folder"
    )
    parser.add_argument(
        "--self-test",
        type=lambda text: Path(text).resolve(),
        metavar="FOLDER",
        help="check the installation, with what it found in FOLDER, and quit",
    )
    return parser.parse_args(argv)


def _prepare_environment() -> None:
    # Sizes of an operator's other windows matter more than whole factors.
    os.environ.setdefault("QT_SCALE_FACTOR_ROUNDING_POLICY", "PassThrough")
