"""A row of training images as a training would vary them, with outlines of what is marked."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inspector_app.services.variation_samples import SAMPLES, VariedSample
from inspector_app.ui.canvas.arrays import rgb_image
from inspector_app.ui.icons import icon
from inspector_app.ui.theme import MARGIN_PX, SPACING_PX, colours, make_muted

_LARGEST_PX = 128
_SMALLEST_PX = 32


class VariationStrip(QFrame):
    """Hidden until samples are asked for; shows one set, or why there is none."""

    renewal_requested = Signal()
    """Other images, varied in another way."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._is_waiting = False
        self._create_widgets()
        self._lay_out()
        self.renew_button.clicked.connect(self.renewal_requested)
        self.close_button.clicked.connect(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """Why there are no pictures; empty if there are."""
        return self._fault.text()

    @property
    def is_waiting(self) -> bool:
        return self._is_waiting

    @property
    def captions(self) -> list[str]:
        """The names of the pictures, from left to right."""
        return [picture.accessibleName() for picture in self._row.pictures]

    def set_waiting(self) -> None:
        """Show that samples are on their way; the last ones stay until then."""
        # Beside the title, not below the pictures: nothing jumps with every change.
        self._set_about(self.tr("The samples are being made…"), is_waiting=True)
        self.show()

    def set_samples(self, samples: Sequence[VariedSample]) -> None:
        self._row.set_samples(samples)
        self._row.show()
        self._set_about(self.tr("Outlined: what is marked"))
        self._set_fault("")

    def set_failed(self, text: str) -> None:
        self._row.set_samples(())
        self._row.hide()
        self._set_about("")
        self._set_fault(text)

    def _create_widgets(self) -> None:
        self._title = QLabel(self.tr("Training images as these settings vary them"))
        self._about = make_muted()
        self._about.setWordWrap(False)
        self.renew_button = QPushButton(icon("redo"), self.tr(" Others"))
        self.renew_button.setToolTip(self.tr("Other images, varied anew"))
        self.close_button = QPushButton(icon("close"), "")
        self.close_button.setProperty("role", "flat")
        self.close_button.setAccessibleName(self.tr("Close the samples"))
        self.close_button.setToolTip(self.tr("Close the samples"))
        self._row = _Row()
        self._fault = QLabel()
        self._fault.setProperty("role", "error")
        self._fault.setWordWrap(True)
        self._fault.setTextFormat(Qt.TextFormat.PlainText)
        self._fault.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACING_PX)
        head.addWidget(self._title)
        head.addWidget(self._about)
        head.addStretch(1)
        head.addWidget(self.renew_button)
        head.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, SPACING_PX, MARGIN_PX, SPACING_PX)
        layout.setSpacing(SPACING_PX)
        layout.addLayout(head)
        layout.addWidget(self._row)
        layout.addWidget(self._fault)

    def _close(self) -> None:
        self.hide()
        self._row.set_samples(())
        self.closed.emit()

    def _set_about(self, text: str, *, is_waiting: bool = False) -> None:
        self._is_waiting = is_waiting
        self._about.setText(text)

    def _set_fault(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))


class _Row(QWidget):
    """Pictures side by side, as large as the width allows."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[_Picture] = []
        self.setFixedHeight(_SMALLEST_PX)

    def set_samples(self, samples: Sequence[VariedSample]) -> None:
        for old in self.pictures:
            old.hide()
            old.deleteLater()
        self.pictures = [_Picture(sample, self) for sample in samples]
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        room = (self.width() - (SAMPLES - 1) * SPACING_PX) // SAMPLES
        side = max(_SMALLEST_PX, min(_LARGEST_PX, room))
        self.setFixedHeight(side)
        for number, picture in enumerate(self.pictures):
            picture.setGeometry(number * (side + SPACING_PX), 0, side, side)
            picture.show()


class _Picture(QWidget):
    """One sample and its outlines, scaled to the widget."""

    def __init__(self, sample: VariedSample, parent: QWidget) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap.fromImage(rgb_image(sample.picture))
        self._outlines = [
            QPolygonF([QPointF(x, y) for x, y in outline]) for outline in sample.outlines
        ]
        self.setAccessibleName(sample.image_path.name)
        self.setToolTip(str(sample.image_path))

    def sizeHint(self) -> QSize:
        return QSize(_LARGEST_PX, _LARGEST_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing
        )
        scale = min(self.width() / self._pixmap.width(), self.height() / self._pixmap.height())
        painter.scale(scale, scale)
        painter.drawPixmap(QRectF(self._pixmap.rect()), self._pixmap, QRectF(self._pixmap.rect()))
        # A dark line below a bright one is seen on every ground.
        for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(colours().ng), 1.5)):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for outline in self._outlines:
                painter.drawPolygon(outline)
