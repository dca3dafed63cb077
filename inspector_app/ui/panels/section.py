"""A titled part of a side column."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from inspector_app.ui.icons import icon


class Section(QWidget):
    """A title that folds away what is below it."""

    def __init__(
        self,
        title: str,
        content: QWidget,
        *,
        is_open: bool = True,
        stretches: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._content = content
        self._toggle = QToolButton()
        self._toggle.setProperty("role", "disclosure")
        self._toggle.setText(title)
        self._toggle.setIconSize(QSize(12, 12))
        self._toggle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        self._lay_out(stretches=stretches)
        self._toggle.clicked.connect(lambda: self._show_content(self._content.isHidden()))
        self._show_content(is_open)

    def set_note(self, text: str) -> None:
        """Say something short beside the title, such as a count."""
        self._note.setText(text)

    def _lay_out(self, *, stretches: bool) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 4, 0)
        head.addWidget(self._toggle)
        head.addStretch(1)
        head.addWidget(self._note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._content, 1 if stretches else 0)

    def _show_content(self, is_open: bool) -> None:
        self._toggle.setIcon(icon("chevron-down" if is_open else "chevron-right"))
        self._content.setVisible(is_open)
