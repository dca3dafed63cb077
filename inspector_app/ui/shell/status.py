"""The status line: file · n/N · x, y · zoom · click model · device · job."""

import time
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from inspector_app.ui.icons import icon

_PROGRESS_WIDTH_PX = 120
_TELLING_S = 2.0
"""Time after which the pace so far says something about the rest."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as the status line shows it; total 0 means that nobody knows how long it takes."""

    title: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    """None is worked out from the pace so far."""
    can_cancel: bool = False


def format_time_left(seconds: float | None) -> str:
    """Return “3 min left”, or nothing if it is not known or hardly anything."""
    if seconds is None or seconds < 1:
        return ""
    if seconds < 90:
        return QCoreApplication.translate("Time", "%n s left", "", round(seconds))
    if seconds < 90 * 60:
        return QCoreApplication.translate("Time", "%n min left", "", round(seconds / 60))
    return QCoreApplication.translate("Time", "%n h left", "", round(seconds / 3600))


class Pace:
    """Tells from the pace so far how long the rest takes."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._done_before: int | None = None
        """What was done before anybody watched; work that is gone on with has a head start."""

    def seconds_left(self, done: int, total: int) -> float | None:
        """Return None where too little was done to tell."""
        if self._done_before is None:
            self._done_before = done
        elapsed_s = time.monotonic() - self._began_s
        gained = done - self._done_before
        if gained <= 0 or elapsed_s < _TELLING_S:
            return None
        return elapsed_s * (total - done) / gained


class StatusLine(QStatusBar):
    """Shows what the pages and jobs tell it."""

    cancel_requested = Signal(str)
    """Key of the job that is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        # As high as with a job: the page must not move when one begins.
        self.setMinimumHeight(self.fontMetrics().height() + 14)
        self._jobs: dict[str, JobView] = {}
        self._paces: dict[str, Pace] = {}
        self._create_widgets()
        self._lay_out()

    def set_file(self, name: str, position: int = 0, count: int = 0) -> None:
        """Name the image at hand; `position` counts from 1."""
        self._file.setText(name)
        self._set(self._position, f"{position} / {count}" if count and position else "")

    def set_pixel(self, text: str) -> None:
        self._set(self._pixel, text)

    def set_zoom(self, factor: float | None) -> None:
        self._set(self._zoom, f"{factor * 100:.0f} %" if factor else "")

    def set_worker(self, click_model: str, device: str) -> None:
        self._set(self._click_model, click_model)
        self._set(self._device, device)

    def set_job(self, key: str, view: JobView) -> None:
        """Show a job, or how far it is; the one that spoke last is in front."""
        self._jobs.pop(key, None)
        self._jobs[key] = view
        self._paces.setdefault(key, Pace())
        self._show_job()

    def end_job(self, key: str) -> None:
        self._jobs.pop(key, None)
        self._paces.pop(key, None)
        self._show_job()

    @property
    def job_text(self) -> str:
        return self._job.text() if self._jobs else ""

    def _create_widgets(self) -> None:
        self._file = QLabel()
        self._file.setProperty("role", "file")
        # A long file name must not widen the window.
        self._file.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._position = QLabel()
        self._pixel = QLabel()
        self._zoom = QLabel()
        self._click_model = QLabel()
        self._click_model.setToolTip(self.tr("The click model in use"))
        self._device = QLabel()
        self._device.setToolTip(self.tr("What the models run on"))
        self._job = QLabel()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(_PROGRESS_WIDTH_PX)
        self.cancel_button = QToolButton()
        self.cancel_button.setIcon(icon("close"))
        self.cancel_button.setIconSize(QSize(12, 12))
        self.cancel_button.setToolTip(self.tr("Cancel"))
        self.cancel_button.setAccessibleName(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self._request_cancel)

    def _lay_out(self) -> None:
        self.addWidget(self._file, 1)
        for label in (self._position, self._pixel, self._zoom, self._click_model, self._device):
            label.hide()
            self.addPermanentWidget(label)
        for widget in (self._job, self._progress, self.cancel_button):
            widget.hide()
            self.addPermanentWidget(widget)

    def _set(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _show_job(self) -> None:
        for widget in (self._job, self._progress):
            widget.setVisible(bool(self._jobs))
        self.cancel_button.setVisible(False)
        if not self._jobs:
            return
        key, view = next(reversed(self._jobs.items()))
        self.cancel_button.setVisible(view.can_cancel)
        parts = [view.title, format_time_left(self._seconds_left(key, view))]
        self._job.setText(" · ".join(part for part in parts if part))
        # A total of 0 makes the bar run to and fro, which is what is meant.
        self._progress.setRange(0, view.total)
        self._progress.setValue(view.done)

    def _seconds_left(self, key: str, view: JobView) -> float | None:
        if view.seconds_left is not None:
            return view.seconds_left
        return self._paces[key].seconds_left(view.done, view.total)

    def _request_cancel(self) -> None:
        if self._jobs:
            self.cancel_requested.emit(next(reversed(self._jobs)))
