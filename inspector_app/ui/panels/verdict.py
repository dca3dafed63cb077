"""The operator's word on the image: OK, NG or unsure, as shape, word and colour."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.ui.icons import coloured_icon
from inspector_app.ui.theme import SPACING_PX, colours
from inspector_app.ui.wording import image_verdict_name

VERDICT_KEYS = {ImageVerdict.OK: "O", ImageVerdict.NG: "N", ImageVerdict.UNSURE: "U"}
VERDICT_ICONS = {ImageVerdict.OK: "ok", ImageVerdict.NG: "ng", ImageVerdict.UNSURE: "unsure"}


def verdict_colour(verdict: ImageVerdict) -> QColor:
    shades = colours()
    return QColor(
        {
            ImageVerdict.OK: shades.ok,
            ImageVerdict.NG: shades.ng,
            ImageVerdict.UNSURE: shades.review,
        }[verdict]
    )


class VerdictPanel(QWidget):
    """Three buttons, the given one pressed in."""

    verdict_chosen = Signal(object)
    """ImageVerdict."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX // 2)
        self._buttons: dict[ImageVerdict, QPushButton] = {}
        for verdict in ImageVerdict:
            button = self._button(verdict)
            self._buttons[verdict] = button
            layout.addWidget(button, 1)
        self._tint()

    def set_verdict(self, verdict: ImageVerdict | None) -> None:
        for one, button in self._buttons.items():
            button.setChecked(one is verdict)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _button(self, verdict: ImageVerdict) -> QPushButton:
        name = image_verdict_name(verdict)
        button = QPushButton(name)
        button.setCheckable(True)
        button.setIconSize(QSize(18, 18))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setStyleSheet("QPushButton { padding: 6px 4px; font-weight: 600; }")
        button.setToolTip(
            self.tr("{verdict} ({key}); goes on to the next image").format(
                verdict=name, key=VERDICT_KEYS[verdict]
            )
        )
        button.clicked.connect(lambda: self._choose(verdict))
        return button

    def _choose(self, verdict: ImageVerdict) -> None:
        # A click toggles the button before anything is stored; the session decides.
        button = self._buttons[verdict]
        button.setChecked(not button.isChecked())
        self.verdict_chosen.emit(verdict)

    def _tint(self) -> None:
        for verdict, button in self._buttons.items():
            button.setIcon(coloured_icon(VERDICT_ICONS[verdict], verdict_colour(verdict)))
