"""Import and export of the open project in a thread, with progress and a way to stop."""

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, SignalInstance

from inspector_app.domain.errors import KnownError
from inspector_app.domain.splits import SplitPlan, SplitRecipe
from inspector_app.formats.base import ExportReport, ImagePlacement
from inspector_app.services.background import Background
from inspector_app.services.reloading import Reloading
from inspector_app.services.session import ProjectSession
from inspector_app.services.stopping import StoppedError, report
from inspector_app.store.project import Project
from inspector_app.store.splits import store_splits

if TYPE_CHECKING:
    from inspector_app.formats.base import ImportPlan
    from inspector_app.services.exchange import ImportPreview, ImportReport


_REPORT_FOLDER = "reports"


class ExchangeJobs(QObject):
    """Runs one import or export at a time."""

    started = Signal(str)
    """What is being done, for the operator."""
    progressed = Signal(int, int)
    exported = Signal(object)
    """ExportReport."""
    previewed = Signal(object, object)
    """ImportPlan and ImportPreview; nothing has been changed."""
    imported = Signal(object)
    """ImportReport; the session has read everything again."""
    divided = Signal(int)
    """How many images have another split now; the session shows it."""
    described = Signal(object)
    """Path of the data set's report."""
    stopped = Signal()
    """By the operator; nothing half-written is left."""
    failed = Signal(str, str)
    """Message and hint."""

    def __init__(
        self, session: ProjectSession, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._background = background
        self._stop: Event | None = None
        self._reloading = Reloading(session, background, self)

    @property
    def is_busy(self) -> bool:
        return self._stop is not None

    def export(
        self, format_name: str, out_folder: Path, placement: ImagePlacement | None = None
    ) -> None:
        """Write the project's labels; `exported`, `stopped` or `failed` follows.

        Images go where the format usually has them if `placement` does not say.
        """
        self._start(
            self.tr("Exporting to {name}…").format(name=out_folder.name),
            partial(_export, format_name=format_name, out_folder=out_folder, placement=placement),
            self._finish_export,
        )

    def preview_import(self, format_name: str, path: Path) -> None:
        """Read a file's labels and change nothing; `previewed` or `failed` follows."""
        self._start(
            self.tr("Reading {name}…").format(name=path.name),
            partial(_preview, format_name=format_name, path=path),
            self._finish_preview,
        )

    def import_plan(self, plan: "ImportPlan") -> None:
        """Add what was read to the project; `imported` or `failed` follows."""
        self._start(
            self.tr("Importing {name}…").format(name=plan.source),
            partial(_import, plan=plan),
            self._finish_import,
        )

    def describe_dataset(self) -> None:
        """Write the data set's report; `described`, `stopped` or `failed` follows."""
        self._start(
            self.tr("Looking at every image…"),
            partial(_describe, remarks=list(self._session.remarks)),
            self._finish_description,
        )

    def divide(self, plan: SplitPlan, recipe: SplitRecipe | None) -> None:
        """Give the images the plan's splits; `divided` or `failed` follows."""
        self._start(
            self.tr("Dividing the images…"),
            partial(_divide, plan=plan, recipe=recipe),
            self._finish_division,
        )

    def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _start(
        self,
        sentence: str,
        work: Callable[[Project, Callable[[int, int], None]], object],
        on_done: Callable[[object], None],
    ) -> None:
        if self._stop is not None:
            return
        stop = self._stop = Event()
        self.started.emit(sentence)
        project = self._session.project.second_connection()
        progress = partial(report, stop, self.progressed.emit)
        self._background.run(partial(_with_project, project, work, progress), on_done, self._fail)

    def _finish_export(self, report: object) -> None:
        self._stop = None
        self.exported.emit(report)

    def _finish_preview(self, found: object) -> None:
        self._stop = None
        assert isinstance(found, tuple)
        self.previewed.emit(*found)

    def _finish_description(self, path: object) -> None:
        self._stop = None
        self.described.emit(path)

    def _finish_division(self, moved: object) -> None:
        self._reloading.start(partial(self._finish_reload, self.divided, moved))

    def _finish_import(self, report: object) -> None:
        # Still busy until it is shown: a second import would see half of the first.
        self._reloading.start(partial(self._finish_reload, self.imported, report))

    def _finish_reload(self, signal: SignalInstance, *words: object) -> None:
        self._stop = None
        signal.emit(*words)

    def _fail(self, error: Exception) -> None:
        self._stop = None
        match error:
            case StoppedError():
                self.stopped.emit()
            case KnownError():
                self.failed.emit(error.message, error.hint)
            case _:
                self.failed.emit(self.tr("That did not work: {why}").format(why=error), "")
                raise error


def _with_project(
    project: Project,
    work: Callable[[Project, Callable[[int, int], None]], object],
    progress: Callable[[int, int], None],
) -> object:
    with project:
        return work(project, progress)


def _export(
    project: Project,
    progress: Callable[[int, int], None],
    *,
    format_name: str,
    out_folder: Path,
    placement: ImagePlacement | None,
) -> ExportReport:
    # Here and below: the formats' libraries would slow the program's start.
    from inspector_app.services.exchange import export_project  # noqa: PLC0415

    return export_project(project, format_name, out_folder, placement=placement, progress=progress)


def _divide(
    project: Project,
    _progress: Callable[[int, int], None],
    *,
    plan: SplitPlan,
    recipe: SplitRecipe | None,
) -> int:
    store_splits(project, plan.assigned, recipe)
    return plan.moved_count


def _describe(
    project: Project, progress: Callable[[int, int], None], *, remarks: list[str]
) -> Path:
    from inspector_app.services.dataset_survey import survey_dataset  # noqa: PLC0415
    from inspector_app.services.report.dataset_page import write_dataset_page  # noqa: PLC0415

    survey = survey_dataset(project, remarks, progress=progress)
    stamp = datetime.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    target = project.folder / _REPORT_FOLDER / f"dataset-{stamp}.html"
    write_dataset_page(target, survey, name=project.image_folder.name)
    return target


def _preview(
    project: Project, progress: Callable[[int, int], None], *, format_name: str, path: Path
) -> "tuple[ImportPlan, ImportPreview]":
    from inspector_app.services.exchange import plan_import, preview_import  # noqa: PLC0415

    progress(0, 0)
    plan = plan_import(project, format_name, path)
    return plan, preview_import(project, plan)


def _import(
    project: Project, progress: Callable[[int, int], None], *, plan: "ImportPlan"
) -> "ImportReport":
    from inspector_app.services.exchange import perform_import  # noqa: PLC0415

    progress(0, 0)
    return perform_import(project, plan)
