"""The two kinds of worker: a long-lived one for inference, and one for each training."""

import logging
import time
from collections import deque
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from inspector_app import paths
from inspector_app.protocol.files import ModelCard
from inspector_app.protocol.messages import (
    ChooseClickModel,
    ClickModelChanged,
    Command,
    Event,
    Hello,
    ImagePrepared,
    ReclaimDevice,
    ReleaseModels,
    Segmented,
)
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.worker_process import WorkerProcess

_MAX_DEATHS = 3
_DEATHS_WITHIN_S = 60.0

State = Literal["stopped", "starting", "ready"]

_log = logging.getLogger(__name__)


class Workers(QObject):
    """Starts, restarts and ends workers; the one-GPU policy lives here."""

    status_changed = Signal()
    """One of the properties below has changed."""
    event_received = Signal(object)
    """Every event of the inference worker."""
    inference_lost = Signal(object)
    """WorkerEnd: whatever the inference worker was asked for will not be answered.

    Sent however it ended, also when it was restarted or could not be started.
    """
    inference_ended = Signal(str, str)
    """The inference worker died: message and hint. It is started again with the next command."""

    def __init__(self, command: list[str] | None = None, parent: QObject | None = None) -> None:
        """Use `command` to start workers (`paths.worker_command()` by default)."""
        super().__init__(parent)
        self._command = command
        self._inference: WorkerProcess | None = None
        self._all: list[WorkerProcess] = []
        """The inference worker, those on their way out, and the training workers."""
        self._training: list[WorkerProcess] = []
        self._deaths: deque[float] = deque(maxlen=_MAX_DEATHS)
        self._model_cards: tuple[ModelCard, ...] = ()
        self._click_model = ""
        self._wanted_click_model = ""
        self._adapted_folder = ""
        self._click_models: tuple[str, ...] = ()
        self._encoder = ""
        self._device = ""
        self._remarks: tuple[str, ...] = ()
        self._is_shut_down = False

    @property
    def state(self) -> State:
        if self._inference is None:
            return "stopped"
        return "starting" if self._inference.hello is None else "ready"

    @property
    def device(self) -> str:
        """From the hello; empty before it."""
        return self._device

    @property
    def click_model(self) -> str:
        """From the hello or the last answer; empty before it."""
        return self._click_model

    @property
    def click_models(self) -> tuple[str, ...]:
        """Every click model that is at hand, best first; from the hello or the last change."""
        return self._click_models

    @property
    def wanted_click_model(self) -> str:
        """The one that was chosen; empty for the best."""
        return self._wanted_click_model

    @property
    def encoder(self) -> str:
        """Names what the click model keeps of prepared images; empty if it prepares none."""
        return self._encoder

    @property
    def is_training(self) -> bool:
        """Whether a training has the GPU; clicks run on the CPU meanwhile."""
        return bool(self._training)

    @property
    def model_cards(self) -> tuple[ModelCard, ...]:
        """From the first hello on, whatever becomes of the worker."""
        return self._model_cards

    @property
    def remarks(self) -> tuple[str, ...]:
        """Weights that were refused."""
        return self._remarks

    def log_tail(self) -> str:
        """Return the last lines of the inference worker's log; empty if there is none."""
        return self._inference.log_tail() if self._inference is not None else ""

    def start_inference(self) -> None:
        """Start the inference worker unless it runs, or dies again and again."""
        if self._inference is not None or self._is_shut_down:
            return
        if self._dies_again_and_again():
            self._refuse_to_start()
            return
        worker = self._inference = self._start_worker()
        worker.event_received.connect(self._on_event)
        worker.ended.connect(self._on_inference_ended)
        if self._wanted_click_model or self._adapted_folder:
            self._send_choice()
        if self._training:
            worker.send(ReleaseModels())
        self.status_changed.emit()

    def choose_click_model(self, name: str) -> None:
        """Have clicks answered by this model if its weights are there; by the best if empty."""
        if name != self._wanted_click_model:
            self._wanted_click_model = name
            self._send_choice()

    def use_adapted(self, folder: Path | None) -> None:
        """Offer the click model that is adapted to the open project; its files are read anew."""
        adapted = str(folder) if folder is not None else ""
        if adapted or self._adapted_folder:
            self._adapted_folder = adapted
            self._send_choice()

    def send(self, command: Command) -> None:
        """Send to the inference worker, starting it if need be.

        Where it cannot be started `inference_lost` is sent before this returns.
        """
        self.start_inference()
        if self._inference is not None:
            self._inference.send(command)

    def restart_inference(self) -> None:
        """End it and start a new one (after weights were imported, after a hang)."""
        self._deaths.clear()
        if self._inference is not None:
            leaving, self._inference = self._inference, None
            leaving.event_received.disconnect(self._on_event)
            leaving.ended.disconnect(self._on_inference_ended)
            leaving.stop()
            # Not waited for: one that hangs would keep the operator for the whole ladder.
            self.inference_lost.emit(_asked_to_end(leaving))
        self.start_inference()

    def start_training_worker(self) -> WorkerProcess:
        """Tell the inference worker to release its models and start a worker for one training.

        It is watched until its end here; what it says is for who asked.
        """
        if self._inference is not None:
            self._inference.send(ReleaseModels())
        worker = self._start_worker()
        self._training.append(worker)
        self.status_changed.emit()
        return worker

    def shut_down(self, *, timeout_s: float = 5.0) -> None:
        """End all workers, waiting at most a few seconds; for the program's end."""
        self._is_shut_down = True
        workers = list(self._all)
        for worker in workers:
            worker.stop()
        deadline = time.monotonic() + timeout_s
        for worker in workers:
            if not worker.wait_for_end(max(0.0, deadline - time.monotonic())):
                _log.warning("a worker is killed: it did not end within %s s", timeout_s)
                worker.kill()
                worker.wait_for_end(1.0)

    def _send_choice(self) -> None:
        if self._inference is not None:
            self._inference.send(
                ChooseClickModel(name=self._wanted_click_model, adapted_folder=self._adapted_folder)
            )

    def _start_worker(self) -> WorkerProcess:
        worker = WorkerProcess(self._command or paths.worker_command(), parent=self)
        self._all.append(worker)
        # A bound method, no partial with the worker in it: a worker whose own
        # connection keeps it alive crashes PySide when it is deleted.
        worker.ended.connect(self._forget_ended)
        worker.start()
        return worker

    def _forget_ended(self) -> None:
        for worker in self._all:
            if worker.has_ended:
                worker.deleteLater()
        self._all = [worker for worker in self._all if not worker.has_ended]
        was_training = self.is_training
        self._training = [worker for worker in self._training if not worker.has_ended]
        if was_training and not self.is_training and not self._is_shut_down:
            if self._inference is not None:
                self._inference.send(ReclaimDevice())
            self.status_changed.emit()

    def _on_event(self, event: Event) -> None:
        match event:
            case Hello():
                self._device, self._click_model = event.device, event.click_model
                self._model_cards, self._remarks = event.model_cards, event.remarks
                self._click_models, self._encoder = event.click_models, event.encoder
                self.status_changed.emit()
            case ImagePrepared():
                self._note_click_model(event.click_model, event.encoder)
            case ClickModelChanged():
                self._click_models = event.click_models or self._click_models
                self._click_model, self._encoder = event.click_model, event.encoder
                self.status_changed.emit()
            case Segmented():
                self._note_click_model(event.click_model, self._encoder)
            case _:
                pass
        self.event_received.emit(event)

    def _note_click_model(self, name: str, encoder: str) -> None:
        if (name, encoder) != (self._click_model, self._encoder):
            self._click_model, self._encoder = name, encoder
            self.status_changed.emit()

    def _on_inference_ended(self, end: WorkerEnd) -> None:
        self._inference = None
        self._deaths.append(time.monotonic())
        self.status_changed.emit()
        self.inference_lost.emit(end)
        if not end.was_asked:
            self.inference_ended.emit(end.reason, end.hint)

    def _dies_again_and_again(self) -> bool:
        is_full = len(self._deaths) == _MAX_DEATHS
        return is_full and time.monotonic() - self._deaths[0] < _DEATHS_WITHIN_S

    def _refuse_to_start(self) -> None:
        reason = self.tr(
            "The worker ended {count} times within a minute and is not started again by itself."
        ).format(count=_MAX_DEATHS)
        hint = self.tr("Restart it from the menu, or look into the log in {folder}.").format(
            folder=paths.log_folder()
        )
        end = WorkerEnd(False, -1, True, reason, hint, "")
        self.inference_lost.emit(end)
        self.inference_ended.emit(reason, hint)


def _asked_to_end(worker: WorkerProcess) -> WorkerEnd:
    return WorkerEnd(True, 0, False, "", "", worker.log_tail())
