"""The threshold: where it stands, how it was chosen, and what it does to the parts at hand."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.decision import count_verdicts
from inspector_app.domain.jobs import ResultRecord
from inspector_app.protocol.files import ThresholdCard
from inspector_app.ui.panels.score_format import decimals_for, telling_range
from inspector_app.ui.panels.score_histogram import ScoreHistogram
from inspector_app.ui.panels.score_scale import ScoreScale
from inspector_app.ui.theme import inset_text, make_muted, make_title

_STEPS = 1000
_REST_MS = 400


class ThresholdPanel(QWidget):
    """Shows and moves the threshold of one inspection; counts follow at once."""

    threshold_changed = Signal(float)
    """At every step of the slider: verdicts are decided anew."""
    threshold_settled = Signal(float)
    """When the operator has let go for a moment: worth storing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scores: list[float] = []
        self._truths: list[bool | None] = []
        self._card: ThresholdCard | None = None
        self._threshold = math.nan
        self._calibrated = math.nan
        self._scale = ScoreScale(0.0, 1.0, 1.0)
        self._create_widgets()
        self._lay_out()
        self._connect()
        self.clear()

    @property
    def threshold(self) -> float:
        return self._threshold

    @property
    def explanation(self) -> str:
        """How the threshold was chosen."""
        return self._explanation.text()

    def clear(self) -> None:
        self._scores, self._truths = [], []
        self._threshold = self._calibrated = math.nan
        self.setEnabled(False)
        self._show_counts()
        self.histogram.set_results((), self._scale)
        self.histogram.set_threshold(math.nan)
        self._explanation.setText("")

    def set_inspection(
        self, threshold: float, calibrated: float, card: ThresholdCard | None
    ) -> None:
        """Take over an inspection's threshold; `card` says how it was chosen."""
        self._calibrated = calibrated
        self._card = card
        self._threshold = threshold
        self.setEnabled(True)
        self._show_threshold()

    def set_results(self, results: Sequence[ResultRecord]) -> None:
        self._scores = [result.score for result in results]
        self._truths = [result.is_defective for result in results]
        # Around the model's own threshold, so that the axis stays while the threshold moves.
        known = self._calibrated if math.isfinite(self._calibrated) else self._threshold
        self._scale = ScoreScale.of([*self._scores, self._threshold], known)
        low, high = telling_range(self._scores, self._threshold)
        with QSignalBlocker(self.spin):
            self.spin.setDecimals(decimals_for(high - low))
            self.spin.setRange(self._scale.low, self._scale.high)
            self.spin.setSingleStep((high - low) / 100)
        self.histogram.set_results(results, self._scale)
        self._show_threshold()

    def set_score(self, score: float) -> None:
        self.histogram.set_score(score)

    def _create_widgets(self) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setAccessibleName(self.tr("Threshold"))
        self.spin = QDoubleSpinBox()
        self.spin.setKeyboardTracking(False)
        inset_text(self.spin)
        self.spin.setAccessibleName(self.tr("Threshold"))
        self.reset_button = QPushButton(self.tr("Reset"))
        self.reset_button.setToolTip(self.tr("Back to the threshold the model came with"))
        self.histogram = ScoreHistogram()
        self._explanation = make_muted()
        self._create_counts()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)

    def _create_counts(self) -> None:
        self.ok_count = _Figure(self.tr("OK"), self.tr("Parts whose score is below the threshold"))
        self.ng_count = _Figure(
            self.tr("NG"), self.tr("Parts whose score reaches the threshold, or nobody could judge")
        )
        self.escapes = _Figure(
            self.tr("Escapes"), self.tr("Parts known to be defective that are called OK")
        )
        self.overkills = _Figure(
            self.tr("Overkills"), self.tr("Parts known to be good that are called NG")
        )

    def _lay_out(self) -> None:
        entry = QHBoxLayout()
        entry.addWidget(self.spin, 1)
        entry.addWidget(self.reset_button)
        counts = QGridLayout()
        counts.setSpacing(6)
        figures = (self.ok_count, self.ng_count, self.escapes, self.overkills)
        for place, figure in enumerate(figures):
            counts.addWidget(figure, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(make_title(self.tr("Threshold"), scale=1.1))
        layout.addWidget(self.histogram)
        layout.addWidget(self.slider)
        layout.addLayout(entry)
        layout.addLayout(counts)
        layout.addWidget(self._explanation)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_slider)
        self.spin.valueChanged.connect(self._move)
        self.reset_button.clicked.connect(lambda: self._move(self._calibrated))
        self.histogram.threshold_dragged.connect(self._move)
        self._rest.timeout.connect(lambda: self.threshold_settled.emit(self._threshold))

    def _on_slider(self, step: int) -> None:
        self._move(self._scale.score(step / _STEPS))

    def _move(self, threshold: float) -> None:
        if not math.isfinite(threshold) or threshold == self._threshold:
            return
        self._threshold = threshold
        self._show_threshold()
        self._rest.start()
        self.threshold_changed.emit(threshold)

    def _show_threshold(self) -> None:
        # The widgets round; the threshold itself stays what it is until it is moved.
        with QSignalBlocker(self.slider), QSignalBlocker(self.spin):
            if math.isfinite(self._threshold):
                self.slider.setValue(round(self._scale.share(self._threshold) * _STEPS))
            self.spin.setValue(self._threshold)
        self.histogram.set_threshold(self._threshold)
        is_moved = self._threshold != self._calibrated
        self.reset_button.setEnabled(is_moved)
        self._explanation.setText(self._explain(is_moved=is_moved))
        self._show_counts()

    def _show_counts(self) -> None:
        truths = self._truths
        counts = count_verdicts(self._scores, truths, self._threshold)
        has_counts = bool(truths) and math.isfinite(self._threshold)
        self.ok_count.set_number(counts.ok if has_counts else None)
        self.ng_count.set_number(counts.ng if has_counts else None)
        knows_bad = has_counts and True in truths
        knows_good = has_counts and False in truths
        self.escapes.set_number(counts.escapes if knows_bad else None, truths.count(True))
        self.overkills.set_number(counts.overkills if knows_good else None, truths.count(False))

    def _explain(self, *, is_moved: bool) -> str:
        if self._card is None:
            return self.tr("How this threshold was chosen is not known any more.")
        sentence = self._explain_calibration(self._card)
        if not is_moved:
            return sentence
        value = f"{self._calibrated:.{self.spin.decimals()}f}"
        return self.tr("Moved by hand; the model came with {value}.").format(value=value)

    def _explain_calibration(self, card: ThresholdCard) -> str:
        if card.method == "quantile":
            return self.tr(
                "Chosen so that about {share} of good parts are called NG, from {count} good "
                "images that training did not see."
            ).format(share=_percent(card.overkill_asked), count=card.good_count)
        if card.method == "equal_odds":
            return self.tr(
                "Where good and defective are equally likely to the model: there was no held-out "
                "good image to set it by."
            )
        if card.method == "best_boxes":
            return self.tr(
                "Where boxes on held-out images are right most often and still miss few: there "
                "was no held-out good image to set it by."
            )
        if card.method == "words":
            return self.tr(
                "A usual value: the model looks for words and has seen none of these images."
            )
        if card.method == "all_defective":
            return self.tr("The model knows types of defects only: every part is NG.")
        return self.tr(
            "Set a little above the highest of {count} held-out good images. That is too few to "
            "keep to {asked}: expect up to {bound} of good parts to be called NG."
        ).format(
            count=card.good_count,
            asked=_percent(card.overkill_asked),
            bound=_percent(card.overkill_bound),
        )


class _Figure(QFrame):
    """A number with its name; the number may be unknown."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setToolTip(tooltip)
        self._number = make_title("–", scale=1.3)
        name_label = QLabel(name)
        name_label.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 5, 10, 6)
        layout.setSpacing(0)
        layout.addWidget(self._number)
        layout.addWidget(name_label)

    @property
    def text(self) -> str:
        return self._number.text()

    def set_number(self, number: int | None, of: int | None = None) -> None:
        if number is None:
            self._number.setText("–")
        elif of is None:
            self._number.setText(str(number))
        else:
            self._number.setText(self.tr("{number} of {all}").format(number=number, all=of))


def _percent(share: float) -> str:
    value = 100 * share
    # The space must not break: a line that begins with “%” is hard to read.
    return f"{value:.0f}\N{NO-BREAK SPACE}%" if value >= 1 else f"{value:.1g}\N{NO-BREAK SPACE}%"
