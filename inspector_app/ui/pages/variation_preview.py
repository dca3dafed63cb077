"""Keeps the strip of varied training images in step with the settings of the train page."""

from PySide6.QtCore import QObject, QTimer

from inspector_app.services.variation_samples import VariationSamples
from inspector_app.ui.panels.training_setup import TrainingSetup
from inspector_app.ui.panels.variation_strip import VariationStrip

_PAUSE_MS = 400
"""Settings are changed in runs: a number is typed digit by digit."""


class VariationPreview(QObject):
    """Asks for samples when the operator does, and again whenever a setting was changed."""

    def __init__(
        self,
        setup: TrainingSetup,
        strip: VariationStrip,
        samples: VariationSamples,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._setup = setup
        self._strip = strip
        self._samples = samples
        self._seed = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        setup.samples_requested.connect(self._ask)
        setup.settings_changed.connect(self._on_settings_changed)
        strip.renewal_requested.connect(self._renew)
        strip.closed.connect(self._on_closed)
        samples.shown.connect(strip.set_samples)
        samples.failed.connect(strip.set_failed)

    def _on_settings_changed(self) -> None:
        if not self._strip.isHidden():
            self._pause.start()

    def _renew(self) -> None:
        self._seed += 1
        self._ask()

    def _ask(self) -> None:
        self._pause.stop()
        card = self._setup.card
        if card is None or not card.has_samples:
            self._strip.close_button.click()
            return
        self._strip.set_waiting()
        self._samples.show(card.kind, self._setup.settings, task=card.task, seed=self._seed)

    def _on_closed(self) -> None:
        self._pause.stop()
        self._samples.cancel()
