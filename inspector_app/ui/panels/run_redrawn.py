"""What a model that redraws made of held-out images: beside each its copy and the difference."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import RedrawnImage
from inspector_app.services.redrawn import Redrawn, RedrawnPictures
from inspector_app.ui.canvas.arrays import rgb_image
from inspector_app.ui.theme import make_muted
from inspector_app.ui.wording import defect_type_name

_PICTURE_PX = 128
_GAP_PX = 8


class RunRedrawn(QWidget):
    """Shows images, copies and differences in rows; a double click asks for the image."""

    image_activated = Signal(str)
    """Absolute path of an image that is to be seen in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._headline = QLabel()
        self._headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._headline.setWordWrap(True)
        self.rows = QScrollArea()
        self.rows.setWidgetResizable(True)
        self.rows.setFrameShape(QScrollArea.Shape.NoFrame)
        self.rows.setAccessibleName(self.tr("Redrawn images"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, _GAP_PX, 0, 0)
        layout.addWidget(self._headline)
        layout.addWidget(self.rows, 1)

    @property
    def headline(self) -> str:
        return self._headline.text()

    @property
    def captions(self) -> list[str]:
        """What stands beside each row, from top to bottom."""
        return [caption.text() for caption in self.rows.findChildren(_Caption)]

    def set_redrawn(self, redrawn: Redrawn) -> None:
        self._headline.setText(_headline(redrawn))
        # A new widget takes the place of the old one, which Qt deletes.
        self.rows.setWidget(self._make_rows(redrawn.images))

    def _make_rows(self, images: Sequence[RedrawnPictures]) -> QWidget:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(_GAP_PX)
        titles = (self.tr("Image"), self.tr("As redrawn"), self.tr("Difference"))
        for column, title in enumerate(titles):
            grid.addWidget(make_muted(title), 0, column)
        for row, pictures in enumerate(images, 1):
            path = pictures.line.image_path
            shown = (pictures.given, pictures.redrawn, pictures.error)
            for column, (title, pixels) in enumerate(zip(titles, shown, strict=True)):
                picture = _Picture(pixels, f"{title}: {Path(path).name}")
                picture.activated.connect(partial(self.image_activated.emit, path))
                grid.addWidget(picture, row, column)
            grid.addWidget(_Caption(pictures.line), row, len(titles))
        grid.setColumnStretch(len(titles), 1)
        grid.setRowStretch(len(images) + 1, 1)
        return content


class _Picture(QLabel):
    """A picture of one size, whatever its own."""

    activated = Signal()

    def __init__(self, pixels: RgbImage, name: str) -> None:
        super().__init__()
        size = QSize(_PICTURE_PX, _PICTURE_PX)
        pixmap = QPixmap.fromImage(rgb_image(pixels))
        self.setPixmap(
            pixmap.scaled(
                size,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        self.setFixedSize(size)
        self.setAccessibleName(name)
        self.setToolTip(self.tr("Double-click to see it in Annotate"))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        event.accept()


class _Caption(QLabel):
    """Type, name and both losses of an image."""

    def __init__(self, line: RedrawnImage) -> None:
        super().__init__()
        kind = defect_type_name(line.defect_type) if line.defect_type else _tr("Defective")
        text = _tr("{kind}\n{name}\nbrightness {brightness} · structure {structure}")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setText(
            text.format(
                kind=kind if line.is_defective else _tr("Good"),
                name=Path(line.image_path).name,
                brightness=f"{line.brightness_loss:.4f}",
                structure=f"{line.structure_loss:.3f}",
            )
        )


def _headline(redrawn: Redrawn) -> str:
    good, defective = (
        "–" if loss is None else f"{loss:.4f}"
        for loss in (redrawn.good_loss, redrawn.defective_loss)
    )
    text = _tr("Mean loss of held-out images: good {good} · defective {defective}")
    parts = [text.format(good=good, defective=defective)]
    if redrawn.good_loss and redrawn.defective_loss is not None:
        factor = redrawn.defective_loss / redrawn.good_loss
        parts.append(_tr("{factor} times as much").format(factor=f"{factor:.2f}"))
    return " · ".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunRedrawn", text)
