"""A look at a training before it is started, and what it has found."""

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inspector_app.protocol.messages import Progress, TrainingPurpose
from inspector_app.services.check_wording import measured_text
from inspector_app.services.preflight import Looked
from inspector_app.ui.icons import icon


class TrainingChecks(QWidget):
    """Asks for a check or for a learning rate; shows the answer."""

    look_requested = Signal(str)
    """What for: a `TrainingPurpose`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_rate = False
        self._create_widgets()
        self._lay_out()
        self.check_button.clicked.connect(lambda: self._ask("check"))
        self.rate_button.clicked.connect(lambda: self._ask("find_rate"))
        self.clear()

    @property
    def text(self) -> str:
        return self._found.text()

    def set_available(self, *, is_available: bool, has_rate: bool) -> None:
        """Allow looks, for a rate only at models that have one."""
        self._has_rate = has_rate
        self.check_button.setEnabled(is_available)
        self.rate_button.setEnabled(is_available and has_rate)

    def clear(self) -> None:
        """Forget what was found: it was of other settings."""
        self._show("")

    def set_progress(self, progress: Progress) -> None:
        self._show(escape(progress.note or self.tr("The models are being loaded…")))

    def set_looked(self, looked: Looked) -> None:
        lines = [
            f"<b>{escape(_sentence(remark.text))}</b>"
            if remark.is_warning
            else escape(_sentence(remark.text))
            for remark in looked.remarks
        ]
        if measured := measured_text(looked.metrics):
            lines.append(escape(_sentence(measured)))
        if (rate := looked.metrics.get("learning_rate")) is not None:
            text = self.tr("Learning rate {rate} is entered above.").format(rate=f"{rate:.2g}")
            lines.append(escape(text))
        self._show("<br>".join(lines))

    def set_failed(self, text: str) -> None:
        self._show(escape(text))

    def _create_widgets(self) -> None:
        self.check_button = QPushButton(icon("check"), self.tr(" Check first"))
        self.check_button.setToolTip(
            self.tr("Looks at the images, measures a few steps, and trains nothing.")
        )
        self.rate_button = QPushButton(icon("search"), self.tr(" Find a rate"))
        self.rate_button.setToolTip(
            self.tr("Tries learning rates from small to large and enters the best one.")
        )
        self._found = QLabel()
        self._found.setWordWrap(True)
        self._found.setTextFormat(Qt.TextFormat.RichText)
        self._found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.check_button)
        buttons.addWidget(self.rate_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._found)
        layout.addLayout(buttons)

    def _ask(self, purpose: TrainingPurpose) -> None:
        self._show(self.tr("The models are being loaded…"))
        self.look_requested.emit(purpose)

    def _show(self, html: str) -> None:
        self._found.setText(html)
        self._found.setVisible(bool(html))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
