"""A table of which whole rows are chosen."""

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


class RowTable(QTableView):
    """Calm: no grid, rows of one height, several of them chosen by Ctrl and Shift."""

    def __init__(self, model: QAbstractItemModel, *, row_px: int = 28) -> None:
        super().__init__()
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        # Tab leaves the table; arrow keys walk in it.
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.hide()
        # Nothing is measured, however many there are.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(row_px)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class ReadOnlyTable(RowTable):
    """Only read: nothing is chosen, and columns are as wide as what is in them."""

    def __init__(self, model: QAbstractItemModel, *, row_px: int = 28) -> None:
        super().__init__(model, row_px=row_px)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
