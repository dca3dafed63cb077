"""Projects for the window: found or made from a folder of photos, off the GUI thread."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal

from inspector_app import paths
from inspector_app.domain.dataset import FolderListing
from inspector_app.domain.errors import BadDataError, KnownError
from inspector_app.services.background import Background
from inspector_app.services.opening import (
    import_ground_truth,
    project_for_images,
    project_of_listing,
    scan_images,
)
from inspector_app.services.stopping import StoppedError, report
from inspector_app.services.store_faults import explain_fault
from inspector_app.store.connection import load_locking
from inspector_app.store.content import ProjectContent, content_of_new, read_content
from inspector_app.store.project import DATABASE_FILE, Project, is_project_folder

_GROUND_TRUTH = "ground_truth"
"""Meta key: “pending” until the masks that came with the images are regions."""

_Opened = tuple[Project, ProjectContent]


class _OpenAlreadyError(Exception):
    """It is the project that this program has open; a second time it would be read-only."""


class ProjectOpener(QObject):
    """Opens one project at a time and brings in the masks that came with its images."""

    started = Signal(str)
    """What is being done, for the operator."""
    progressed = Signal(int, int)
    """How far what was started is: done, total."""
    opened = Signal(object, object)
    """Project, which the receiver owns, and its ProjectContent."""
    failed = Signal(str, str)
    """Message and hint."""
    is_open_already = Signal()
    """What was asked for is the project that is open."""
    stopped = Signal()
    """The opening was stopped on request; nothing half-made is left."""
    labels_progressed = Signal(int, int)
    labels_imported = Signal(object, object)
    """Project folder, list of remarks."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._is_busy = False
        self._stop_opening = Event()
        self._stop_labels = Event()

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def prepare(self) -> None:
        """Load in a thread what the first opening needs, while the operator looks for a folder."""
        self._background.run(load_locking, lambda _loaded: None)

    def open(self, path: Path, *, open_folder: Path | None = None) -> None:
        """Open a project folder (or its database file), or the project of a folder of images.

        `open_folder` is the project that is open now, if any.
        """
        sentence = self.tr("Opening {name}…").format(name=path.name)
        self._start(sentence, partial(_open, path, open_folder))

    def open_sample(self, *, open_folder: Path | None = None) -> None:
        """Make the sample's photos unless they are there, and open their project."""
        progress = partial(report, self._stop_opening, self.progressed.emit)
        self._start(
            self.tr("Making the sample's photos…"), partial(_open_sample, progress, open_folder)
        )

    def stop_opening(self) -> None:
        """Give up what takes long about an opening, which is making the sample."""
        self._stop_opening.set()

    def stop_labels(self) -> None:
        """Leave the masks that are not read yet to the next time the project is opened."""
        self._stop_labels.set()

    def import_pending_labels(self, project: Project) -> None:
        """Turn the masks that came with the images into regions, if that is still to be done."""
        if project.is_read_only or project.meta(_GROUND_TRUTH) != "pending":
            return
        folder = project.folder
        other = project.second_connection()
        stop = self._stop_labels = Event()
        self._background.run(
            partial(_import_labels, other, partial(report, stop, self.labels_progressed.emit)),
            lambda remarks: self.labels_imported.emit(folder, remarks),
            lambda error: self._fail_import(folder, error),
        )

    def _start(self, sentence: str, function: Callable[[], _Opened]) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self._stop_opening.clear()
        self.started.emit(sentence)
        self._background.run(function, self._finish, self._fail, priority=1)

    def _finish(self, opened: _Opened) -> None:
        self._is_busy = False
        self.opened.emit(*opened)

    def _fail(self, error: Exception) -> None:
        self._is_busy = False
        match error:
            case StoppedError():
                self.stopped.emit()
            case _OpenAlreadyError():
                self.is_open_already.emit()
            case KnownError():
                self.failed.emit(error.message, error.hint)
            case _:
                self.failed.emit(
                    self.tr("A fault in the program kept the project from opening."),
                    self.tr("the log in {folder} says more").format(folder=paths.log_folder()),
                )
                raise error

    def _fail_import(self, folder: Path, error: Exception) -> None:
        if isinstance(error, StoppedError):
            text = self.tr("The masks not read yet are read when the project is opened again.")
            self.labels_imported.emit(folder, [text])
            return
        if isinstance(error, KnownError):
            self.labels_imported.emit(folder, [str(error)])
            return
        text = self.tr(
            "A fault in the program kept the masks from being read; see the log in {log}."
        )
        self.labels_imported.emit(folder, [text.format(log=paths.log_folder())])
        raise error


def _open(path: Path, open_folder: Path | None) -> _Opened:
    project, listing = _open_project(path, open_folder)
    try:
        if listing is not None:
            return project, content_of_new(project, listing.entries)
        return project, read_content(project)
    except sqlite3.Error as error:
        project.close()
        raise BadDataError(*explain_fault(error, project.folder)) from error


def _open_project(path: Path, open_folder: Path | None) -> tuple[Project, FolderListing | None]:
    """Return the project and, if it has just been made, what of."""
    folder = path.parent if path.name == DATABASE_FILE else path
    project_folder = folder if is_project_folder(folder) else project_for_images(folder)
    if open_folder is not None and project_folder.resolve() == open_folder.resolve():
        raise _OpenAlreadyError
    if is_project_folder(project_folder):
        return Project.open(project_folder), None
    listing = scan_images(folder)
    project = project_of_listing(project_folder, folder, listing)
    if listing.has_masks:
        with project.transaction():
            project.set_meta(_GROUND_TRUTH, "pending")
    return project, listing


def _open_sample(progress: Callable[[int, int], None], open_folder: Path | None) -> _Opened:
    # The generator is needed by nobody else and would only slow the program's start.
    from inspector_app.sample import create_sample  # noqa: PLC0415

    images = create_sample(paths.projects_folder() / "samples", progress=progress)
    return _open(images, open_folder)


def _import_labels(project: Project, progress: Callable[[int, int], None]) -> list[str]:
    try:
        remarks = import_ground_truth(project, progress=progress)
        with project.transaction():
            project.set_meta(_GROUND_TRUTH, "imported")
        return remarks
    finally:
        project.close()
