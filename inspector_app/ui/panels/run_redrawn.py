"""What a model that redraws made of held-out images: beside each its copy and the difference."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from inspector_app.domain.picture import RgbImage
from inspector_app.protocol.files import RedrawnImage
from inspector_app.services.redrawn import Redrawn, RedrawnPictures
from inspector_app.ui.canvas.arrays import rgb_image
from inspector_app.ui.panels.labels import ElidedLabel
from inspector_app.ui.wording import defect_type_name

_PICTURE_PX = 128
_GAP_PX = 8


class RunRedrawn(QWidget):
    """Shows images, copies and differences, good left; a double click asks for the image."""

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
        """What stands above each image."""
        return [caption.full_text for caption in self.rows.findChildren(_Caption)]

    def set_redrawn(self, redrawn: Redrawn) -> None:
        self._headline.setText(_headline(redrawn))
        # A new widget takes the place of the old one, which Qt deletes.
        self.rows.setWidget(self._make_rows(redrawn.images))

    def _make_rows(self, images: Sequence[RedrawnPictures]) -> QWidget:
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * _GAP_PX)
        grid.setVerticalSpacing(_GAP_PX)
        # Good ones left, defective ones right: that they differ is what there is to see.
        for column, is_defective in enumerate((False, True)):
            of_side = [each for each in images if each.line.is_defective is is_defective]
            for row, pictures in enumerate(of_side):
                grid.addLayout(self._make_cell(pictures), row, column)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(len(images), 1)
        return content

    def _make_cell(self, pictures: RedrawnPictures) -> QVBoxLayout:
        path = pictures.line.image_path
        side_by_side = QHBoxLayout()
        side_by_side.setSpacing(_GAP_PX)
        shown = {
            self.tr("The image"): pictures.given,
            self.tr("As it was redrawn"): pictures.redrawn,
            self.tr("The difference: the brighter, the larger"): pictures.error,
        }
        for title, pixels in shown.items():
            picture = _Picture(pixels, title, Path(path).name)
            picture.activated.connect(partial(self.image_activated.emit, path))
            side_by_side.addWidget(picture)
        side_by_side.addStretch(1)
        cell = QVBoxLayout()
        cell.setSpacing(_GAP_PX // 2)
        cell.addWidget(_Caption(pictures.line))
        cell.addLayout(side_by_side)
        return cell


class _Picture(QLabel):
    """A picture of one size, whatever its own."""

    activated = Signal()

    def __init__(self, pixels: RgbImage, title: str, file_name: str) -> None:
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
        self.setAccessibleName(f"{title}: {file_name}")
        hint = self.tr("Double-click to see it in Annotate")
        self.setToolTip(f"{title}. {hint}")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        event.accept()


class _Caption(ElidedLabel):
    """Both losses, type and name of an image; the name gives way first."""

    def __init__(self, line: RedrawnImage) -> None:
        text = _tr("brightness {brightness} · structure {structure} · {kind} · {name}")
        text = text.format(
            brightness=f"{line.brightness_loss:.4f}",
            structure=f"{line.structure_loss:.3f}",
            kind=_kind(line),
            name=Path(line.image_path).name,
        )
        super().__init__(text, mode=Qt.TextElideMode.ElideRight)
        self.setFixedWidth(3 * _PICTURE_PX + 2 * _GAP_PX)
        self.setToolTip(line.image_path)


def _kind(line: RedrawnImage) -> str:
    if not line.is_defective:
        return _tr("good")
    return defect_type_name(line.defect_type) if line.defect_type else _tr("defective")


def _headline(redrawn: Redrawn) -> str:
    good, defective = (
        "–" if loss is None else f"{loss:.4f}"
        for loss in (redrawn.good_loss, redrawn.defective_loss)
    )
    text = _tr("Image, copy and difference · mean loss of good {good}, of defective {defective}")
    parts = [text.format(good=good, defective=defective)]
    if redrawn.good_loss and redrawn.defective_loss is not None:
        factor = redrawn.defective_loss / redrawn.good_loss
        parts.append(_tr("{factor} times as much").format(factor=f"{factor:.2f}"))
    return " · ".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunRedrawn", text)
