"""The list of an image's regions: class, size and where each came from."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.ui.icons import icon
from inspector_app.ui.wording import when_iso

_ROW_PX = 26
_SWATCH_PX = 12
_AUTHOR_ICONS = {
    Author.HAND: "annotate",
    Author.CLICK_MODEL: "click-segment",
    Author.IMPORTED: "import",
    Author.ANOMALY_MODEL: "heatmap",
    Author.MODEL: "proposals",
}
AnyIndex = QModelIndex | QPersistentModelIndex


class RegionColumn(IntEnum):
    """The table's columns."""

    CLASS = 0
    SIZE = 1
    AUTHOR = 2


class RegionsModel(QAbstractTableModel):
    """Regions, the topmost first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._regions: list[Region] = []
        self._classes: dict[int, DefectClass] = {}

    def set_document(self, document: Document | None, classes: list[DefectClass]) -> None:
        self.beginResetModel()
        self._regions = list(reversed(document.regions)) if document else []
        self._classes = {defect_class.id: defect_class for defect_class in classes}
        self.endResetModel()

    def region(self, row: int) -> Region:
        return self._regions[row]

    def row_of(self, region_id: str) -> int | None:
        for row, region in enumerate(self._regions):
            if region.id == region_id:
                return row
        return None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._regions)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(RegionColumn)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        region = self._regions[index.row()]
        column = RegionColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(region, column)
            case Qt.ItemDataRole.DecorationRole:
                return self._decoration(region, column)
            case Qt.ItemDataRole.TextAlignmentRole if column is RegionColumn.SIZE:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ToolTipRole:
                return self._describe(region)
        return None

    def _text(self, region: Region, column: RegionColumn) -> str | None:
        match column:
            case RegionColumn.CLASS:
                name = self._class_name(region)
                return self.tr("{name} (ignored)").format(name=name) if region.is_ignored else name
            case RegionColumn.SIZE:
                return self._size(region)
            case RegionColumn.AUTHOR:
                return None

    def _decoration(self, region: Region, column: RegionColumn) -> QIcon | None:
        match column:
            case RegionColumn.CLASS:
                return self._swatch(region)
            case RegionColumn.SIZE:
                return None
            case RegionColumn.AUTHOR:
                return icon(_AUTHOR_ICONS[region.author])

    def _class_name(self, region: Region) -> str:
        defect_class = self._classes.get(region.class_id)
        return defect_class.name if defect_class else str(region.class_id)

    def _swatch(self, region: Region) -> QIcon:
        defect_class = self._classes.get(region.class_id)
        return swatch(defect_class.colour if defect_class else "#999999")

    def _size(self, region: Region) -> str:
        if region.mask is not None:
            return self.tr("{count} px").format(count=region.mask.area)
        return self.tr("{width} × {height} box").format(
            width=region.box.width, height=region.box.height
        )

    def _describe(self, region: Region) -> str:
        author = {
            Author.HAND: self.tr("drawn by hand"),
            Author.CLICK_MODEL: self.tr("outlined by a click model"),
            Author.IMPORTED: self.tr("imported"),
            Author.ANOMALY_MODEL: self.tr("drafted from a heatmap"),
            Author.MODEL: self.tr("proposed by a model"),
        }[region.author]
        parts = [self._class_name(region), self._size(region), author, region.author_detail]
        parts.append(when_iso(region.created_at))
        return "\n".join(part for part in parts if part)


def swatch(colour: str) -> QIcon:
    """Return a small square of a class's colour, the same in a selected row."""
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(QColor(colour))
    result = QIcon(pixmap)
    result.addPixmap(pixmap, QIcon.Mode.Selected)
    return result


class RegionsPanel(QTableView):
    """Selecting here and on the canvas is the same thing."""

    regions_chosen = Signal(list)
    """Region ids, the one that was chosen last first."""
    duplicate_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._regions = RegionsModel(self)
        self.setModel(self._regions)
        self._set_up_look()
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def set_document(self, document: Document | None, classes: list[DefectClass]) -> None:
        self._regions.set_document(document, classes)

    def set_selected(self, region_ids: Sequence[str]) -> None:
        """Show regions as selected, the first as the current one; nothing is emitted."""
        rows = [row for name in region_ids if (row := self._regions.row_of(name)) is not None]
        flag = QItemSelectionModel.SelectionFlag
        selection = self.selectionModel()
        selection.blockSignals(True)
        current = self._regions.index(rows[0], 0) if rows else QModelIndex()
        selection.setCurrentIndex(current, flag.ClearAndSelect | flag.Rows)
        for row in rows[1:]:
            selection.select(self._regions.index(row, 0), flag.Select | flag.Rows)
        selection.blockSignals(False)
        if current.isValid():
            self.scrollTo(current)
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        # In this list Ctrl+D duplicates; everywhere else it goes to the next image.
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and _is_duplicate(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_duplicate(event):
            self.duplicate_requested.emit()
        else:
            super().keyPressEvent(event)

    def _on_selection_changed(self) -> None:
        current = self.selectionModel().currentIndex().row()
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        rows.sort(key=lambda row: (row != current, row))
        self.regions_chosen.emit([self._regions.region(row).id for row in rows])

    def _set_up_look(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(14, 14))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.hide()
        header.setMinimumSectionSize(28)
        # Only the rows in sight are measured: hundreds of them would hold the window up.
        header.setResizeContentsPrecision(0)
        header.setSectionResizeMode(RegionColumn.CLASS, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(RegionColumn.SIZE, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(RegionColumn.AUTHOR, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(RegionColumn.AUTHOR, 28)
        self.setMinimumHeight(3 * _ROW_PX)
        self.setAccessibleName(self.tr("Regions"))


def _is_duplicate(event: QKeyEvent) -> bool:
    is_ctrl = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return is_ctrl and event.key() == Qt.Key.Key_D
