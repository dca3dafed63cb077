"""Banners at the top of the page: what went wrong or is worth knowing, and what to do."""

import html
from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from inspector_app.ui.icons import coloured_icon, icon
from inspector_app.ui.panels.labels import IconLabel
from inspector_app.ui.theme import colours

_MAX_BANNERS = 3
_ICON_PX = 18


class Severity(StrEnum):
    """How much a banner matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_ICONS = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.ERROR: "ng"}


class InfoBar(QFrame):
    """One sentence and its remedy, until it is closed."""

    closed = Signal()

    def __init__(
        self,
        message: str,
        hint: str,
        severity: Severity,
        *,
        details: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._details = tuple(details)
        self.message = message
        self.hint = hint
        self.severity = severity
        self.setProperty("severity", severity.value)
        self._create_widgets()
        self._lay_out()

    def _create_widgets(self) -> None:
        self._icon = IconLabel(self._coloured_icon, _ICON_PX)
        self.html = self._to_html()
        self._text = QLabel(self.html)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details_button = QToolButton()
        self.details_button.setText(self.tr("Details…"))
        self.details_button.setVisible(bool(self._details))
        self.details_button.clicked.connect(self._show_details)
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setIconSize(QSize(14, 14))
        self._close.setToolTip(self.tr("Close"))
        self._close.setAccessibleName(self.tr("Close"))
        self._close.clicked.connect(self.closed)

    def _to_html(self) -> str:
        text = html.escape(self.message)
        if not self.hint:
            return text
        return f"<b>{text}</b> {html.escape(self.hint[:1].upper() + self.hint[1:])}"

    def _show_details(self) -> None:
        from inspector_app.ui.dialogs.details import DetailsDialog  # noqa: PLC0415  (start time)

        DetailsDialog(self.message, self._details, self).exec()

    def _coloured_icon(self) -> QIcon:
        shades = colours()
        colour = {
            Severity.INFO: shades.accent,
            Severity.WARNING: shades.review,
            Severity.ERROR: shades.ng,
        }[self.severity]
        return coloured_icon(_ICONS[self.severity], QColor(colour))

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)


class Banners(QWidget):
    """The banners that are open, newest on top; at most three."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: list[InfoBar] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.hide()

    @property
    def bars(self) -> tuple[InfoBar, ...]:
        return tuple(self._bars)

    def show_info(self, message: str, hint: str = "") -> None:
        self._add(InfoBar(message, hint, Severity.INFO))

    def show_warning(self, message: str, hint: str = "", details: Sequence[str] = ()) -> None:
        """Warn; `details` are lines that a button shows."""
        self._add(InfoBar(message, hint, Severity.WARNING, details=details))

    def show_error(self, message: str, hint: str = "") -> None:
        self._add(InfoBar(message, hint, Severity.ERROR))

    def clear(self) -> None:
        for bar in tuple(self._bars):
            self._remove(bar)

    def clear_notes(self) -> None:
        """Take away what was only worth knowing; warnings and errors stay until they are closed."""
        for bar in tuple(self._bars):
            if bar.severity is Severity.INFO:
                self._remove(bar)

    def _add(self, bar: InfoBar) -> None:
        # The same sentence twice is one banner: a batch of refusals must not fill the page.
        for other in tuple(self._bars):
            if (other.message, other.hint) == (bar.message, bar.hint):
                self._remove(other)
        bar.closed.connect(lambda: self._remove(bar))
        self._bars.insert(0, bar)
        self._layout.insertWidget(0, bar)
        for old in self._bars[_MAX_BANNERS:]:
            self._remove(old)
        self.show()

    def _remove(self, bar: InfoBar) -> None:
        self._bars.remove(bar)
        self._layout.removeWidget(bar)
        bar.hide()
        bar.deleteLater()
        self.setVisible(bool(self._bars))
