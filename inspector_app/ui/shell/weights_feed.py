"""The weights dialog, and its jobs in the status line while it is closed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector_app.services.weights_import import Arrivals
from inspector_app.services.weights_jobs import WeightsJobs
from inspector_app.services.workers import Workers
from inspector_app.ui.shell.banners import Banners
from inspector_app.ui.shell.status import JobView, StatusLine

if TYPE_CHECKING:
    from inspector_app.ui.dialogs.weights import WeightsDialog

_KEY = "weights"


class WeightsFeed(QObject):
    """Fetching takes minutes in which the operator works on, so nothing here is modal."""

    def __init__(
        self,
        jobs: WeightsJobs,
        workers: Workers,
        status: StatusLine,
        banners: Banners,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._jobs = jobs
        self._workers = workers
        self._status = status
        self._banners = banners
        self._window = window
        self.dialog: WeightsDialog | None = None
        jobs.started.connect(self._show_start)
        jobs.progressed.connect(self._show_progress)
        jobs.ended.connect(self._show_end)
        jobs.brought.connect(self._tell_arrivals)
        jobs.failed.connect(self._tell_failure)
        status.cancel_requested.connect(self._cancel)
        # A new worker has looked again.
        workers.status_changed.connect(self._show_remarks)

    def show_dialog(self) -> None:
        """Open the dialog, or bring the open one to the front."""
        from inspector_app.ui.dialogs.weights import WeightsDialog  # noqa: PLC0415  (start time)

        if self.dialog is None:
            self.dialog = WeightsDialog(self._jobs, self._window)
        self._show_remarks()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    @property
    def _is_seen(self) -> bool:
        return self.dialog is not None and self.dialog.isVisible()

    def _show_remarks(self) -> None:
        if self.dialog is not None:
            self.dialog.set_remarks(self._workers.remarks)

    def _show_start(self, sentence: str) -> None:
        self._status.set_job(_KEY, JobView(sentence, can_cancel=True))

    def _show_progress(self, done_kb: int, total_kb: int) -> None:
        self._status.set_job(_KEY, JobView(self._jobs.doing, done_kb, total_kb, can_cancel=True))

    def _show_end(self) -> None:
        self._status.end_job(_KEY)

    def _cancel(self, key: str) -> None:
        if key == _KEY:
            self._jobs.stop()

    def _tell_arrivals(self, arrivals: Arrivals) -> None:
        if self._is_seen:
            return
        if arrivals.entries:
            names = ", ".join(entry.name for entry in arrivals.entries)
            self._banners.show_info(self.tr("Verified and ready: {names}.").format(names=names))
        for fault in arrivals.faults:
            self._banners.show_error(fault, "")

    def _tell_failure(self, message: str, hint: str) -> None:
        if not self._is_seen:
            self._banners.show_error(message, hint)
