"""What a trained classifier took its held-out images for."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.recognition import Recognition
from inspector_app.services.predictions import Predictions
from inspector_app.ui.models.confusion_table import ConfusionModel
from inspector_app.ui.models.types_table import TypeColumn, TypesModel
from inspector_app.ui.share_text import share_text, share_with_interval
from inspector_app.ui.theme import make_muted
from inspector_app.ui.wording import count_images, defect_type_name

_ROW_PX = 26
_CELL_PX = 36
_SIDE_PX = 12
_IMAGES_WIDTH_PX = 190


class RunResults(QWidget):
    """Shows figures, types and the confusion matrix; a cell lists the images behind it."""

    image_activated = Signal(str)
    """Absolute path of an image that is to be seen in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._predictions: Predictions | None = None
        self._create_widgets()
        self._lay_out()
        self.matrix.selectionModel().currentChanged.connect(self._on_cell_changed)
        self.images.itemActivated.connect(self._activate)

    @property
    def headline(self) -> str:
        return self._headline.text()

    @property
    def warning(self) -> str:
        """Which types were never learned, empty if none."""
        return self._warning.text()

    def set_predictions(self, predictions: Predictions) -> None:
        self._predictions = predictions
        recognition = predictions.recognition
        self._headline.setText(_headline(recognition))
        self._warning.setText(_never_learned(recognition))
        self._warning.setVisible(bool(recognition.never_learned))
        self.types_model.set_recognition(recognition)
        self.confusion_model.set_recognition(recognition)
        self.images.clear()
        self._images_title.setText(self.tr("Choose a cell: its images"))

    def _create_widgets(self) -> None:
        self._headline = QLabel()
        self._warning = QLabel()
        self._warning.setWordWrap(True)
        self._warning.setTextFormat(Qt.TextFormat.PlainText)
        self._warning.setProperty("role", "error")
        self.types_model = TypesModel(self)
        self.types = _make_table(self.tr("Types"))
        self.types.setModel(self.types_model)
        self.types.verticalHeader().hide()
        self.types.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        header = self.types.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(TypeColumn.NAME, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.confusion_model = ConfusionModel(self)
        self.matrix = _make_table(self.tr("Confusion matrix"))
        self.matrix.setModel(self.confusion_model)
        self.matrix.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.matrix.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.matrix.horizontalHeader().setMinimumSectionSize(_CELL_PX)
        self.matrix.horizontalHeader().setDefaultSectionSize(_CELL_PX)
        self.matrix.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.images = QListWidget()
        self.images.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self.images.setToolTip(self.tr("Double-click an image to see it in Annotate"))
        self._images_title = make_muted()
        self._images_title.setWordWrap(False)

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(_SIDE_PX)
        columns.addLayout(_column(make_muted(self.tr("How each type was found")), self.types), 1)
        matrix_title = make_muted(self.tr("Rows: what it is · columns: what it was called"))
        columns.addLayout(_column(matrix_title, self.matrix), 1)
        images = _column(self._images_title, self.images)
        self.images.setFixedWidth(_IMAGES_WIDTH_PX)
        self._images_title.setFixedWidth(_IMAGES_WIDTH_PX)
        columns.addLayout(images)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._headline)
        layout.addWidget(self._warning)
        layout.addLayout(columns, 1)

    def _on_cell_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.images.clear()
        if not current.isValid() or self._predictions is None:
            return
        truth, called = self.confusion_model.cell(current)
        for line in self._predictions.cell(truth, called):
            share = share_text(line.shares[called])
            item = QListWidgetItem(f"{Path(line.image_path).name} · {share}", self.images)
            item.setData(Qt.ItemDataRole.UserRole, line.image_path)
            item.setToolTip(line.image_path)
        text = self.tr("{truth} called {called}: {images}")
        title = text.format(
            truth=defect_type_name(truth),
            called=defect_type_name(called),
            images=count_images(self.images.count()),
        )
        metrics = self._images_title.fontMetrics()
        mode = Qt.TextElideMode.ElideMiddle
        self._images_title.setText(metrics.elidedText(title, mode, _IMAGES_WIDTH_PX))
        self._images_title.setToolTip(title)

    def _activate(self, item: QListWidgetItem) -> None:
        self.image_activated.emit(item.data(Qt.ItemDataRole.UserRole))


def _make_table(name: str) -> QTableView:
    table = QTableView()
    table.setAccessibleName(name)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setHighlightSections(False)
    table.verticalHeader().setHighlightSections(False)
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    return table


def _column(title: QWidget, content: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.addWidget(title)
    column.addWidget(content, 1)
    return column


def _headline(recognition: Recognition) -> str:
    accuracy = share_with_interval(recognition.accuracy, recognition.accuracy_interval)
    text = _tr("Accuracy {accuracy} · macro F1 {f1} · {images} held out")
    f1 = "–" if recognition.macro_f1 is None else f"{recognition.macro_f1:.2f}"
    return text.format(accuracy=accuracy, f1=f1, images=count_images(recognition.count))


def _never_learned(recognition: Recognition) -> str:
    if not recognition.never_learned:
        return ""
    names = ", ".join(map(defect_type_name, recognition.never_learned))
    return _tr("Never learned: {names}. None of their images was recognised.").format(names=names)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunResults", text)
