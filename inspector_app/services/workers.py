"""The two kinds of worker: one for inference that lives as long as the project, one per training."""

from PySide6.QtCore import QObject, Signal

from inspector_app.protocol.files import ModelCard
from inspector_app.protocol.messages import Command
from inspector_app.services.worker_process import WorkerProcess


class Workers(QObject):
    """Starts, restarts and ends workers; the one-GPU policy lives here."""

    status_changed = Signal()
    """One of the properties below has changed."""
    event_received = Signal(object)
    """Every event of the inference worker."""
    inference_ended = Signal(str, str)
    """The inference worker died: message and hint. It is started again with the next command."""

    def __init__(self, command: list[str] | None = None, parent: QObject | None = None) -> None:
        """Use `command` to start workers (`paths.worker_command()` by default)."""
        super().__init__(parent)

    @property
    def state(self) -> str:
        """“stopped”, “starting”, “ready”."""
        raise NotImplementedError

    @property
    def device(self) -> str:
        """From the hello; empty before it."""
        raise NotImplementedError

    @property
    def click_model(self) -> str:
        """From the hello or the last answer; empty before it."""
        raise NotImplementedError

    @property
    def model_cards(self) -> tuple[ModelCard, ...]:
        raise NotImplementedError

    @property
    def remarks(self) -> tuple[str, ...]:
        """Weights that were refused."""
        raise NotImplementedError

    def start_inference(self) -> None:
        """Start the inference worker unless it runs."""
        raise NotImplementedError

    def send(self, command: Command) -> None:
        """Send to the inference worker, starting it if need be."""
        raise NotImplementedError

    def restart_inference(self) -> None:
        """End it and start a new one (after weights were imported, after a hang)."""
        raise NotImplementedError

    def start_training_worker(self) -> WorkerProcess:
        """Tell the inference worker to release its models and start a worker for one training."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """End all workers, waiting at most a few seconds; for the program's end."""
        raise NotImplementedError
