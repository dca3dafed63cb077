"""Settings of a tool that the operator changes while working."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal


class NumberOption(QObject):
    """A whole number between two bounds, such as a brush's size."""

    changed = Signal(int)

    def __init__(
        self,
        title: str,
        *,
        value: int,
        minimum: int,
        maximum: int,
        unit: str = "",
        tip: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit
        self.tip = tip
        self._value = value

    @property
    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Take the nearest value within the bounds."""
        value = min(max(value, self.minimum), self.maximum)
        if value != self._value:
            self._value = value
            self.changed.emit(value)


class SlidingOption(NumberOption):
    """A number that is tried out by sliding: each step changes it by the same share."""


class ToggleOption(QObject):
    """Something that is on or off."""

    changed = Signal(bool)

    def __init__(
        self, title: str, *, value: bool, tip: str = "", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.tip = tip
        self._value = value

    @property
    def value(self) -> bool:
        return self._value

    def set_value(self, value: bool) -> None:
        if value != self._value:
            self._value = value
            self.changed.emit(value)


class ChoiceOption(QObject):
    """One of several names; the choices may change while the program runs."""

    changed = Signal(str)
    choices_changed = Signal()

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str]], parent: QObject | None = None
    ) -> None:
        """Offer (value, text for people) pairs; the first is chosen."""
        super().__init__(parent)
        self.title = title
        self.choices = tuple(choices)
        self._value = self.choices[0][0]

    @property
    def value(self) -> str:
        return self._value

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer others; what was chosen stays chosen, offered or not."""
        if tuple(choices) != self.choices:
            self.choices = tuple(choices)
            self.choices_changed.emit()

    def set_value(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self.changed.emit(value)


ToolOption = NumberOption | ToggleOption | ChoiceOption
