"""The images of a project as a list: the model, what narrows it, and how one is painted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.services.thumbnails import Thumbnails
from inspector_app.ui.wording import count_regions, defect_type_name, split_name

RECORD_ROLE = int(Qt.ItemDataRole.UserRole) + 1
THUMBNAIL_ROLE = int(Qt.ItemDataRole.UserRole) + 2
AnyIndex = QModelIndex | QPersistentModelIndex


class LabelState(StrEnum):
    """What images may be narrowed to by what is said of them."""

    ANY = "any"
    GOOD = "good"
    DEFECTIVE = "defective"
    UNKNOWN = "unknown"
    WITH_REGIONS = "with_regions"
    WITHOUT_REGIONS = "without_regions"
    """Defective, but nobody has marked where."""
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images are listed; the defaults list all."""

    split: Split | None = None
    defect_type: str | None = None
    state: LabelState = LabelState.ANY
    text: str = ""

    def apply(self, records: Sequence[ImageRecord]) -> list[ImageRecord]:
        """Return the images that are listed, in their order."""
        if self == ImageFilter():
            return list(records)
        return [record for record in records if self.accepts(record)]

    def accepts(self, record: ImageRecord) -> bool:
        return (
            (self.split is None or record.split is self.split)
            and (self.defect_type is None or record.defect_type == self.defect_type)
            and (not self.text or self.text.lower() in record.relative_path.lower())
            and (self.state is LabelState.ANY or _has_state(record, self.state))
        )


def _has_state(record: ImageRecord, state: LabelState) -> bool:
    answers = {
        LabelState.ANY: True,
        LabelState.GOOD: record.is_defective is False,
        LabelState.DEFECTIVE: record.is_defective is True,
        LabelState.UNKNOWN: record.is_defective is None,
        LabelState.WITH_REGIONS: record.region_count > 0,
        LabelState.WITHOUT_REGIONS: record.is_defective is True and record.region_count == 0,
        LabelState.UNSURE: record.verdict is ImageVerdict.UNSURE,
    }
    return answers[state]


class ImageListModel(QAbstractListModel):
    """Rows are images; thumbnails arrive when they are ready."""

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
        self._row_of_id: dict[int, int] = {}
        self._row_of_path: dict[str, int] = {}
        thumbnails.ready.connect(self._repaint)

    def set_records(self, records: Sequence[ImageRecord]) -> None:
        self.beginResetModel()
        self._records = list(records)
        self._row_of_id = {record.id: row for row, record in enumerate(self._records)}
        self._row_of_path.clear()
        self.endResetModel()

    def replace_record(self, record: ImageRecord) -> None:
        """Show what has changed of one image, if it is listed."""
        row = self._row_of_id.get(record.id)
        if row is not None:
            self._records[row] = record
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def record(self, index: AnyIndex) -> ImageRecord:
        return self._records[index.row()]

    def index_of(self, image_id: int) -> QModelIndex:
        row = self._row_of_id.get(image_id)
        return QModelIndex() if row is None else self.index(row)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._records)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        record = self._records[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return record.name
            case Qt.ItemDataRole.ToolTipRole:
                return _describe(record)
            case _ if role == RECORD_ROLE:
                return record
            case _ if role == THUMBNAIL_ROLE:
                return self._thumbnail(index.row(), record)
        return None

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


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many images of one defect type there are in each split."""

    defect_type: str
    by_split: dict[Split, int]

    @property
    def total(self) -> int:
        return sum(self.by_split.values())


def count_types(records: Iterable[ImageRecord]) -> list[TypeCount]:
    """Return the types, the most frequent first, so that a long tail shows as one."""
    counts: dict[str, dict[Split, int]] = {}
    for record in records:
        by_split = counts.setdefault(record.defect_type, {})
        by_split[record.split] = by_split.get(record.split, 0) + 1
    found = [TypeCount(name, by_split) for name, by_split in counts.items()]
    return sorted(found, key=lambda count: (-count.total, count.defect_type))
