"""Which question is asked, how often each variant is trained, and how much that is."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QListWidget,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.study import StudyPlan
from inspector_app.domain.study_templates import TEMPLATES
from inspector_app.ui.theme import make_muted

_MOST_REPEATS = 20
_WIDTH_PX, _HEIGHT_PX = 560, 480


class NewStudyDialog(QDialog):
    """`plan` is what was asked for."""

    def __init__(self, shared: Mapping[str, Any], parent: QWidget | None = None) -> None:
        """Have all trainings share these settings of the classifier."""
        super().__init__(parent)
        self._shared = dict(shared)
        self.setWindowTitle(self.tr("New study"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_template()

    @property
    def plan(self) -> StudyPlan:
        template = TEMPLATES[self.question.currentData()]
        return template.plan(self.repeats.value(), self._shared)

    def _create_widgets(self) -> None:
        self.question = QComboBox()
        for key, template in TEMPLATES.items():
            self.question.addItem(template.question, key)
        self.repeats = QSpinBox()
        self.repeats.setRange(1, _MOST_REPEATS)
        self.repeats.setSuffix(self.tr(" times"))
        self.repeats.setToolTip(
            self.tr(
                "Folds of a cross-validation: together they test every image once. "
                "More of them make the answer surer."
            )
        )
        self.variants = QListWidget()
        self.variants.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._amount = QLabel()
        self._settings = make_muted(self._settings_text())
        self._settings.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = self.buttons.addButton(
            self.tr("Start study"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.start_button.setProperty("role", "primary")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("Question"), self.question)
        form.addRow(self.tr("Trained each"), self.repeats)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.setSpacing(8)
        layout.addLayout(form)
        layout.addWidget(QLabel(self.tr("Compared are:")))
        layout.addWidget(self.variants, 1)
        layout.addWidget(self._amount)
        layout.addWidget(self._settings)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.question.currentIndexChanged.connect(self._show_template)
        self.repeats.valueChanged.connect(self._show_amount)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _show_template(self) -> None:
        template = TEMPLATES[self.question.currentData()]
        self.variants.clear()
        self.variants.addItems(list(template.variants))
        self.repeats.setValue(template.usual_repeats)
        self._show_amount()

    def _show_amount(self) -> None:
        count = len(self.plan.trials)
        self._amount.setText(self.tr("{count} trainings, one after the other.").format(count=count))

    def _settings_text(self) -> str:
        if not self._shared:
            return self.tr("All else is as the classifier's usual settings have it.")
        settings = ", ".join(f"{name} {value}" for name, value in self._shared.items())
        return self.tr("All of them with the settings of the Train page: {settings}.").format(
            settings=settings
        )
