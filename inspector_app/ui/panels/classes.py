"""The classes: which one new regions get, and adding another."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.annotation import DefectClass, number_keys
from inspector_app.ui.icons import icon
from inspector_app.ui.panels.regions import swatch
from inspector_app.ui.theme import SPACING_PX

_ID_ROLE = int(Qt.ItemDataRole.UserRole)


class ClassesPanel(QWidget):
    """A list whose marked line is the class in use, and a line to type a new one into."""

    class_chosen = Signal(int)
    """Class id."""
    class_add_requested = Signal(str)
    menu_requested = Signal(int, QPoint)
    """Class id, and the place on the screen."""
    book_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Classes"))
        self._list.setMinimumHeight(60)
        self._name = QLineEdit()
        self._name.setPlaceholderText(self.tr("Add a class…"))
        self._name.addAction(icon("add"), QLineEdit.ActionPosition.LeadingPosition)
        self._name.setMaxLength(80)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX // 2)
        layout.addWidget(self._list, 1)
        row = QHBoxLayout()
        row.setSpacing(SPACING_PX // 2)
        row.addWidget(self._name, 1)
        self.book_button = QToolButton()
        self.book_button.setIcon(icon("table"))
        self.book_button.setToolTip(self.tr("Defect book: what belongs to each class"))
        self.book_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(self.book_button)
        layout.addLayout(row)
        self.book_button.clicked.connect(self.book_requested)
        self._list.itemClicked.connect(self._on_item_clicked)
        self._list.itemActivated.connect(self._on_item_clicked)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._on_menu)
        self._list.setToolTip(self.tr("Right-click a class to rename, colour or merge it."))
        self._name.returnPressed.connect(self._on_return)

    def set_classes(self, classes: list[DefectClass], current: DefectClass | None) -> None:
        self._list.clear()
        keys = {one.id: key for key, one in number_keys(classes).items()}
        for defect_class in classes:
            key = f"{keys[defect_class.id]}   " if defect_class.id in keys else "     "
            item = QListWidgetItem(swatch(defect_class.colour), key + defect_class.name)
            item.setToolTip(defect_class.description)
            item.setData(_ID_ROLE, defect_class.id)
            self._list.addItem(item)
            if current is not None and defect_class.id == current.id:
                self._list.setCurrentItem(item)

    def set_read_only(self, is_read_only: bool) -> None:
        self._name.setDisabled(is_read_only)

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        self.class_chosen.emit(item.data(_ID_ROLE))

    def _on_menu(self, position: QPoint) -> None:
        if (item := self._list.itemAt(position)) is not None:
            place = self._list.viewport().mapToGlobal(position)
            self.menu_requested.emit(item.data(_ID_ROLE), place)

    def _on_return(self) -> None:
        if name := self._name.text().strip():
            self._name.clear()
            # The keys go back to the canvas: the next one may mean an image or a tool.
            self._name.clearFocus()
            self.class_add_requested.emit(name)
