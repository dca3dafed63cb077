"""A line above the image: an icon, what is to be said, and what can be done about it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from inspector_app.ui.panels.labels import ElidedLabel, IconLabel
from inspector_app.ui.theme import MARGIN_PX, SPACING_PX

_ICON_PX = 16


class Strip(QFrame):
    """Hidden until something is said."""

    def __init__(self, make_icon: Callable[[], QIcon], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._text = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        self._row.setSpacing(SPACING_PX)
        self._row.addWidget(IconLabel(make_icon, _ICON_PX))
        self._row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.full_text

    def say(self, text: str) -> None:
        self._text.set_full_text(text)
        self._text.setToolTip(text)
        self.show()

    def _add(self, widgets: Sequence[QWidget]) -> None:
        """Put widgets behind the text; the line is as high without them, or the image would jump.

        The last one is the highest.
        """
        for widget in widgets:
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._row.addWidget(widget)
        widgets[-1].ensurePolished()
        self._row.addStrut(widgets[-1].sizeHint().height())
