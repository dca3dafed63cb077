"""Labels, and a choice of long labels, that Qt does not have."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

_LABEL_MARGIN_PX = 4


class ElidedLabel(QLabel):
    """One line that is cut where the room ends: in the middle, as paths want it, or elsewhere."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(parent)
        self._full_text = text
        self._mode = mode
        self.setMinimumWidth(40)
        self._elide()

    @property
    def full_text(self) -> str:
        return self._full_text

    def set_full_text(self, text: str) -> None:
        self._full_text = text
        self._elide()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._full_text) + 4, hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._elide()

    def _elide(self) -> None:
        self.setText(
            self.fontMetrics().elidedText(self._full_text, self._mode, max(40, self.width()))
        )


class IconLabel(QLabel):
    """An icon that is made anew when the colours change."""

    def __init__(
        self, make_icon: Callable[[], QIcon], size_px: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make_icon = make_icon
        self._size_px = size_px
        self._show_icon()

    def set_maker(self, make_icon: Callable[[], QIcon]) -> None:
        self._make_icon = make_icon
        self._show_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_icon()

    def _show_icon(self) -> None:
        size = QSize(self._size_px, self._size_px)
        self.setPixmap(self._make_icon().pixmap(size, self.devicePixelRatioF()))


class ElidedComboBox(QComboBox):
    """Takes the width it is given and ends a longer text in dots, not in half a letter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        icon_px = 0 if option.currentIcon.isNull() else self.iconSize().width() + 4
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText,
            Qt.TextElideMode.ElideRight,
            field.width() - icon_px - _LABEL_MARGIN_PX,
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
