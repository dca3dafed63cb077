"""How the images are divided into training, validation and test: shown before it is done."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.errors import KnownError
from inspector_app.domain.splits import (
    Among,
    SplitPlan,
    SplitRecipe,
    plan_from_folders,
    plan_splits,
)
from inspector_app.services.background import Background, Task
from inspector_app.services.lots import find_lots_in_time
from inspector_app.ui.theme import make_muted
from inspector_app.ui.wording import defect_type_name, split_name

_WIDTH_PX, _HEIGHT_PX = 620, 560
_PAUSE_MS = 150
_NUMBER_WIDTH_PX = 84
_SHARES = ((Split.TRAIN, 70), (Split.VALIDATION, 15), (Split.TEST, 15))
_BY_FOLDER = "folders"
_OWN_PATTERN = "own"


class SplitsDialog(QDialog):
    """Asks for shares and lots; `plan` and `recipe` hold what was agreed to."""

    def __init__(
        self,
        records: Sequence[ImageRecord],
        background: Background,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Divide into splits"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._records = list(records)
        self._background = background
        self._task: Task | None = None
        self.plan: SplitPlan | None = None
        self.recipe: SplitRecipe | None = None
        """None where the splits are those of the folders."""
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._change()

    def _create_widgets(self) -> None:
        self.among = QComboBox()
        for title, value in (
            (self.tr("All images"), Among.ALL),
            (self.tr("Images without a split"), Among.WITHOUT_SPLIT),
            (self.tr("All but the test images"), Among.NOT_TEST),
            (self.tr("None: as the folders train and test say"), _BY_FOLDER),
        ):
            self.among.addItem(title, value)
        self.shares = {split: QSpinBox() for split, _ in _SHARES}
        for split, share in _SHARES:
            box = self.shares[split]
            box.setRange(0, 100)
            box.setSuffix(" %")
            box.setValue(share)
            box.setAccessibleName(split_name(split))
            box.setMinimumWidth(_NUMBER_WIDTH_PX)
        self.lots = QComboBox()
        for title, pattern in (
            (self.tr("Every image by itself"), ""),
            (self.tr("Images of the same folder stay together"), r"^(.*)/"),
            (self.tr("Same name up to the last _ or -"), r"([^/]*)[_-][^/]*$"),
            (self.tr("Same first number in the name"), r"^(?:.*/)?[^/\d]*(\d+)[^/]*$"),
            (self.tr("Own expression"), _OWN_PATTERN),
        ):
            self.lots.addItem(title, pattern)
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText(r"^(lot\d+)_")
        self.pattern.setToolTip(
            self.tr("A regular expression; images in which it finds the same stay together")
        )
        self.seed = QSpinBox()
        self.seed.setRange(0, 99999)
        self.seed.setMinimumWidth(_NUMBER_WIDTH_PX)
        self.seed.setToolTip(self.tr("Another number gives another division of the same shares"))
        self._create_table()

    def _create_table(self) -> None:
        self.table = QTableWidget(0, 5)
        self.table.setHorizontalHeaderLabels(
            ["", *(split_name(split) for split, _ in _SHARES), split_name(Split.NONE)]
        )
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._about = make_muted()
        self._about.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.divide_button = self.buttons.addButton(
            self.tr("Divide"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.divide_button.setProperty("role", "primary")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_PAUSE_MS)

    def _lay_out(self) -> None:
        shares = QHBoxLayout()
        for split, _ in _SHARES:
            shares.addWidget(QLabel(split_name(split)))
            shares.addSpacing(6)
            shares.addWidget(self.shares[split])
            shares.addSpacing(14)
        shares.addStretch(1)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(12)
        form.addRow(self.tr("Divide"), self.among)
        form.addRow(self.tr("Shares"), shares)
        form.addRow(self.tr("Lots"), self.lots)
        form.addRow("", self.pattern)
        seed = QHBoxLayout()
        seed.addWidget(self.seed)
        seed.addStretch(1)
        form.addRow(self.tr("Number"), seed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 12)
        layout.addLayout(form)
        layout.addSpacing(4)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._about)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.among.currentIndexChanged.connect(self._change)
        self.lots.currentIndexChanged.connect(self._change)
        self.seed.valueChanged.connect(self._wait)
        self.pattern.textChanged.connect(self._wait)
        for box in self.shares.values():
            box.valueChanged.connect(self._wait)
        self._typing.timeout.connect(self._change)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _wanted(self) -> SplitRecipe | None:
        if self.among.currentData() == _BY_FOLDER:
            return None
        pattern = self.lots.currentData()
        return SplitRecipe(
            {split: float(box.value()) for split, box in self.shares.items()},
            self.pattern.text() if pattern == _OWN_PATTERN else pattern,
            Among(self.among.currentData()),
            self.seed.value(),
        )

    def _wait(self) -> None:
        """Take back what was shown, and plan anew when the typing rests."""
        self._forget()
        self._typing.start()

    def _forget(self) -> None:
        self.plan = None
        self.divide_button.setEnabled(False)
        if self._task is not None:
            self._task.cancel()

    def _change(self) -> None:
        self._typing.stop()
        self._forget()
        recipe = self._wanted()
        for widget in (*self.shares.values(), self.lots, self.pattern, self.seed):
            widget.setDisabled(recipe is None)
        self.pattern.setVisible(self.lots.currentData() == _OWN_PATTERN)
        self._task = self._background.run(
            partial(_plan, self._records, recipe), partial(self._show, recipe), self._show_error
        )

    def _show(self, recipe: SplitRecipe | None, plan: SplitPlan) -> None:
        self.recipe, self.plan = recipe, plan
        self.divide_button.setEnabled(plan.moved_count > 0)
        self._about.setText(" ".join(self._sentences(plan)))
        self.table.setRowCount(len(plan.counts))
        splits = [*(split for split, _ in _SHARES), Split.NONE]
        has_rest = any(counts.get(Split.NONE) for counts in plan.counts.values())
        self.table.setColumnHidden(len(splits), not has_rest)
        for row, (name, counts) in enumerate(sorted(plan.counts.items())):
            self.table.setItem(row, 0, QTableWidgetItem(defect_type_name(name)))
            for column, split in enumerate(splits, start=1):
                number = QTableWidgetItem(f"{counts.get(split, 0):,}")
                number.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, number)

    def _sentences(self, plan: SplitPlan) -> list[str]:
        moved = self.tr("{count} images change their split.").format(count=f"{plan.moved_count:,}")
        sentences = [moved]
        if plan.group_count:
            text = self.tr("{count} lots of two images or more stay together.")
            sentences.append(text.format(count=f"{plan.group_count:,}"))
        if plan.ungrouped:
            text = self.tr("{count} images belong to no lot, {example} for one.")
            count = f"{len(plan.ungrouped):,}"
            sentences.append(text.format(count=count, example=plan.ungrouped[0]))
        if plan.straddling_count:
            text = self.tr("{count} lots stay in several splits: their images are left alone.")
            sentences.append(text.format(count=f"{plan.straddling_count:,}"))
        return sentences

    def _show_error(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.table.setRowCount(0)
        self._about.setText(str(error))

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.cancel()
        super().done(result)


def _plan(records: list[ImageRecord], recipe: SplitRecipe | None) -> SplitPlan:
    if recipe is None:
        return plan_from_folders(records)
    return plan_splits(records, recipe, find_lots_in_time)
