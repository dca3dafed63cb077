"""One training run: state, progress, curve, what came of it."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.jobs import JobState, RunRecord
from inspector_app.protocol.messages import EpochEnded, Progress
from inspector_app.services.predictions import Predictions
from inspector_app.services.redrawn import Redrawn
from inspector_app.ui.icons import icon
from inspector_app.ui.models.runs_table import state_icon
from inspector_app.ui.panels.labels import IconLabel
from inspector_app.ui.panels.run_notes import RunNotes
from inspector_app.ui.panels.run_redrawn import RunRedrawn
from inspector_app.ui.panels.run_results import RunResults
from inspector_app.ui.shell.status import format_time_left
from inspector_app.ui.theme import make_muted, make_title
from inspector_app.ui.wording import job_state_name, when_iso

if TYPE_CHECKING:
    from inspector_app.ui.panels.loss_curve import LossCurve

_STATE_ICON_PX = 20


class RunDetail(QWidget):
    """Shows a run; asks to cancel, pause, resume or delete it, or to inspect with it."""

    cancel_requested = Signal(str)
    pause_requested = Signal(str)
    resume_requested = Signal(str)
    inspect_requested = Signal(str)
    delete_requested = Signal(str)
    image_activated = Signal(str)
    """Absolute path of an image behind the results."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunRecord | None = None
        self._is_read_only = False
        self._epochs: list[EpochEnded] = []
        self.curve: LossCurve | None = None
        self._create_widgets()
        self._lay_out()
        self._connect()
        self.clear()
        # The plotting library takes a third of a second to load, so the page is painted first.
        # Not in a thread: it walks through all of Qt's names, and PySide, which makes its
        # classes when they are first named, crashes when two threads do that at once.
        loading = QTimer(self)
        loading.setSingleShot(True)
        loading.timeout.connect(self._create_curve)
        loading.start(0)

    @property
    def run_id(self) -> str:
        return self._run.id if self._run else ""

    @property
    def message(self) -> str:
        return self._message.text()

    @property
    def progress_text(self) -> str:
        return self._progress_text.text()

    @property
    def epoch_numbers(self) -> list[int]:
        return [epoch.epoch for epoch in self._epochs]

    @property
    def remarks_text(self) -> str:
        return self._remarks.text()

    @property
    def has_results(self) -> bool:
        return self._tabs.indexOf(self.results) >= 0

    @property
    def has_redrawn(self) -> bool:
        return self._tabs.indexOf(self.redrawn) >= 0

    def clear(self) -> None:
        self._run = None
        self._empty.show()
        self._content.hide()
        self.set_epochs([])
        self.set_remarks([])
        self.set_predictions(None)
        self.set_redrawn(None)

    def set_run(
        self, run: RunRecord, title: str, *, is_usable: bool, place: int | None = None
    ) -> None:
        """Show a run's state; its curve comes by `set_epochs` and `add_epoch`.

        Args:
            place: of one that waits, 1 for the next; 0 if it waits for the operator.
        """
        is_other = run.id != self.run_id
        self._run = run
        self._empty.hide()
        self._content.show()
        self._title.setText(f"{title} · {when_iso(run.created_at)}")
        self._state_icon.set_maker(partial(state_icon, run.state))
        self._state.setText(job_state_name(run.state))
        self._show_message(run)
        self._show_activity(run, is_other=is_other)
        if place is not None:
            self._progress_text.setText(_place_text(place))
        may_resume = run.state.can_be_resumed or place == 0
        self.resume_button.setVisible(may_resume and not self._is_read_only)
        self.notes.set_run(run)
        self.delete_button.setVisible(not (run.state.is_active or self._is_read_only))
        self.inspect_button.setVisible(is_usable and not run.state.is_active)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Take away what would change the project; call it before `set_run`."""
        self._is_read_only = is_read_only
        self.notes.set_read_only(is_read_only=is_read_only)

    def set_epochs(self, epochs: Sequence[EpochEnded]) -> None:
        self._epochs = list(epochs)
        if self.curve is not None:
            self.curve.set_epochs(epochs)

    def set_predictions(self, predictions: Predictions | None) -> None:
        """Show what a classifier recognised; other models have no such results."""
        if predictions is not None:
            self.results.set_predictions(predictions)
        self._show_tab(self.results, self.tr("Results"), is_shown=predictions is not None)

    def set_redrawn(self, redrawn: Redrawn | None) -> None:
        """Show images as the model redraws them; most models do not."""
        if redrawn is not None:
            self.redrawn.set_redrawn(redrawn)
        self._show_tab(self.redrawn, self.tr("Redrawn"), is_shown=redrawn is not None)

    def _show_tab(self, content: QWidget, title: str, *, is_shown: bool) -> None:
        place = self._tabs.indexOf(content)
        if not is_shown:
            self._tabs.removeTab(place)
        elif place < 0:
            self._tabs.addTab(content, title)

    def set_remarks(self, remarks: Sequence[str]) -> None:
        """Show what the run has come upon: memory that ran out, a damaged checkpoint."""
        self._remarks.setText("\n".join(f"{text[:1].upper()}{text[1:]}." for text in remarks))
        self._remarks.setVisible(bool(remarks))

    def add_epoch(self, epoch: EpochEnded) -> None:
        if self._epochs and epoch.epoch <= self._epochs[-1].epoch:
            # A run that goes on repeats what it had not saved.
            self.set_epochs([*(e for e in self._epochs if e.epoch < epoch.epoch), epoch])
            return
        self._epochs.append(epoch)
        if self.curve is not None:
            self.curve.add_epoch(epoch)

    def set_progress(self, progress: Progress) -> None:
        self._progress.setRange(0, progress.total)
        self._progress.setValue(progress.done)
        parts = [progress.note, format_time_left(progress.seconds_left)]
        self._progress_text.setText(" · ".join(part for part in parts if part))

    def _create_widgets(self) -> None:
        self._empty = make_muted(
            self.tr("Start a training, or choose a run above to see how it went.")
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._content = QWidget()
        self._title = make_title("", scale=1.1)
        self._state_icon = IconLabel(partial(state_icon, JobState.QUEUED), _STATE_ICON_PX)
        self._state = QLabel()
        self.cancel_button = QPushButton(icon("stop"), self.tr(" Cancel"))
        self.pause_button = QPushButton(icon("pause"), self.tr(" Pause"))
        self.pause_button.setToolTip(
            self.tr("End with a checkpoint and give the memory back; Resume goes on there.")
        )
        self.resume_button = QPushButton(icon("play"), self.tr(" Resume"))
        self.resume_button.setToolTip(
            self.tr("Go on exactly where it was, with the settings and images it began with.")
        )
        self.inspect_button = QPushButton(icon("inspect"), self.tr(" Inspect with this model"))
        self.delete_button = QPushButton(icon("delete"), "")
        self.delete_button.setToolTip(self.tr("Delete this training…"))
        self.delete_button.setAccessibleName(self.tr("Delete this training"))
        self.notes = RunNotes()
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setTabBarAutoHide(True)
        self.results = RunResults(self)
        self.results.hide()
        self.redrawn = RunRedrawn(self)
        self.redrawn.hide()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress_text = make_muted()
        self._remarks = make_muted()
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addSpacing(10)
        head.addWidget(self._state_icon)
        head.addWidget(self._state)
        head.addStretch(1)
        head.addWidget(self.delete_button)
        head.addWidget(self.inspect_button)
        for button in (self.resume_button, self.pause_button, self.cancel_button):
            head.addWidget(button)
        content = QVBoxLayout(self._content)
        content.setContentsMargins(0, 0, 0, 0)
        content.addLayout(head)
        content.addWidget(self._progress)
        content.addWidget(self._progress_text)
        content.addWidget(self._message)
        content.addWidget(self._remarks)
        content.addWidget(self.notes)
        content.addWidget(self._tabs, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(self._content, 1)

    def _connect(self) -> None:
        self.cancel_button.clicked.connect(lambda: self.cancel_requested.emit(self.run_id))
        self.pause_button.clicked.connect(lambda: self.pause_requested.emit(self.run_id))
        self.resume_button.clicked.connect(lambda: self.resume_requested.emit(self.run_id))
        self.delete_button.clicked.connect(lambda: self.delete_requested.emit(self.run_id))
        self.results.image_activated.connect(self.image_activated)
        self.redrawn.image_activated.connect(self.image_activated)
        self.inspect_button.clicked.connect(lambda: self.inspect_requested.emit(self.run_id))

    def _create_curve(self) -> None:
        from inspector_app.ui.panels.loss_curve import LossCurve  # noqa: PLC0415  (see above)

        curve = LossCurve()
        curve.set_epochs(self._epochs)
        self.curve = curve
        self._tabs.insertTab(0, curve, self.tr("Course"))
        self._tabs.setCurrentIndex(0)

    def _show_message(self, run: RunRecord) -> None:
        self._message.setText(run.message)
        self._message.setVisible(bool(run.message))
        is_bad = run.state in (JobState.FAILED, JobState.INTERRUPTED)
        self._message.setProperty("role", "error" if is_bad else "muted")
        # A changed property counts only when the style is put on anew.
        self._message.style().unpolish(self._message)
        self._message.style().polish(self._message)

    def _show_activity(self, run: RunRecord, *, is_other: bool) -> None:
        is_active = run.state.is_active
        for widget in (self._progress, self._progress_text, self.cancel_button):
            widget.setVisible(is_active)
        self.pause_button.setVisible(run.state is JobState.RUNNING)
        self.cancel_button.setText(
            self.tr(" End at once") if run.state is JobState.CANCELLING else self.tr(" Cancel")
        )
        if is_active and (is_other or run.state is not JobState.RUNNING):
            self._progress.setRange(0, 0)
            self._progress_text.setText(_waiting_text(run.state))


def _waiting_text(state: JobState) -> str:
    texts = {
        JobState.STARTING: _tr("The models are being loaded…"),
        JobState.CANCELLING: _tr("What was learned is being saved…"),
    }
    return texts.get(state, "")


def _place_text(place: int) -> str:
    if place == 0:
        return _tr("It waits since the project was closed. Resume lets all that wait go on.")
    if place == 1:
        return _tr("It is the next one to start.")
    return _tr("Number {place} of those that wait.").format(place=place)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunDetail", text)
