"""The defect book: what belongs to each class, in words and pictures."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QInputDialog,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector_app.domain.errors import KnownError
from inspector_app.services.class_edits import ClassEdits
from inspector_app.services.session import ProjectSession
from inspector_app.ui.icons import icon
from inspector_app.ui.panels.regions import swatch
from inspector_app.ui.theme import make_muted, make_title

_ID_ROLE = int(Qt.ItemDataRole.UserRole)
_WIDTH_PX, _HEIGHT_PX = 820, 540
_PICTURE_PX = 150
_WORDS_HEIGHT_PX = 84


class DefectBook(QDialog):
    """One page for each class; what is written is stored when the page is left."""

    def __init__(
        self, session: ProjectSession, class_id: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Defect book"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._session = session
        self._edits = ClassEdits(session)
        self._class_id = 0
        self._create_widgets()
        self._lay_out()
        self._connect()
        self._show_classes(class_id)

    def _create_widgets(self) -> None:
        self.classes = QListWidget()
        self.classes.setFixedWidth(200)
        self.title = make_title("", scale=1.1)
        self.words = QPlainTextEdit()
        self.words.setPlaceholderText(
            self.tr("What belongs to this class, what does not, and from which size on?")
        )
        self.words.setFixedHeight(_WORDS_HEIGHT_PX)
        self.pictures = QListWidget()
        self.pictures.setViewMode(QListWidget.ViewMode.IconMode)
        self.pictures.setIconSize(QSize(_PICTURE_PX, _PICTURE_PX))
        self.pictures.setGridSize(QSize(_PICTURE_PX + 24, _PICTURE_PX + 48))
        self.pictures.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.pictures.setMovement(QListWidget.Movement.Static)
        self.pictures.setWordWrap(True)
        self.hint = make_muted(
            self.tr("No pictures yet. Select a region on an image and press Ctrl+B.")
        )
        self.hint.setWordWrap(True)
        self.caption_button = QPushButton(self.tr("Caption…"))
        self.remove_button = QPushButton(icon("delete"), self.tr(" Remove"))
        self.problem = make_muted()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for widget in (self.words, self.caption_button, self.remove_button):
            widget.setDisabled(self._session.is_read_only)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.caption_button)
        row.addWidget(self.remove_button)
        row.addWidget(self.problem, 1)
        page = QVBoxLayout()
        page.addWidget(self.title)
        page.addWidget(self.words)
        page.addWidget(self.hint)
        page.addWidget(self.pictures, 1)
        page.addLayout(row)
        columns = QHBoxLayout()
        columns.addWidget(self.classes)
        columns.addLayout(page, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addLayout(columns, 1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.classes.currentItemChanged.connect(self._on_class_changed)
        self.pictures.currentItemChanged.connect(self._show_buttons)
        self.pictures.itemActivated.connect(self._caption)
        self.caption_button.clicked.connect(self._caption)
        self.remove_button.clicked.connect(self._remove)
        self.buttons.rejected.connect(self.reject)

    def _show_classes(self, wanted: int) -> None:
        for defect_class in self._session.classes():
            item = QListWidgetItem(swatch(defect_class.colour), defect_class.name)
            item.setData(_ID_ROLE, defect_class.id)
            self.classes.addItem(item)
            if defect_class.id == wanted:
                self.classes.setCurrentItem(item)
        if self.classes.currentItem() is None:
            self.classes.setCurrentRow(0)

    def _on_class_changed(self, item: QListWidgetItem | None) -> None:
        self._store_words()
        self._class_id = item.data(_ID_ROLE) if item is not None else 0
        if not self._class_id:
            return
        defect_class = self._session.class_by_id(self._class_id)
        self.title.setText(defect_class.name)
        self.words.setPlainText(defect_class.description)
        self._show_pictures()

    def _show_pictures(self) -> None:
        self.pictures.clear()
        for example in self._edits.examples():
            if example.class_id != self._class_id:
                continue
            picture = QPixmap.fromImage(QImage.fromData(example.picture)).scaled(
                self.pictures.iconSize(),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            caption = example.caption or example.image_path.rsplit("/", 1)[-1]
            item = QListWidgetItem(QIcon(picture), caption)
            item.setToolTip(example.image_path)
            item.setData(_ID_ROLE, example.id)
            self.pictures.addItem(item)
        self.hint.setVisible(self.pictures.count() == 0)
        self._show_buttons()

    def _show_buttons(self) -> None:
        can_change = self.pictures.currentItem() is not None and not self._session.is_read_only
        self.caption_button.setEnabled(can_change)
        self.remove_button.setEnabled(can_change)

    def _store_words(self) -> None:
        words = self.words.toPlainText().strip()
        if not self._class_id or self._session.is_read_only:
            return
        if words != self._session.class_by_id(self._class_id).description:
            self._try(lambda: self._edits.describe(self._class_id, words))

    def _caption(self) -> None:
        item = self.pictures.currentItem()
        if item is None or self._session.is_read_only:
            return
        caption, is_accepted = QInputDialog.getText(
            self, self.tr("Caption"), self.tr("What it shows:"), text=item.text()
        )
        if is_accepted:
            self._try(lambda: self._edits.caption_example(item.data(_ID_ROLE), caption))
            self._show_pictures()

    def _remove(self) -> None:
        item = self.pictures.currentItem()
        if item is not None:
            self._try(lambda: self._edits.remove_example(item.data(_ID_ROLE)))
            self._show_pictures()

    def _try(self, change: Callable[[], None]) -> None:
        self.problem.clear()
        try:
            change()
        except KnownError as error:
            self.problem.setText(str(error))

    def done(self, result: int) -> None:
        self._store_words()
        super().done(result)
