"""All that is known of one file of weights."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QPushButton, QWidget

from inspector_app.protocol.shelf import ShelfItem
from inspector_app.ui.theme import make_muted
from inspector_app.ui.weights_wording import explain_state

_HASH_DIGITS = 64
_ROWS = ("state", "file", "address", "place", "hash", "remark")
_HEIGHT_PX = 124
"""Of most of them: the table above must not grow and shrink with every choice."""


class WeightsDetail(QFrame):
    """Shows file, address, place and hash; offers to pin what nobody has pinned."""

    pin_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._values = {name: _value_label() for name in _ROWS}
        self._values["remark"].setProperty("role", "error")
        self.pin_button = QPushButton(self.tr("Pin"))
        self.pin_button.setToolTip(
            self.tr("Takes its hash down, so that any later change is noticed")
        )
        self.pin_button.clicked.connect(self.pin_requested)
        self.setMinimumHeight(_HEIGHT_PX)
        self._lay_out()
        self.set_item(None)

    def text(self, name: str) -> str:
        return self._values[name].text()

    def set_item(self, item: ShelfItem | None) -> None:
        texts = dict.fromkeys(_ROWS, "") if item is None else self._texts(item)
        for name, text in texts.items():
            self._values[name].setText(text)
            self._form.setRowVisible(self._values[name], bool(text))
        is_unpinned = item is not None and item.state == "unpinned" and item.entry.is_own
        self._form.setRowVisible(self.pin_button, is_unpinned)
        self._hint.setVisible(item is None)

    def _texts(self, item: ShelfItem) -> dict[str, str]:
        entry = item.entry
        return {
            "state": explain_state(item),
            "file": entry.file if entry.file != entry.name else "",
            "address": entry.url,
            "place": str(item.path or ""),
            "hash": item.sha256 or self._published_hash(item),
            "remark": " ".join(item.remarks),
        }

    def _published_hash(self, item: ShelfItem) -> str:
        sha256 = item.entry.sha256 or ""
        if 0 < len(sha256) < _HASH_DIGITS:
            return self.tr("{digits}… (no more of it is published)").format(digits=sha256)
        return sha256

    def _lay_out(self) -> None:
        self._form = QFormLayout(self)
        self._form.setContentsMargins(12, 10, 12, 10)
        self._form.setVerticalSpacing(5)
        self._form.setHorizontalSpacing(14)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._hint = make_muted(self.tr("Choose weights above to see where they come from."))
        self._form.addRow(self._hint)
        self._form.addRow(self._values["state"])
        titles = {
            "file": self.tr("File"),
            "address": self.tr("Address"),
            "place": self.tr("Here"),
            "hash": self.tr("SHA-256"),
        }
        for name, title in titles.items():
            self._form.addRow(make_muted(title), self._values[name])
        self._form.addRow(self._values["remark"])
        self._form.addRow(self.pin_button)
        self.pin_button.setFixedWidth(self.pin_button.sizeHint().width())


def _value_label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    # Paths hold no blanks; without this a long one would widen the window.
    label.setMinimumWidth(1)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
