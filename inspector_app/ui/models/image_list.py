"""The images of a project as a list model."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QStringListModel,
    Qt,
)
from PySide6.QtGui import QImage

from inspector_app.domain.dataset import ImageRecord
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.ui.wording import count_regions, defect_type_name, split_name

RECORD_ROLE = int(Qt.ItemDataRole.UserRole) + 1
THUMBNAIL_ROLE = int(Qt.ItemDataRole.UserRole) + 2
AnyIndex = QModelIndex | QPersistentModelIndex


class ImageListModel(QStringListModel):
    """Rows are images; thumbnails arrive when they are ready.

    A list of strings, all empty, because Qt then knows the number of rows by itself. A view that
    lays itself out asks for it several times per row: 30 ms for 20,000 images, if Python answers.
    """

    def __init__(
        self,
        thumbnails: Thumbnails,
        image_path: Callable[[int], Path],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._image_path = image_path
        self._records: list[ImageRecord] = []
        self._row_of_id: dict[int, int] | None = None
        self._row_of_path: dict[str, int] = {}
        self.remark_of: Callable[[ImageRecord], str] = lambda _: ""
        """What else is to be said of an image under the mouse."""
        thumbnails.ready.connect(self._repaint)

    def set_records(self, records: Sequence[ImageRecord]) -> None:
        self._records = list(records)
        self._row_of_id = None
        self._row_of_path.clear()
        # The base class tells the views.
        self.setStringList([""] * len(self._records))

    def replace_record(self, record: ImageRecord) -> None:
        """Show what has changed of one image, if it is listed."""
        row = self._rows().get(record.id)
        if row is not None:
            self._records[row] = record
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def record(self, index: AnyIndex) -> ImageRecord:
        return self._records[index.row()]

    def index_of(self, image_id: int) -> QModelIndex:
        row = self._rows().get(image_id)
        return QModelIndex() if row is None else self.index(row)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        # Those of any list: strings could be edited, dragged and dropped.
        return QAbstractListModel.flags(self, index)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        record = self._records[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return record.name
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (_describe(record), self.remark_of(record))))
            case _ if role == RECORD_ROLE:
                return record
            case _ if role == THUMBNAIL_ROLE:
                return self._thumbnail(index.row(), record)
        return None

    def _rows(self) -> dict[int, int]:
        """Return row by image id, made when first asked for: most filters come and go unasked."""
        if self._row_of_id is None:
            self._row_of_id = {record.id: row for row, record in enumerate(self._records)}
        return self._row_of_id

    def _thumbnail(self, row: int, record: ImageRecord) -> QImage | None:
        path = self._image_path(record.id)
        self._row_of_path[str(path)] = row
        return self._thumbnails.thumbnail(path)

    def _repaint(self, path: str) -> None:
        row = self._row_of_path.get(path)
        if row is not None and row < len(self._records):
            index = self.index(row)
            self.dataChanged.emit(index, index, [THUMBNAIL_ROLE])


def _describe(record: ImageRecord) -> str:
    parts = [record.relative_path, split_name(record.split), defect_type_name(record.defect_type)]
    if record.region_count:
        parts.append(count_regions(record.region_count))
    return "\n".join(parts)
