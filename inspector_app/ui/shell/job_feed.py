"""Jobs under way, told to the status line and, when they end badly, to a banner."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from inspector_app.domain.jobs import InspectionRecord, JobState, RunRecord
from inspector_app.formats.base import ExportReport
from inspector_app.protocol.messages import Progress
from inspector_app.ui.context import ProjectServices
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.status import JobView, StatusLine
from inspector_app.ui.wording import count_images, count_regions

if TYPE_CHECKING:
    from inspector_app.services.exchange import ImportReport

_EXCHANGE = "exchange"
_MAX_REMARKS = 3


class JobFeed(QObject):
    """Follows the jobs of one open project; dies with it."""

    def __init__(
        self, services: ProjectServices, status: StatusLine, banners: Banners, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._status = status
        self._banners = banners
        self._exchange_title = ""
        self._connect_training(services)
        self._connect_inspection(services)
        self._connect_exchange(services)
        self._services = services
        status.cancel_requested.connect(self._cancel)
        services.session.refused.connect(banners.show_error)

    def _connect_training(self, services: ProjectServices) -> None:
        jobs = services.training_jobs
        jobs.progressed.connect(self._show_training)
        jobs.finished.connect(self._finish_training)
        jobs.refused.connect(self._banners.show_error)

    def _connect_inspection(self, services: ProjectServices) -> None:
        jobs = services.inspection_jobs
        jobs.progressed.connect(self._show_inspection)
        jobs.finished.connect(self._finish_inspection)
        jobs.refused.connect(self._banners.show_error)

    def _connect_exchange(self, services: ProjectServices) -> None:
        jobs = services.exchange_jobs
        jobs.started.connect(self._start_exchange)
        jobs.progressed.connect(self._show_exchange)
        jobs.previewed.connect(lambda: self._status.end_job(_EXCHANGE))
        jobs.described.connect(self._finish_report)
        jobs.divided.connect(self._finish_division)
        jobs.exported.connect(self._finish_export)
        jobs.imported.connect(self._finish_import)
        jobs.stopped.connect(lambda: self._status.end_job(_EXCHANGE))
        jobs.failed.connect(self._fail_exchange)

    def _cancel(self, key: str) -> None:
        if key == _EXCHANGE:
            self._services.exchange_jobs.stop()
            return
        # Both pass over what they do not know.
        self._services.training_jobs.cancel(key)
        self._services.inspection_jobs.cancel(key)

    def _show_training(self, run_id: str, progress: Progress) -> None:
        self._status.set_job(run_id, _view(self.tr("Training"), progress))

    def _show_inspection(self, inspection_id: str, progress: Progress) -> None:
        self._status.set_job(inspection_id, _view(self.tr("Inspecting"), progress))

    def _finish_training(self, record: RunRecord) -> None:
        self._status.end_job(record.id)
        if record.state in (JobState.FAILED, JobState.INTERRUPTED):
            self._show_end(self.tr("The training ended early."), record.message)

    def _finish_inspection(self, record: InspectionRecord) -> None:
        self._status.end_job(record.id)
        if record.state in (JobState.FAILED, JobState.INTERRUPTED):
            self._show_end(self.tr("The inspection ended early."), record.message)

    def _show_end(self, sentence: str, message: str) -> None:
        # Where a worker was lost its log follows below the first line; that is for the run's page.
        self._banners.show_error(sentence, message.partition("\n")[0])

    def _start_exchange(self, title: str) -> None:
        self._exchange_title = title
        self._status.set_job(_EXCHANGE, JobView(title, can_cancel=True))

    def _show_exchange(self, done: int, total: int) -> None:
        self._status.set_job(_EXCHANGE, JobView(self._exchange_title, done, total, can_cancel=True))

    def _finish_export(self, report: ExportReport) -> None:
        self._status.end_job(_EXCHANGE)
        self._banners.show_info(
            self.tr("Exported {images} with {regions}.").format(
                images=count_images(report.image_count), regions=count_regions(report.region_count)
            ),
            self.tr("They are in {folder}.").format(folder=report.out_folder),
        )
        self._show_remarks(report.remarks)

    def _finish_division(self, moved: int) -> None:
        self._status.end_job(_EXCHANGE)
        text = self.tr("{images} changed their split.").format(images=count_images(moved))
        self._banners.show_info(text, self.tr("Trainings and exports use it from now on."))

    def _finish_report(self, path: Path) -> None:
        self._status.end_job(_EXCHANGE)
        self._banners.show_info(
            self.tr("The report of the data set is written."),
            self.tr("It is in {file} and opens in your browser.").format(file=path),
        )
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _finish_import(self, report: "ImportReport") -> None:
        self._status.end_job(_EXCHANGE)
        self._banners.show_info(
            self.tr("Imported {regions} on {images}.").format(
                images=count_images(report.image_count), regions=count_regions(report.region_count)
            )
        )
        self._show_remarks(report.problems)

    def _fail_exchange(self, message: str, hint: str) -> None:
        self._status.end_job(_EXCHANGE)
        self._banners.show_error(message, hint)

    def _show_remarks(self, remarks: tuple[str, ...]) -> None:
        if remarks:
            self._banners.show_warning(summarise(remarks))


def summarise(remarks: tuple[str, ...] | list[str]) -> str:
    """Return the first few remarks and how many more there are."""
    text = " · ".join(remarks[:_MAX_REMARKS])
    more = len(remarks) - _MAX_REMARKS
    return text if more <= 0 else f"{text} · +{more}"


def _view(title: str, progress: Progress) -> JobView:
    if progress.note:
        title = f"{title} · {progress.note}"
    return JobView(title, progress.done, progress.total, progress.seconds_left, can_cancel=True)
