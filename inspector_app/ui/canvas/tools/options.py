"""Settings of a tool that the operator changes while working."""

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
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit
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
