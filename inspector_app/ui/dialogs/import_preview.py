"""What an import would bring, line by line, before anything is changed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QListWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from inspector_app.services.exchange import ImportPreview
from inspector_app.ui.theme import make_muted, make_title

_WIDTH_PX, _HEIGHT_PX = 620, 460


class ImportPreviewDialog(QDialog):
    """Shows counts by class and every problem; accepted, the import may begin."""

    def __init__(self, preview: ImportPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import labels"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        layout = QVBoxLayout(self)
        layout.addWidget(make_title(self._headline(preview), scale=1.1))
        if preview.known_count:
            text = self.tr("There already, or without an image in this project: {count}")
            layout.addWidget(make_muted(text.format(count=preview.known_count)))
        if preview.regions_by_class:
            layout.addWidget(self._table(preview), 1)
        if preview.problems:
            text = self.tr("What is wrong, and stays out ({count}):")
            layout.addWidget(QLabel(text.format(count=len(preview.problems))))
            layout.addWidget(self._problems(preview), 1)
        layout.addWidget(self._buttons(preview))

    def _headline(self, preview: ImportPreview) -> str:
        if not preview.region_count:
            return self.tr("There is nothing to import.")
        text = self.tr("{regions} regions on {images} images would be added.")
        return text.format(regions=preview.region_count, images=preview.image_count)

    def _table(self, preview: ImportPreview) -> QTableWidget:
        self.table = QTableWidget(len(preview.regions_by_class), 3)
        self.table.setHorizontalHeaderLabels([self.tr("Class"), self.tr("Regions"), ""])
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for row, (name, count) in enumerate(preview.regions_by_class.items()):
            number = QTableWidgetItem(str(count))
            number.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            is_new = name in preview.new_classes
            self.table.setItem(row, 0, QTableWidgetItem(name))
            self.table.setItem(row, 1, number)
            self.table.setItem(row, 2, QTableWidgetItem(self.tr("new class") if is_new else ""))
        return self.table

    def _problems(self, preview: ImportPreview) -> QListWidget:
        self.problems = QListWidget()
        self.problems.setWordWrap(True)
        self.problems.addItems(list(preview.problems))
        return self.problems

    def _buttons(self, preview: ImportPreview) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.import_button = buttons.addButton(
            self.tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.import_button.setProperty("role", "primary")
        self.import_button.setEnabled(bool(preview.region_count))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons
