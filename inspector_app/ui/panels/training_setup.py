"""Which model to train, with which settings, on how many images."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector_app.protocol.files import ModelCard
from inspector_app.ui.icons import icon, primary_icon
from inspector_app.ui.panels.config_form import ConfigForm
from inspector_app.ui.panels.training_checks import TrainingChecks
from inspector_app.ui.theme import make_muted, make_title
from inspector_app.ui.training_data import ANOMALY, TrainingData

_WEIGHTS_SETTING = "weights_file"
"""What every model calls the file it starts from, if it can start from one."""
_RATE = "learning_rate"


class TrainingSetup(QWidget):
    """Shows the form of the chosen model; asks to start."""

    start_requested = Signal(str, dict)
    """Model kind, settings that differ from the defaults."""
    weights_requested = Signal()
    """The operator wants to see which weights there are, or get some."""
    look_requested = Signal(str, dict, str, str)
    """The same, the model's task, and what for."""
    samples_requested = Signal()
    """Of the training images, as the settings vary them."""
    settings_changed = Signal()
    """Another model or another value, also one that is still being typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[ModelCard, ...] = ()
        self._training_data: dict[str, TrainingData] = {}
        self._refusal = ""
        self._own_weights: tuple[str, ...] = ()
        self._is_free = True
        self.form: ConfigForm | None = None
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_card()
        self.set_cards((), is_starting=True)

    def set_rate(self, rate: float) -> None:
        """Enter a learning rate that was found."""
        if self.form is not None and self._has_rate:
            self.form.field(_RATE).set_value(rate)

    def set_free(self, *, is_free: bool) -> None:
        """Allow looks at a training only while none is at work."""
        self._is_free = is_free
        self._enable_start()

    @property
    def _has_rate(self) -> bool:
        return self.card is not None and _RATE in self.card.config_schema.get("properties", {})

    @property
    def kind(self) -> str:
        """Of the model that is chosen; empty if there is none."""
        return self.card.kind if self.card is not None else ""

    @property
    def settings(self) -> dict[str, Any]:
        """Those that differ from the defaults."""
        return self.form.values() if self.form is not None else {}

    @property
    def data_text(self) -> str:
        return self._data.text()

    def set_cards(self, cards: Sequence[ModelCard], *, is_starting: bool) -> None:
        """Offer these models; without any, say whether they are on their way."""
        self._waiting.setVisible(not cards and is_starting)
        self._waiting_bar.setVisible(not cards and is_starting)
        self._missing.setVisible(not cards and not is_starting)
        if tuple(cards) != self._cards:
            self._cards = tuple(cards)
            self.model.clear()
            for card in cards:
                self.model.addItem(card.title, card.kind)
            self._show_card()
        self.model.setVisible(bool(cards))
        self._enable_start()

    def set_own_weights(self, files: Sequence[str]) -> None:
        """Offer these files wherever a model takes one; what was set stays set."""
        if tuple(files) == self._own_weights:
            return
        self._own_weights = tuple(files)
        values = self.form.values() if self.form is not None else {}
        self._show_form()
        if self.form is not None:
            self.form.set_values(values)

    def set_data(self, data: Mapping[str, TrainingData]) -> None:
        """Say by task what there is to learn from, and, if so, why that is not enough."""
        self._training_data = dict(data)
        self._show_data()

    def _show_data(self) -> None:
        task = self.card.task if self.card is not None else ANOMALY
        data = self._training_data.get(task, TrainingData(""))
        self._data.setText(data.sentence)
        self._refusal = data.refusal
        self._refusal_label.setText(data.refusal)
        self._refusal_label.setVisible(bool(data.refusal))
        self._enable_start()

    def _create_widgets(self) -> None:
        self.model = QComboBox()
        self.weights_button = QPushButton(icon("weights"), self.tr(" Weights…"))
        self.weights_button.setProperty("role", "flat")
        self.weights_button.setToolTip(
            self.tr("Published and own weights that networks start from")
        )
        self._waiting = make_muted(self.tr("The models are starting; this takes some seconds…"))
        self._waiting_bar = QProgressBar()
        self._waiting_bar.setRange(0, 0)
        self._missing = make_muted(self.tr("The models are not running. Press Start again later."))
        self._baseline = QLabel(self.tr("Baseline: what better models are compared with"))
        self._baseline.setWordWrap(True)
        self._summary = make_muted()
        self._needs = make_muted()
        self._data = QLabel()
        self._data.setWordWrap(True)
        self._refusal_label = QLabel()
        self._refusal_label.setProperty("role", "error")
        self._refusal_label.setWordWrap(True)
        self.start_button = QPushButton(primary_icon("play"), self.tr(" Start training"))
        self.start_button.setProperty("role", "primary")
        self.start_button.setMinimumHeight(34)
        self.checks = TrainingChecks()
        self.samples_button = QPushButton(icon("image"), self.tr(" Show samples"))
        self.samples_button.setToolTip(
            self.tr("Training images as these settings vary them, renewed with every change.")
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(7)
        head = QHBoxLayout()
        head.addWidget(make_title(self.tr("New training"), scale=1.1))
        head.addStretch(1)
        head.addWidget(self.weights_button)
        layout.addLayout(head)
        for widget in (
            self.model,
            self._waiting,
            self._waiting_bar,
            self._missing,
            self._baseline,
            self._summary,
        ):
            layout.addWidget(widget)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._needs)
        layout.addWidget(self._data)
        layout.addWidget(self._refusal_label)
        layout.addWidget(self.samples_button)
        layout.addWidget(self.checks)
        layout.addWidget(self.start_button)

    def _connect(self) -> None:
        self.model.currentIndexChanged.connect(self._show_card)
        self.start_button.clicked.connect(self._request_start)
        self.weights_button.clicked.connect(self.weights_requested)
        # Not the first to have the focus: it is seldom what one came for.
        self.setTabOrder(self.start_button, self.weights_button)
        self.checks.look_requested.connect(self._request_look)
        self.samples_button.clicked.connect(self.samples_requested)

    @property
    def card(self) -> ModelCard | None:
        """The model that is chosen."""
        place = self.model.currentIndex()
        return self._cards[place] if 0 <= place < len(self._cards) else None

    def _show_card(self) -> None:
        card = self.card
        self.checks.clear()
        self._show_data()
        self._baseline.setVisible(card is not None and card.is_baseline)
        self._summary.setText(card.summary if card else "")
        self._needs.setText(self.tr("Learns from: {what}").format(what=card.needs) if card else "")
        self.samples_button.setVisible(card is not None and card.has_samples)
        self._show_form()
        self.settings_changed.emit()

    def _show_form(self) -> None:
        card = self.card
        page = QWidget()
        page.setProperty("role", "page")
        if card is None:
            self.form = None
            self._scroll.setWidget(page)
            return
        page_layout = QVBoxLayout(page)
        page_layout.setContentsMargins(0, 4, 8, 4)
        self.form = ConfigForm(_with_examples(card.config_schema, self._own_weights))
        self.form.changed.connect(self.settings_changed)
        page_layout.addWidget(self.form)
        page_layout.addStretch(1)
        self._scroll.setWidget(page)

    def _request_start(self) -> None:
        if self.card is not None and self.form is not None:
            self.start_requested.emit(self.kind, self.settings)

    def _request_look(self, purpose: str) -> None:
        if self.card is not None and self.form is not None:
            values = self.form.values()
            self.look_requested.emit(self.card.kind, values, self.card.task, purpose)

    def _enable_start(self) -> None:
        can_start = bool(self._cards) and not self._refusal
        self.start_button.setEnabled(can_start)
        self.samples_button.setEnabled(can_start)
        self.checks.set_available(is_available=can_start and self._is_free, has_rate=self._has_rate)


def _with_examples(schema: Mapping[str, Any], files: Sequence[str]) -> Mapping[str, Any]:
    """Return a schema whose setting of a weights file names these as examples."""
    properties = schema.get("properties", {})
    if _WEIGHTS_SETTING not in properties:
        return schema
    setting = {**properties[_WEIGHTS_SETTING], "examples": list(files)}
    return {**schema, "properties": {**properties, _WEIGHTS_SETTING: setting}}
