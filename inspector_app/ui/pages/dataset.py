"""The dataset page: every image as a card, filters, and how many of each type there are."""

from collections import Counter
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.dataset import GOOD, ImageRecord, Split
from inspector_app.services.session import ProjectSession
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.ui.icons import icon
from inspector_app.ui.models.image_card import CardGrid
from inspector_app.ui.models.image_list import (
    ImageFilter,
    ImageListModel,
    LabelState,
    count_types,
)
from inspector_app.ui.panels.type_chart import TypeChart
from inspector_app.ui.theme import MARGIN_PX, make_muted, make_title
from inspector_app.ui.wording import count_images, defect_type_name, split_name

_TYPING_PAUSE_MS = 120
_SIDE_WIDTH_PX = 250


class DatasetPage(QWidget):
    """Lists the images of the project; which one to annotate is asked by a signal."""

    image_activated = Signal(int)
    """Image id."""
    selection_changed = Signal(object, int, int)
    """ImageRecord or None, its position from 1, and how many are listed."""

    def __init__(
        self, session: ProjectSession, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._model = ImageListModel(thumbnails, session.image_path, self)
        self._are_counts_stale = False
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_project()

    @property
    def listed_count(self) -> int:
        return self._model.rowCount()

    def set_filter(self, wanted: ImageFilter) -> None:
        self.text_filter.setText(wanted.text)
        self.split_filter.setCurrentIndex(self.split_filter.findData(wanted.split))
        self.type_filter.setCurrentIndex(self.type_filter.findData(wanted.defect_type))
        self.state_filter.setCurrentIndex(self.state_filter.findData(wanted.state))
        self._apply_filter()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh_counts()
        current = self._session.current_image
        if current is not None:
            self.grid.setCurrentIndex(self._model.index_of(current.id))
        self.grid.setFocus()
        self._announce_selection()

    def _create_widgets(self) -> None:
        self.text_filter = QLineEdit()
        self.text_filter.setPlaceholderText(self.tr("Find by name"))
        self.text_filter.setClearButtonEnabled(True)
        self.text_filter.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.text_filter.setMaximumWidth(240)
        self.split_filter = QComboBox()
        self.type_filter = QComboBox()
        self.state_filter = QComboBox()
        for combo in (self.split_filter, self.type_filter, self.state_filter):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.clear_button = QPushButton(self.tr("Show all"))
        self.clear_button.setProperty("role", "flat")
        self._listed = QLabel()
        self._listed.setProperty("role", "muted")
        self._fill_state_filter()
        self._create_grid()
        self._counts = make_muted()
        self._chart = TypeChart()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)

    def _create_grid(self) -> None:
        self.grid = CardGrid()
        self.grid.setModel(self._model)
        self._empty = make_muted(self.tr("No image matches these filters."))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.hide()

    def _fill_state_filter(self) -> None:
        labels = {
            LabelState.ANY: self.tr("Any state"),
            LabelState.GOOD: self.tr("Good"),
            LabelState.DEFECTIVE: self.tr("Defective"),
            LabelState.WITH_REGIONS: self.tr("With marked defects"),
            LabelState.WITHOUT_REGIONS: self.tr("Defective, not marked yet"),
            LabelState.UNSURE: self.tr("Unsure"),
            LabelState.UNKNOWN: self.tr("Nothing known"),
        }
        for state, label in labels.items():
            self.state_filter.addItem(label, state)

    def _lay_out(self) -> None:
        centre = QVBoxLayout()
        centre.setContentsMargins(0, 0, 0, 0)
        centre.setSpacing(0)
        centre.addWidget(self._filter_strip())
        centre.addWidget(self._empty, 1)
        centre.addWidget(self.grid, 1000)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(centre, 1)
        layout.addWidget(self._side())

    def _filter_strip(self) -> QFrame:
        strip = QFrame()
        strip.setProperty("role", "strip")
        layout = QHBoxLayout(strip)
        layout.setContentsMargins(MARGIN_PX, 7, MARGIN_PX, 7)
        layout.addWidget(self.text_filter, 1)
        for widget in (self.split_filter, self.type_filter, self.state_filter, self.clear_button):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._listed)
        return strip

    def _side(self) -> QFrame:
        side = QFrame()
        side.setProperty("role", "side")
        side.setFixedWidth(_SIDE_WIDTH_PX)
        inner = QWidget()
        inner.setProperty("role", "page")
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, MARGIN_PX)
        inner_layout.addWidget(self._chart)
        inner_layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, MARGIN_PX, 0, 0)
        head = QVBoxLayout()
        head.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 4)
        head.addWidget(make_title(self.tr("What is in it"), scale=1.1))
        head.addWidget(self._counts)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)
        return side

    def _connect(self) -> None:
        self.text_filter.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._apply_filter)
        for combo in (self.split_filter, self.type_filter, self.state_filter):
            combo.activated.connect(self._apply_filter)
        self.clear_button.clicked.connect(lambda: self.set_filter(ImageFilter()))
        # Double click or Enter, whatever the desktop takes for “open this”.
        self.grid.activated.connect(self._activate)
        self.grid.selectionModel().currentChanged.connect(self._announce_selection)
        self._chart.type_clicked.connect(self._filter_type)
        self._session.images_changed.connect(self._show_project)
        self._session.image_changed.connect(self._show_image)

    def _show_project(self) -> None:
        records = self._session.images()
        self._fill_split_filter(records)
        self._fill_type_filter()
        self._chart.set_counts(count_types(records))
        self._counts.setText(describe_dataset(records))
        self._apply_filter()

    def _fill_split_filter(self, records: Iterable[ImageRecord]) -> None:
        present = {record.split for record in records}
        wanted = self.split_filter.currentData()
        self.split_filter.clear()
        self.split_filter.addItem(self.tr("All splits"), None)
        for split in Split:
            if split in present and split is not Split.NONE:
                self.split_filter.addItem(split_name(split), split)
        self.split_filter.setCurrentIndex(max(0, self.split_filter.findData(wanted)))
        self.split_filter.setVisible(self.split_filter.count() > 1)

    def _fill_type_filter(self) -> None:
        wanted = self.type_filter.currentData()
        self.type_filter.clear()
        self.type_filter.addItem(self.tr("All types"), None)
        for name in self._session.defect_types():
            self.type_filter.addItem(defect_type_name(name), name)
        self.type_filter.setCurrentIndex(max(0, self.type_filter.findData(wanted)))
        self.type_filter.setVisible(self.type_filter.count() > 1)

    def _filter_type(self, name: str) -> None:
        self.type_filter.setCurrentIndex(max(0, self.type_filter.findData(name)))
        self._apply_filter()

    def _current_filter(self) -> ImageFilter:
        # Qt gives enumerations back as the text they are made of.
        split = self.split_filter.currentData()
        return ImageFilter(
            split=None if split is None else Split(split),
            defect_type=self.type_filter.currentData(),
            state=LabelState(self.state_filter.currentData()),
            text=self.text_filter.text().strip(),
        )

    def _apply_filter(self) -> None:
        self._typing.stop()
        wanted = self._current_filter()
        kept = self._selected_id()
        records = self._session.images()
        found = wanted.apply(records)
        self._model.set_records(found)
        if kept is not None:
            self.grid.setCurrentIndex(self._model.index_of(kept))
        is_narrowed = len(found) != len(records)
        self.clear_button.setVisible(wanted != ImageFilter())
        self._listed.setText(
            self.tr("{found} of {all}").format(found=len(found), all=count_images(len(records)))
            if is_narrowed
            else count_images(len(records))
        )
        self._empty.setVisible(not found)
        self.grid.setVisible(bool(found))
        self._announce_selection()

    def _selected_id(self) -> int | None:
        index = self.grid.currentIndex()
        return self._model.record(index).id if index.isValid() else None

    def _show_image(self, image_id: int) -> None:
        self._model.replace_record(self._session.image(image_id))
        self._are_counts_stale = True
        if self.isVisible():
            self._refresh_counts()

    def _refresh_counts(self) -> None:
        if self._are_counts_stale:
            self._are_counts_stale = False
            self._counts.setText(describe_dataset(self._session.images()))

    def _activate(self, index: QModelIndex) -> None:
        if index.isValid():
            self.image_activated.emit(self._model.record(index).id)

    def _announce_selection(self) -> None:
        index = self.grid.currentIndex()
        record = self._model.record(index) if index.isValid() else None
        self.selection_changed.emit(record, index.row() + 1, self._model.rowCount())

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 320)


def describe_dataset(records: list[ImageRecord]) -> str:
    """Return lines: “143 images”, “60 train · 83 test”, “63 defective in 3 types”."""
    counts = Counter(record.split for record in records)
    known = (Split.TRAIN, Split.VALIDATION, Split.TEST)
    splits = [f"{counts[split]} {split_name(split)}" for split in known if counts[split]]
    lines = [count_images(len(records)), " · ".join(splits), *_describe_defects(records)]
    return "\n".join(line for line in lines if line)


def _describe_defects(records: list[ImageRecord]) -> list[str]:
    defective = [record for record in records if record.is_defective]
    if not defective:
        return []
    types = {record.defect_type for record in defective} - {"", GOOD}
    if len(types) > 1:
        text = QCoreApplication.translate("DatasetPage", "{count} defective in {types} types")
        return [text.format(count=len(defective), types=len(types))]
    text = QCoreApplication.translate("DatasetPage", "{count} defective")
    return [text.format(count=len(defective))]
