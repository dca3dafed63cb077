"""One input for each kind of value that a model's settings schema knows."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from inspector_app.ui.theme import inset_text

Schema = Mapping[str, Any]
_INT_LIMIT = 2**31 - 1
_FLOAT_LIMIT = 1e12
_MAX_DECIMALS = 9


class Field(Protocol):
    """An input with its value."""

    @property
    def widget(self) -> QWidget: ...

    def value(self) -> Any: ...

    def set_value(self, value: Any) -> None: ...

    def on_change(self, call: Callable[[], object]) -> None:
        """Have it called whenever the value changes."""


def make_field(schema: Schema) -> Field | None:
    """Return an input for one property of a JSON schema; None for what no input fits."""
    is_optional, schema = _without_null(schema)
    if "enum" in schema:
        titles = schema.get("x-choices", {})
        return ChoiceField(schema["enum"], titles, is_optional=is_optional)
    match schema.get("type"):
        case "boolean" if not is_optional:
            return SwitchField()
        case "integer":
            return IntegerField(schema, is_optional=is_optional)
        case "number":
            return NumberField(schema, is_optional=is_optional)
        case "string" if not is_optional:
            return ExamplesField(schema["examples"]) if schema.get("examples") else TextField()
    return None


def _without_null(schema: Schema) -> tuple[bool, Schema]:
    """Return whether null is allowed, and the schema of the other values."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return False, schema
    return len(schema["anyOf"]) > 1, {**schema, **options[0]}


def _automatic() -> str:
    return QCoreApplication.translate("ConfigForm", "automatic")


class SwitchField:
    """True or false."""

    def __init__(self) -> None:
        self.widget = QCheckBox()

    def value(self) -> bool:
        return self.widget.isChecked()

    def set_value(self, value: Any) -> None:
        self.widget.setChecked(bool(value))

    def on_change(self, call: Callable[[], object]) -> None:
        self.widget.toggled.connect(lambda _value: call())


class ChoiceField:
    """One of a few values, by the names that the schema's `x-choices` gives them."""

    def __init__(self, choices: list[Any], titles: Mapping[str, str], *, is_optional: bool) -> None:
        self.widget = _QuietComboBox()
        self._choices = [None, *choices] if is_optional else list(choices)
        for choice in self._choices:
            plain = str(choice).replace("_", " ")
            text = _automatic() if choice is None else titles.get(str(choice), plain)
            self.widget.addItem(text)

    def value(self) -> Any:
        return self._choices[self.widget.currentIndex()]

    def set_value(self, value: Any) -> None:
        self.widget.setCurrentIndex(self._choices.index(value) if value in self._choices else 0)

    def on_change(self, call: Callable[[], object]) -> None:
        self.widget.currentIndexChanged.connect(lambda _value: call())


class TextField:
    """Free text."""

    def __init__(self) -> None:
        self.widget = QLineEdit()

    def value(self) -> str:
        return self.widget.text()

    def set_value(self, value: Any) -> None:
        self.widget.setText(str(value))

    def on_change(self, call: Callable[[], object]) -> None:
        self.widget.textChanged.connect(lambda _value: call())


class ExamplesField:
    """Free text with some to choose from: the schema's `examples`."""

    def __init__(self, examples: list[str]) -> None:
        self.widget = _QuietComboBox()
        self.widget.setEditable(True)
        # What is typed stays typed, whatever the list has.
        self.widget.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.widget.addItems(["", *examples])
        # A long file name must not widen the form.
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.widget.setSizeAdjustPolicy(policy)
        self.widget.view().setMinimumWidth(self.widget.view().sizeHintForColumn(0) + 24)

    def value(self) -> str:
        return self.widget.currentText()

    def set_value(self, value: Any) -> None:
        self.widget.setCurrentText(str(value))

    def on_change(self, call: Callable[[], object]) -> None:
        self.widget.currentTextChanged.connect(lambda _value: call())


class IntegerField:
    """A whole number in its range; one below the range means null."""

    def __init__(self, schema: Schema, *, is_optional: bool) -> None:
        self.widget = _QuietSpinBox()
        inset_text(self.widget)
        self._is_optional = is_optional
        self._step = int(schema.get("multipleOf", 1))
        low = schema.get("minimum", schema.get("exclusiveMinimum", -_INT_LIMIT - 1) + 1)
        high = schema.get("maximum", schema.get("exclusiveMaximum", _INT_LIMIT + 1) - 1)
        self._low = int(low)
        self.widget.setRange(self._low - is_optional, int(high))
        self.widget.setSingleStep(self._step)
        if self._step == 1:
            self.widget.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        if is_optional:
            self.widget.setSpecialValueText(_automatic())
        self.widget.editingFinished.connect(self._snap)

    def value(self) -> int | None:
        # Not put into the input before it is left: half a number is being typed.
        number = self._snapped()
        return None if self._is_optional and number < self._low else number

    def set_value(self, value: Any) -> None:
        self.widget.setValue(self._low - 1 if value is None else int(value))

    def on_change(self, call: Callable[[], object]) -> None:
        self.widget.valueChanged.connect(lambda _value: call())

    def _snap(self) -> None:
        self.widget.setValue(self._snapped())

    def _snapped(self) -> int:
        number = self.widget.value()
        if self._step == 1 or number < self._low:
            return number
        nearest = round(number / self._step) * self._step
        return min(nearest, self.widget.maximum())


class NumberField:
    """A number in its range; one below the range means null."""

    def __init__(self, schema: Schema, *, is_optional: bool) -> None:
        self.widget = _PlainDoubleSpinBox()
        inset_text(self.widget)
        self._is_optional = is_optional
        self.widget.setDecimals(_decimals(schema))
        tick = 10.0 ** -self.widget.decimals()
        low = schema.get("minimum", schema.get("exclusiveMinimum", -_FLOAT_LIMIT) + tick)
        high = schema.get("maximum", schema.get("exclusiveMaximum", _FLOAT_LIMIT) - tick)
        self._low = float(low)
        self.widget.setRange(self._low - tick if is_optional else self._low, float(high))
        self.widget.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        if is_optional:
            self.widget.setSpecialValueText(_automatic())

    def value(self) -> float | None:
        number = self.widget.value()
        return None if self._is_optional and number < self._low else number

    def set_value(self, value: Any) -> None:
        self.widget.setValue(self.widget.minimum() if value is None else float(value))

    def on_change(self, call: Callable[[], object]) -> None:
        self.widget.valueChanged.connect(lambda _value: call())


def _decimals(schema: Schema) -> int:
    """Return how many decimals the smallest number of the schema needs, and two more to tune it.

    Unless it says so itself: what matters of a number may be how little it lacks of 1.
    """
    if "x-decimals" in schema:
        return int(schema["x-decimals"])
    numbers = [schema.get(key) for key in ("default", "minimum")]
    sizes = [abs(number) for number in numbers if number]
    smallest = min([*sizes, 1.0])
    return min(_MAX_DECIMALS, max(2, math.ceil(-math.log10(smallest)) + 2))


class _PlainDoubleSpinBox(QDoubleSpinBox):
    """Shows no zeros that say nothing; leaves the wheel to the page unless it has the focus."""

    def textFromValue(self, value: float) -> str:  # noqa: N802  (Qt override)
        text = self.locale().toString(value, "f", self.decimals())
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, event, super().wheelEvent)


class _QuietSpinBox(QSpinBox):
    """Leaves the wheel to the page unless it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, event, super().wheelEvent)


class _QuietComboBox(QComboBox):
    """Leaves the wheel to the page unless it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        _wheel_if_focused(self, event, super().wheelEvent)


def _wheel_if_focused(widget: QWidget, event: QWheelEvent, handle: Any) -> None:
    # Scrolling through a form must not change the numbers that pass below the mouse.
    if widget.hasFocus():
        handle(event)
    else:
        event.ignore()
