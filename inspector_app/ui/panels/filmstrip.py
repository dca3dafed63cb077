"""The filmstrip: all images of the project in one row, with what is said of each."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from inspector_app.domain.annotation import ImageVerdict, ReviewState
from inspector_app.domain.dataset import ImageRecord
from inspector_app.ui.icons import tinted_pixmap
from inspector_app.ui.models.image_list import RECORD_ROLE, THUMBNAIL_ROLE, ImageListModel
from inspector_app.ui.theme import Colours, colours

_CELL_WIDTH_PX = 88
_CELL_HEIGHT_PX = 76
_SCROLL_BAR_PX = 11
_BADGE_PX = 16
_DOT_PX = 7
_VERDICT_ICONS = {ImageVerdict.OK: "ok", ImageVerdict.NG: "ng", ImageVerdict.UNSURE: "unsure"}


class Filmstrip(QListView):
    """Shows the list of images and where in it the operator is."""

    image_chosen = Signal(int)
    """Image id; also when the choice came through `set_current`."""

    def __init__(self, model: ImageListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images = model
        self.setModel(model)
        self._frames = _FrameDelegate(self)
        self.setItemDelegate(self._frames)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        # This is what makes a list of 20,000 images appear at once. In batches it would be
        # quicker still, but the current image could not be scrolled to before the last one.
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(_CELL_HEIGHT_PX + _SCROLL_BAR_PX + 3)
        self.setMouseTracking(True)
        self.setProperty("role", "grid")
        self.setAccessibleName(self.tr("Images"))
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    @property
    def count(self) -> int:
        return self._images.rowCount()

    @property
    def position(self) -> int:
        """Of the current image, from 1; 0 if there is none."""
        return self.currentIndex().row() + 1

    def set_readiness(self, is_ready: Callable[[ImageRecord], bool]) -> None:
        """Mark the images of which this is true: a click on them is answered at once."""
        self._frames.is_ready = is_ready
        self.viewport().update()

    def show_readiness(self) -> None:
        """What is ready has changed."""
        self.viewport().update()

    def set_current(self, image_id: int) -> None:
        index = self._images.index_of(image_id)
        if index.isValid() and index != self.currentIndex():
            self.setCurrentIndex(index)

    def step(self, rows: int) -> bool:
        """Go some images on or back; False at the end of the list."""
        row = self.currentIndex().row() + rows
        if not 0 <= row < self.count:
            return False
        self.setCurrentIndex(self._images.index(row))
        return True

    def go_to_next_unreviewed(self) -> bool:
        """Go to the next image that nobody has judged, from the start again after the end."""
        row = max(0, self.currentIndex().row())
        for offset in range(1, self.count + 1):
            index = self._images.index((row + offset) % self.count)
            if not self._images.record(index).is_reviewed:
                self.setCurrentIndex(index)
                return True
        return False

    def neighbours(self, offsets: tuple[int, ...]) -> list[ImageRecord]:
        """Return the records at these distances from the current one, as far as there are any."""
        row = self.currentIndex().row()
        rows = [row + offset for offset in offsets if 0 <= row + offset < self.count]
        return [self._images.record(self._images.index(one)) for one in rows]

    def dataChanged(  # noqa: N802  (Qt override)
        self,
        topLeft: QModelIndex | QPersistentModelIndex,  # noqa: N803
        bottomRight: QModelIndex | QPersistentModelIndex,  # noqa: N803
        roles: Sequence[int] = (),
    ) -> None:
        # QListView would lay out the whole list again, 50 ms for 20,000 images and each
        # thumbnail that arrives; a frame's size never changes.
        for row in range(topLeft.row(), bottomRight.row() + 1):
            self.update(self._images.index(row))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex(), QListView.ScrollHint.PositionAtCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # In one row, down means on and up means back.
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if (rows := steps.get(Qt.Key(event.key()))) is not None:
            self.step(rows)
        else:
            super().keyPressEvent(event)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.scrollTo(current, QListView.ScrollHint.PositionAtCenter)
            self.image_chosen.emit(self._images.record(current).id)


class _FrameDelegate(QStyledItemDelegate):
    """Paints one image of the strip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_ready: Callable[[ImageRecord], bool] = lambda _: False

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(_CELL_WIDTH_PX, _CELL_HEIGHT_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        record: ImageRecord = index.data(RECORD_ROLE)
        shades = colours(option.palette)
        frame = option.rect.adjusted(3, 4, -3, -4)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        _paint_picture(painter, frame, index.data(THUMBNAIL_ROLE), shades)
        _paint_edge(painter, frame, option.state, shades)
        if record.region_count:
            _paint_count(painter, frame, record.region_count, shades)
        if record.verdict is not None:
            _paint_verdict(painter, frame, record.verdict, shades)
        elif record.review is ReviewState.DONE:
            _paint_badge(painter, frame, "check", shades.ok, shades)
        if record.review is ReviewState.REJECTED:
            _paint_badge(painter, frame, "undo", shades.ng, shades)
        if self.is_ready(record):
            _paint_ready(painter, frame, shades)
        painter.restore()


def _paint_picture(painter: QPainter, frame: QRect, image: QImage | None, shades: Colours) -> None:
    painter.fillRect(frame, QColor(shades.base))
    if image is None:
        return
    if image.isNull():
        painter.fillRect(frame, QColor(shades.soft_ng))
        _paint_icon(painter, "warning", frame.center(), 22, QColor(shades.ng))
        return
    size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRect(frame.topLeft(), size)
    target.moveCenter(frame.center())
    painter.drawImage(target, image)


def _paint_edge(painter: QPainter, frame: QRect, state: QStyle.StateFlag, shades: Colours) -> None:
    is_current = bool(state & QStyle.StateFlag.State_Selected)
    is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    name = shades.accent if is_current else shades.strong_border if is_hovered else shades.border
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(name), 3 if is_current else 1))
    painter.drawRoundedRect(frame.adjusted(0, 0, -1, -1), 3, 3)


def _paint_count(painter: QPainter, frame: QRect, count: int, shades: Colours) -> None:
    text = str(count)
    width = max(_BADGE_PX, painter.fontMetrics().horizontalAdvance(text) + 8)
    place = QRect(frame.left() + 4, frame.bottom() - _BADGE_PX - 4, width, _BADGE_PX)
    _paint_ground(painter, place, shades)
    painter.setPen(QColor(shades.text))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _paint_verdict(painter: QPainter, frame: QRect, verdict: ImageVerdict, shades: Colours) -> None:
    names = {
        ImageVerdict.OK: shades.ok,
        ImageVerdict.NG: shades.ng,
        ImageVerdict.UNSURE: shades.review,
    }
    _paint_badge(painter, frame, _VERDICT_ICONS[verdict], names[verdict], shades)


def _paint_badge(
    painter: QPainter, frame: QRect, icon_name: str, colour: str, shades: Colours
) -> None:
    """Paint what was said of the image into the upper right corner."""
    side = _BADGE_PX + 2
    place = QRect(frame.right() - side - 3, frame.top() + 4, side, side)
    _paint_ground(painter, place, shades)
    _paint_icon(painter, icon_name, place.center(), _BADGE_PX - 1, QColor(colour))


def _paint_ready(painter: QPainter, frame: QRect, shades: Colours) -> None:
    """Paint a small dot: this image is prepared for clicks."""
    place = QRect(frame.right() - _DOT_PX - 3, frame.bottom() - _DOT_PX - 3, _DOT_PX, _DOT_PX)
    painter.setPen(QPen(QColor(shades.base), 1.5))
    painter.setBrush(QColor(shades.accent))
    painter.drawEllipse(place)


def _paint_ground(painter: QPainter, place: QRect, shades: Colours) -> None:
    ground = QColor(shades.base)
    ground.setAlpha(235)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(place, 3, 3)


def _paint_icon(painter: QPainter, name: str, centre: QPoint, side_px: int, colour: QColor) -> None:
    ratio = painter.device().devicePixelRatioF()
    corner = centre - QRect(0, 0, side_px, side_px).center()
    painter.drawPixmap(corner, tinted_pixmap(name, side_px, colour, ratio))
