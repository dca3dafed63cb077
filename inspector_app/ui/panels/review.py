"""How far the work on an image has come, and what there is to say about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from inspector_app.domain.annotation import ReviewState
from inspector_app.ui.theme import SPACING_PX
from inspector_app.ui.wording import review_state_name

_LONGEST_NOTE = 500


class ReviewPanel(QWidget):
    """A choice of three states beside a note of one line."""

    review_chosen = Signal(object)
    """ReviewState."""
    note_written = Signal(str)
    """When the operator has finished it: Enter, or the focus goes elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = QComboBox()
        self.state.setAccessibleName(self.tr("Review"))
        self.state.setToolTip(self.tr("How far the work on this image has come"))
        for review in ReviewState:
            self.state.addItem(review_state_name(review), review.value)
        self.note = QLineEdit()
        self.note.setMaxLength(_LONGEST_NOTE)
        self.note.setPlaceholderText(self.tr("Note on this image"))
        self.note.setAccessibleName(self.tr("Note on this image"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX // 2)
        layout.addWidget(self.state)
        layout.addWidget(self.note, 1)
        self.state.activated.connect(self._choose)
        self.note.editingFinished.connect(self._write)
        self._written = ""

    def set_review(self, review: ReviewState, note: str) -> None:
        """Show what is stored; a note that is being written stays until it is finished."""
        self.state.setCurrentIndex(self.state.findData(review.value))
        if note != self._written or not self.note.hasFocus():
            self._written = note
            self.note.setText(note)

    def set_read_only(self, *, is_read_only: bool) -> None:
        self.state.setEnabled(not is_read_only)
        self.note.setReadOnly(is_read_only)

    def finish(self) -> None:
        """Store a note that is being written; another image is about to be shown."""
        self._write()

    def _choose(self) -> None:
        self.review_chosen.emit(ReviewState(self.state.currentData()))

    def _write(self) -> None:
        if self.note.text().strip() != self._written:
            self._written = self.note.text().strip()
            self.note_written.emit(self._written)
