"""The dataset page: every image as a card, filters, and how many of each type there are."""

import dataclasses
from functools import partial

from PySide6.QtCore import QCoreApplication, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.image_counts import ImageCounts, count_images
from inspector_app.domain.image_filter import ImageFilter, WorkState
from inspector_app.services.background import Background
from inspector_app.services.judgements import Judgements
from inspector_app.services.session import ProjectSession
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.ui.icons import icon
from inspector_app.ui.models.image_card import CardGrid
from inspector_app.ui.models.image_list import ImageListModel
from inspector_app.ui.panels.image_filters import ImageFilters
from inspector_app.ui.panels.type_chart import TypeChart
from inspector_app.ui.theme import MARGIN_PX, make_muted, make_title
from inspector_app.ui.wording import count_images as images_in_words
from inspector_app.ui.wording import disagreement_reasons, split_name

_SIDE_WIDTH_PX = 250


class DatasetPage(QWidget):
    """Lists the images of the project; which one to annotate is asked by a signal."""

    image_activated = Signal(int)
    """Image id."""
    selection_changed = Signal(object, int, int)
    """ImageRecord or None, its position from 1, and how many are listed."""

    division_requested = Signal()

    def __init__(
        self,
        session: ProjectSession,
        thumbnails: Thumbnails,
        judgements: Judgements,
        background: Background,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._judgements = judgements
        self._background = background
        self._model = ImageListModel(thumbnails, session.image_path, self)
        self._are_counts_stale = False
        self._lower_paths: list[str] = []
        self._model.remark_of = self._remark
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_project()

    @property
    def listed_count(self) -> int:
        return self._model.rowCount()

    def set_filter(self, wanted: ImageFilter) -> None:
        self.filters.set_wanted(wanted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh_counts()
        self._judgements.read()
        current = self._session.current_image
        if current is not None:
            self.grid.setCurrentIndex(self._model.index_of(current.id))
        self.grid.setFocus()
        self._announce_selection()

    def _create_widgets(self) -> None:
        self.filters = ImageFilters()
        self._create_grid()
        self._counts = make_muted()
        self._chart = TypeChart()
        self.divide_button = QPushButton(icon("dataset"), self.tr(" Divide into splits…"))
        self.divide_button.setToolTip(
            self.tr("Share the images out to training, validation and test")
        )
        self.divide_button.setDisabled(self._session.is_read_only)

    def _create_grid(self) -> None:
        self.grid = CardGrid()
        self.grid.setModel(self._model)
        self._empty = make_muted(self.tr("No image matches these filters."))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.hide()

    def _lay_out(self) -> None:
        centre = QVBoxLayout()
        centre.setContentsMargins(0, 0, 0, 0)
        centre.setSpacing(0)
        centre.addWidget(self.filters)
        centre.addWidget(self._empty, 1)
        centre.addWidget(self.grid, 1000)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(centre, 1)
        layout.addWidget(self._side())

    def _side(self) -> QFrame:
        side = QFrame()
        side.setProperty("role", "side")
        side.setFixedWidth(_SIDE_WIDTH_PX)
        inner = QWidget()
        inner.setProperty("role", "page")
        inner_layout = QVBoxLayout(inner)
        inner_layout.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, MARGIN_PX)
        inner_layout.addWidget(self._chart)
        inner_layout.addSpacing(8)
        inner_layout.addWidget(self.divide_button)
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
        self.filters.changed.connect(self._apply_filter)
        self.divide_button.clicked.connect(self.division_requested)
        self._judgements.changed.connect(self._show_judgements)
        self._session.classes_changed.connect(self._show_classes)
        # Double click or Enter, whatever the desktop takes for “open this”.
        self.grid.activated.connect(self._activate)
        self.grid.selectionModel().currentChanged.connect(self._announce_selection)
        self._chart.type_clicked.connect(self._filter_type)
        self._session.images_changed.connect(self._show_project)
        self._session.image_changed.connect(self._show_image)

    def _show_project(self) -> None:
        counts = self._session.counts
        self._lower_paths = []
        self.filters.set_splits(counts.by_split)
        self.filters.set_types(self._session.defect_types())
        self._show_counts(counts)
        self._show_classes()

    def _show_classes(self) -> None:
        self.filters.set_classes(self._session.classes())
        self._apply_filter()

    def _show_judgements(self) -> None:
        judgements = self._judgements
        self.filters.set_judged(is_judged=bool(judgements.by_path), has_names=judgements.has_names)
        self._apply_filter()

    def _remark(self, record: ImageRecord) -> str:
        return "\n".join(disagreement_reasons(self._judgements.disagreements(record)))

    def _filter_type(self, name: str) -> None:
        self.set_filter(dataclasses.replace(self.filters.wanted, defect_type=name))

    def _apply_filter(self) -> None:
        kept = self._selected_id()
        records = self._session.images()
        wanted = self.filters.wanted
        if wanted.text and len(self._lower_paths) != len(records):
            self._lower_paths = [record.relative_path.lower() for record in records]
        judgements = self._judgements
        strengths = judgements.strengths if wanted.work is WorkState.DISAGREES else {}
        found = wanted.apply(records, judgements.by_path, strengths, self._lower_paths)
        self._model.set_records(found)
        if kept is not None:
            self.grid.setCurrentIndex(self._model.index_of(kept))
        self.filters.show_count(len(found), len(records))
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
            self._background.run(partial(count_images, self._session.images()), self._show_counts)

    def _show_counts(self, counts: ImageCounts) -> None:
        self._chart.set_counts(counts.types)
        self._counts.setText(describe_counts(counts))

    def _activate(self, index: QModelIndex) -> None:
        if index.isValid():
            self.image_activated.emit(self._model.record(index).id)

    def _announce_selection(self) -> None:
        index = self.grid.currentIndex()
        record = self._model.record(index) if index.isValid() else None
        self.selection_changed.emit(record, index.row() + 1, self._model.rowCount())

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 320)


def describe_counts(counts: ImageCounts) -> str:
    """Return lines: “143 images”, “60 train · 83 test”, “63 defective in 3 types”."""
    known = (Split.TRAIN, Split.VALIDATION, Split.TEST)
    found = counts.by_split
    splits = [f"{found[split]} {split_name(split)}" for split in known if split in found]
    lines = [images_in_words(counts.total), " · ".join(splits), *_describe_defects(counts)]
    return "\n".join(line for line in lines if line)


def _describe_defects(counts: ImageCounts) -> list[str]:
    if not counts.defective:
        return []
    if counts.defective_types > 1:
        text = QCoreApplication.translate("DatasetPage", "{count} defective in {types} types")
        return [text.format(count=counts.defective, types=counts.defective_types)]
    text = QCoreApplication.translate("DatasetPage", "{count} defective")
    return [text.format(count=counts.defective)]
