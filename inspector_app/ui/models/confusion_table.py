"""Which types were taken for which, as a table: rows are what was true, columns what was called."""

from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from inspector_app.domain.recognition import Recognition, count_recognition
from inspector_app.ui.models.rows_table import AnyIndex, Heading, Table
from inspector_app.ui.theme import colours
from inspector_app.ui.wording import count_images, defect_type_name


class ConfusionModel(Table):
    """A cell's shade is its share of the row: how often this type was called that."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recognition = count_recognition([], [], [])

    def set_recognition(self, recognition: Recognition) -> None:
        self.beginResetModel()
        self._recognition = recognition
        self.endResetModel()

    def cell(self, index: AnyIndex) -> tuple[str, str]:
        """Return the true type and the called one."""
        names = self._names
        return names[index.row()], names[index.column()]

    def count(self, index: AnyIndex) -> int:
        return int(self._recognition.confusion[index.row(), index.column()])

    def size(self) -> tuple[int, int]:
        return len(self._names), len(self._names)

    def row_heading(self, row: int) -> Heading:
        name = defect_type_name(self._names[row])
        return f"{row + 1}  {name}", self.tr("{type} in truth").format(type=name)

    def column_heading(self, column: int) -> Heading:
        name = defect_type_name(self._names[column])
        # Numbers, because names over narrow columns would be cut to nothing.
        return str(column + 1), self.tr("called {type}").format(type=name)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        count = self.count(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return str(count) if count else "·"
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignCenter)
            case Qt.ItemDataRole.BackgroundRole if count:
                return self._shade(index)
            case Qt.ItemDataRole.ForegroundRole if not count:
                return QColor(colours().disabled)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                truth, called = map(defect_type_name, self.cell(index))
                text = self.tr("{images} of {truth} called {called}")
                return text.format(images=count_images(count), truth=truth, called=called)
        return None

    @property
    def _names(self) -> tuple[str, ...]:
        return self._recognition.names

    def _shade(self, index: AnyIndex) -> QColor:
        shades = colours()
        colour = QColor(shades.ok if index.row() == index.column() else shades.ng)
        share = self.count(index) / int(self._recognition.confusion[index.row()].sum())
        # Up to 45 %: the number on it has to stay readable in both themes.
        colour.setAlphaF(0.12 + 0.33 * share)
        return colour
