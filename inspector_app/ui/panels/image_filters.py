"""The strip that narrows a list of images."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.dataset import Split
from inspector_app.domain.image_filter import ImageFilter, LabelState, WorkState
from inspector_app.ui.icons import icon
from inspector_app.ui.panels.regions import swatch
from inspector_app.ui.theme import MARGIN_PX
from inspector_app.ui.wording import count_images, defect_type_name, split_name

_TYPING_PAUSE_MS = 120
_WIDEST_PX = 132
"""So that five choices and a search fit beside the counts on a screen of 1366 px."""


class ImageFilters(QFrame):
    """Search text and a choice for each thing images differ in."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._create_widgets()
        self._lay_out()
        self._connect()

    @property
    def wanted(self) -> ImageFilter:
        # Qt gives enumerations back as the text they are made of.
        split = self.split.currentData()
        return ImageFilter(
            split=None if split is None else Split(split),
            defect_type=self.defect_type.currentData(),
            class_id=self.defect_class.currentData(),
            state=LabelState(self.state.currentData()),
            work=WorkState(self.work.currentData()),
            text=self.text.text().strip(),
        )

    def set_wanted(self, wanted: ImageFilter) -> None:
        self.text.setText(wanted.text)
        for combo, value in (
            (self.split, wanted.split),
            (self.defect_type, wanted.defect_type),
            (self.defect_class, wanted.class_id),
            (self.state, wanted.state),
            (self.work, wanted.work),
        ):
            combo.setCurrentIndex(max(0, combo.findData(value)))
        self._announce()

    def set_splits(self, splits: Iterable[Split]) -> None:
        present = set(splits)
        choices = [(split_name(split), split) for split in Split if split in present]
        self._fill(self.split, self.tr("All splits"), choices if len(choices) > 1 else [])

    def set_types(self, names: Sequence[str]) -> None:
        choices = [(defect_type_name(name), name) for name in names]
        self._fill(self.defect_type, self.tr("All types"), choices)

    def set_classes(self, classes: Sequence[DefectClass]) -> None:
        self._fill(self.defect_class, self.tr("Any class"), [(c.name, c.id) for c in classes])
        for row, defect_class in enumerate(classes, start=1):
            self.defect_class.setItemIcon(row, swatch(defect_class.colour))

    def set_judged(self, *, is_judged: bool, has_names: bool) -> None:
        """Offer what an inspection is needed for, or one by a model that names defects."""
        model = self.work.model()
        assert isinstance(model, QStandardItemModel)
        for work in (WorkState.MISSED, WorkState.FALSE_ALARM):
            model.item(self.work.findData(work)).setEnabled(is_judged)
        model.item(self.work.findData(WorkState.DISAGREES)).setEnabled(has_names)

    def show_count(self, found: int, total: int) -> None:
        """Say how many of the images are listed."""
        text = count_images(total)
        if found != total:
            text = self.tr("{found} of {all}").format(found=f"{found:,}", all=text)
        self._listed.setText(text)
        self.clear_button.setVisible(self.wanted != ImageFilter())

    def _create_widgets(self) -> None:
        self.text = QLineEdit()
        self.text.setPlaceholderText(self.tr("Find by name"))
        self.text.setClearButtonEnabled(True)
        self.text.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.text.setMinimumWidth(150)
        self.text.setMaximumWidth(240)
        self.split, self.defect_type, self.defect_class = QComboBox(), QComboBox(), QComboBox()
        self.state, self.work = QComboBox(), QComboBox()
        for combo in self._combos():
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setMaximumWidth(_WIDEST_PX)
        self._fill_state()
        self._fill_work()
        self.clear_button = QPushButton(self.tr("Show all"))
        self.clear_button.setProperty("role", "flat")
        self._listed = QLabel()
        self._listed.setProperty("role", "muted")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)

    def _combos(self) -> tuple[QComboBox, ...]:
        return (self.split, self.defect_type, self.defect_class, self.state, self.work)

    def _fill_state(self) -> None:
        labels = {
            LabelState.ANY: self.tr("Any label"),
            LabelState.GOOD: self.tr("Good"),
            LabelState.DEFECTIVE: self.tr("Defective"),
            LabelState.UNKNOWN: self.tr("Nothing known"),
            LabelState.WITH_REGIONS: self.tr("With marked defects"),
            LabelState.WITHOUT_REGIONS: self.tr("Defective, not marked yet"),
            LabelState.OK: self.tr("Verdict OK"),
            LabelState.NG: self.tr("Verdict NG"),
            LabelState.UNSURE: self.tr("Verdict unsure"),
            LabelState.NO_VERDICT: self.tr("No verdict yet"),
        }
        for state, label in labels.items():
            self.state.addItem(label, state)
        for place in (4, 7):
            self.state.insertSeparator(place)

    def _fill_work(self) -> None:
        labels = {
            WorkState.ANY: self.tr("All work"),
            WorkState.TODO: self.tr("To do"),
            WorkState.DONE: self.tr("Done"),
            WorkState.REJECTED: self.tr("Rejected"),
            WorkState.MISSED: self.tr("Missed by the model"),
            WorkState.FALSE_ALARM: self.tr("False alarm of the model"),
            WorkState.DISAGREES: self.tr("Disagreements"),
        }
        for work, label in labels.items():
            self.work.addItem(label, work)
        self.work.insertSeparator(4)
        self.work.setToolTip(
            self.tr(
                "What is still to be done; the last three set labels against what a model says. "
                "Disagreements come strongest first."
            )
        )
        self.set_judged(is_judged=False, has_names=False)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, 7, MARGIN_PX, 7)
        layout.addWidget(self.text, 1)
        for widget in (*self._combos(), self.clear_button):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._listed)

    def _connect(self) -> None:
        self.text.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._announce)
        for combo in self._combos():
            combo.activated.connect(self._announce)
        self.clear_button.clicked.connect(lambda: self.set_wanted(ImageFilter()))

    def _announce(self) -> None:
        self._typing.stop()
        self.changed.emit()

    def _fill(self, combo: QComboBox, every: str, choices: Sequence[tuple[str, object]]) -> None:
        """Offer other choices; what was chosen stays, if it still can be."""
        wanted = combo.currentData()
        combo.clear()
        combo.addItem(every, None)
        for label, value in choices:
            combo.addItem(label, value)
        combo.setCurrentIndex(max(0, combo.findData(wanted)))
        combo.setVisible(combo.count() > 1)
