"""Joins the click tool's options with what the program remembers and the worker does."""

from PySide6.QtCore import QObject, Signal

from inspector_app.ui.canvas.tools.click_options import ClickOptions
from inspector_app.ui.context import ProgramServices


class ClickSettings(QObject):
    """Which click model answers, and how much prepared images may take of the disk."""

    model_changed = Signal()
    """Images have to be prepared for another model."""

    def __init__(
        self, options: ClickOptions, program: ProgramServices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._options = options
        self._program = program
        options.model.set_value(program.settings.click_model)
        options.cache_gb.set_value(program.settings.embeddings_gb)
        options.model.changed.connect(self._choose_model)
        options.cache_gb.changed.connect(self._set_cache)
        self._encoder = program.workers.encoder
        program.workers.status_changed.connect(self._on_status)
        self._show_models()

    def _choose_model(self, name: str) -> None:
        self._program.settings.click_model = name
        self._program.workers.choose_click_model(name)

    def _set_cache(self, gb: int) -> None:
        self._program.settings.embeddings_gb = gb
        self._program.encoding_ahead.set_max_bytes(gb * 2**30)

    def _on_status(self) -> None:
        self._show_models()
        workers = self._program.workers
        # While a training runs nothing is loaded beside it before somebody clicks.
        if workers.encoder != self._encoder and not workers.is_training:
            self._encoder = workers.encoder
            self.model_changed.emit()

    def _show_models(self) -> None:
        best = ("", self.tr("Best at hand"))
        names = self._program.workers.click_models
        self._options.model.set_choices([best, *((name, name) for name in names)])
