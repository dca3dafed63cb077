"""A button that opens the settings of a tool which are not changed every minute."""

from collections.abc import Sequence
from typing import assert_never

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QMenu,
    QSpinBox,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from inspector_app.ui.canvas.tools.options import (
    ChoiceOption,
    NumberOption,
    ToggleOption,
    ToolOption,
)
from inspector_app.ui.theme import MARGIN_PX


class DetailsButton(QToolButton):
    """Shows one field for each option."""

    def __init__(
        self, title: str, options: Sequence[ToolOption], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setText(f"{title} \N{BLACK DOWN-POINTING SMALL TRIANGLE}")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.form = QWidget()
        layout = QFormLayout(self.form)
        layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        for option in options:
            _add_row(layout, option)
        menu = QMenu(self)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self.form)
        menu.addAction(action)
        self.setMenu(menu)


def _add_row(layout: QFormLayout, option: ToolOption) -> None:
    match option:
        case NumberOption():
            layout.addRow(option.title, _spin_box(option))
        case ToggleOption():
            layout.addRow(_check_box(option))
        case ChoiceOption():
            layout.addRow(option.title, _ChoiceBox(option))
        case _:
            assert_never(option)


def _spin_box(option: NumberOption) -> QSpinBox:
    field = QSpinBox()
    field.setRange(option.minimum, option.maximum)
    field.setValue(option.value)
    field.setSuffix(f" {option.unit}" if option.unit else "")
    field.setAccessibleName(option.title)
    field.valueChanged.connect(option.set_value)
    option.changed.connect(field.setValue)
    return field


def _check_box(option: ToggleOption) -> QCheckBox:
    field = QCheckBox(option.title)
    field.setChecked(option.value)
    field.setToolTip(option.tip)
    field.toggled.connect(option.set_value)
    option.changed.connect(field.setChecked)
    return field


class _ChoiceBox(QComboBox):
    def __init__(self, option: ChoiceOption) -> None:
        super().__init__()
        self._option = option
        self.setAccessibleName(option.title)
        self._show()
        self.activated.connect(self._on_activated)
        option.choices_changed.connect(self._show)
        option.changed.connect(self._show)

    def _show(self) -> None:
        self.clear()
        for value, text in self._option.choices:
            self.addItem(text, value)
        self.setCurrentIndex(self.findData(self._option.value))

    def _on_activated(self, index: int) -> None:
        self._option.set_value(self.itemData(index))
