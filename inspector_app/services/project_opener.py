"""Projects for the window: found or made from a folder of photos, off the GUI thread."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector_app import paths
from inspector_app.domain.errors import KnownError
from inspector_app.services.background import Background
from inspector_app.services.opening import (
    create_project,
    import_ground_truth,
    project_for_images,
)
from inspector_app.store.project import DATABASE_FILE, Project, is_project_folder

_GROUND_TRUTH = "ground_truth"
"""Meta key: “pending” until the masks that came with the images are regions."""


class ProjectOpener(QObject):
    """Opens one project at a time and brings in the masks that came with its images."""

    started = Signal(str)
    """What is being done, for the operator."""
    progressed = Signal(int, int)
    """How far what was started is: done, total."""
    opened = Signal(object)
    """Project; the receiver owns it."""
    failed = Signal(str, str)
    """Message and hint."""
    labels_progressed = Signal(int, int)
    labels_imported = Signal(object, object)
    """Project folder, list of remarks."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def open(self, path: Path) -> None:
        """Open a project folder (or its database file), or the project of a folder of images."""
        self._start(self.tr("Opening {name}…").format(name=path.name), partial(_open, path))

    def open_sample(self) -> None:
        """Make the sample's photos unless they are there, and open their project."""
        self._start(
            self.tr("Making the sample's photos…"),
            partial(_open_sample, self.progressed.emit),
        )

    def import_pending_labels(self, project: Project) -> None:
        """Turn the masks that came with the images into regions, if that is still to be done."""
        if project.is_read_only or project.meta(_GROUND_TRUTH) != "pending":
            return
        folder = project.folder
        other = project.second_connection()
        self._background.run(
            partial(_import_labels, other, self.labels_progressed.emit),
            lambda remarks: self.labels_imported.emit(folder, remarks),
            lambda error: self._fail_import(folder, error),
        )

    def _start(self, sentence: str, function: Callable[[], Project]) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self.started.emit(sentence)
        self._background.run(function, self._finish, self._fail, priority=1)

    def _finish(self, project: Project) -> None:
        self._is_busy = False
        self.opened.emit(project)

    def _fail(self, error: Exception) -> None:
        self._is_busy = False
        if isinstance(error, KnownError):
            self.failed.emit(error.message, error.hint)
            return
        self.failed.emit(
            self.tr("A fault in the program kept the project from opening."),
            self.tr("the log in {folder} says more").format(folder=paths.log_folder()),
        )
        raise error

    def _fail_import(self, folder: Path, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.labels_imported.emit(folder, [str(error)])
            return
        text = self.tr(
            "A fault in the program kept the masks from being read; see the log in {log}."
        )
        self.labels_imported.emit(folder, [text.format(log=paths.log_folder())])
        raise error


def _open(path: Path) -> Project:
    folder = path.parent if path.name == DATABASE_FILE else path
    if is_project_folder(folder):
        return Project.open(folder)
    project_folder = project_for_images(folder)
    if is_project_folder(project_folder):
        return Project.open(project_folder)
    project = create_project(project_folder, folder)
    with project.transaction():
        project.set_meta(_GROUND_TRUTH, "pending")
    return project


def _open_sample(progress: Callable[[int, int], None]) -> Project:
    # The generator is needed by nobody else and would only slow the program's start.
    from inspector_app.sample import create_sample  # noqa: PLC0415

    return _open(create_sample(paths.projects_folder() / "samples", progress=progress))


def _import_labels(project: Project, progress: Callable[[int, int], None]) -> list[str]:
    try:
        remarks = import_ground_truth(project, progress=progress)
        with project.transaction():
            project.set_meta(_GROUND_TRUTH, "imported")
        return remarks
    finally:
        project.close()
