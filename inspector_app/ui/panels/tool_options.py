"""The line above the canvas: what to do with the tool in hand, and its settings."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from inspector_app.ui.canvas.tools.base import Tool
from inspector_app.ui.canvas.tools.options import NumberOption, SlidingOption, ToolOption
from inspector_app.ui.icons import coloured_icon
from inspector_app.ui.panels.details_button import DetailsButton
from inspector_app.ui.panels.labels import ElidedLabel
from inspector_app.ui.panels.option_slider import OptionSlider
from inspector_app.ui.theme import MARGIN_PX, SPACING_PX, colours

_NOTICE_MS = 6000
_ICON_PX = 16


class ToolOptions(QFrame):
    """Shows a hint, for a while a notice instead, and a field for each option of the tool."""

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._tool: Tool | None = None
        self._hint = ""
        self._fields: list[QWidget] = []
        self._notice_timer = QTimer(self)
        self._notice_timer.setSingleShot(True)
        self._notice_timer.setInterval(_NOTICE_MS)
        self._notice_timer.timeout.connect(self._end_notice)
        self._icon = QLabel()
        self._icon.hide()
        self._text = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        # A long sentence must not widen the window.
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._model = QLabel()
        self._model.setProperty("role", "muted")
        self._lay_out(actions)

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return self._text.full_text

    def set_tool(self, tool: Tool | None) -> None:
        """Show the fields of a tool's options."""
        for field in self._fields:
            self._row.removeWidget(field)
            field.hide()
            field.deleteLater()
        self._fields = []
        self._tool = tool
        for option in tool.options if tool else ():
            self._add_field(option)
        if tool is not None and tool.details:
            self._add_details(tool.details)

    def set_hint(self, text: str) -> None:
        self._hint = text
        if not self._notice_timer.isActive():
            self._show(text)

    def set_model(self, text: str) -> None:
        """Name the click model; empty hides it."""
        self._model.setText(text)

    def show_notice(self, text: str) -> None:
        """Show a sentence in place of the hint for some seconds."""
        self._notice_timer.start()
        self._show(text)
        warning = coloured_icon("warning", QColor(colours().review))
        self._icon.setPixmap(warning.pixmap(QSize(_ICON_PX, _ICON_PX)))
        self._icon.show()

    def show_news(self, text: str) -> None:
        """Likewise a sentence that is no warning."""
        self._icon.hide()
        self._notice_timer.start()
        self._show(text)

    def _show(self, text: str) -> None:
        self._text.set_full_text(text)
        self._text.setToolTip(text)

    def _end_notice(self) -> None:
        self._icon.hide()
        self._show(self._hint)

    def _lay_out(self, actions: list[QAction]) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN_PX, 4, SPACING_PX, 4)
        self._row.setSpacing(SPACING_PX // 2)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._model)
        self._fields_at = self._row.count()
        self._row.addSpacing(SPACING_PX)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(20, 20))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._row.addWidget(button)

    def _add_field(self, option: NumberOption) -> None:
        label = QLabel(option.title)
        field = QSpinBox()
        field.setRange(option.minimum, option.maximum)
        field.setValue(option.value)
        field.setSuffix(f" {option.unit}" if option.unit else "")
        field.setAccessibleName(option.title)
        field.valueChanged.connect(option.set_value)
        option.changed.connect(field.setValue)
        field.editingFinished.connect(field.clearFocus)
        slider = [OptionSlider(option)] if isinstance(option, SlidingOption) else []
        for widget in (label, *slider, field):
            widget.setToolTip(option.tip)
        for offset, widget in enumerate((label, *slider, field), len(self._fields)):
            self._row.insertWidget(self._fields_at + offset, widget)
            self._fields.append(widget)

    def _add_details(self, options: Sequence[ToolOption]) -> None:
        button = DetailsButton(self.tr("Options"), options)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row.insertWidget(self._fields_at, button)
        self._fields.append(button)
