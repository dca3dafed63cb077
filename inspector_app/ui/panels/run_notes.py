"""What the operator says of a run: tags and a note, each a line that is stored when it is left."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from inspector_app.domain.jobs import RunRecord, parse_tags

_TAGS_WIDTH_PX = 220


class RunNotes(QWidget):
    """Shows tags and note of a run; asks to store them."""

    described = Signal(str, str, object)
    """Run id, note, and tags as a tuple."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunRecord | None = None
        self.tags = QLineEdit()
        self.tags.setPlaceholderText(self.tr("Tags, with commas between"))
        self.tags.setAccessibleName(self.tr("Tags"))
        self.tags.setFixedWidth(_TAGS_WIDTH_PX)
        self.note = QLineEdit()
        self.note.setPlaceholderText(self.tr("Note"))
        self.note.setAccessibleName(self.tr("Note"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tags)
        layout.addWidget(self.note, 1)
        for line in (self.tags, self.note):
            line.editingFinished.connect(self._ask)

    def set_run(self, run: RunRecord) -> None:
        """Show a run; the line that is being written stays while it is still the same run."""
        is_same = self._run is not None and self._run.id == run.id
        self._run = run
        for line, text in ((self.tags, ", ".join(run.tags)), (self.note, run.note)):
            if not (is_same and line.hasFocus()):
                line.setText(text)

    def set_read_only(self, *, is_read_only: bool) -> None:
        for line in (self.tags, self.note):
            line.setReadOnly(is_read_only)

    def _ask(self) -> None:
        if self._run is None:
            return
        note, tags = self.note.text().strip(), parse_tags(self.tags.text())
        if (note, tags) != (self._run.note, self._run.tags):
            self.described.emit(self._run.id, note, tags)
