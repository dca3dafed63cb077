"""How one image is painted in a grid: thumbnail, name, type and badges."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import GOOD, ImageRecord, Split
from inspector_app.services.thumbnails import THUMBNAIL_PX
from inspector_app.ui.icons import tinted_pixmap
from inspector_app.ui.models.image_list import RECORD_ROLE, THUMBNAIL_ROLE
from inspector_app.ui.theme import Colours, colours
from inspector_app.ui.wording import defect_type_name, split_name

_PADDING_PX = 6
_GAP_PX = 4
_BADGE_PX = 18
_ICON_OF_VERDICT = {ImageVerdict.OK: "ok", ImageVerdict.NG: "ng", ImageVerdict.UNSURE: "unsure"}


class CardGrid(QListView):
    """A list of cards in rows that fill the width; cards are of one size, whatever they show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "grid")
        self._delegate = ImageCardDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        # Without these two, 100,000 rows take seconds to appear instead of milliseconds.
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(500)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        smallest = smallest_card(self.fontMetrics())
        room = self.viewport().width() - 1
        columns = max(1, room // smallest.width())
        cell = QSize(max(smallest.width(), room // columns), smallest.height())
        if cell != self.gridSize():
            self._delegate.set_card_size(cell)
            self.setGridSize(cell)
        super().resizeEvent(event)


def smallest_card(metrics: QFontMetrics) -> QSize:
    side = THUMBNAIL_PX + 2 * _PADDING_PX
    return QSize(side + 2 * _GAP_PX, side + 2 * metrics.height() + 2 * _PADDING_PX)


class ImageCardDelegate(QStyledItemDelegate):
    """Paints cards of one size, so that a list of any length is laid out at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._card_size = QSize()

    def set_card_size(self, size: QSize) -> None:
        self._card_size = size

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return smallest_card(option.fontMetrics) if self._card_size.isEmpty() else self._card_size

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        record: ImageRecord = index.data(RECORD_ROLE)
        shades = colours(option.palette)
        card = option.rect.adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        picture = QRect(
            card.left() + (card.width() - THUMBNAIL_PX) // 2,
            card.top() + _PADDING_PX,
            THUMBNAIL_PX,
            THUMBNAIL_PX,
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_card(painter, card, option.state, shades)
        _paint_thumbnail(painter, picture, index.data(THUMBNAIL_ROLE), shades)
        _paint_badges(painter, picture, record, shades)
        text = QRect(
            card.left() + _PADDING_PX + 2,
            picture.bottom() + _GAP_PX,
            card.width() - 2 * _PADDING_PX - 4,
            card.bottom() - picture.bottom() - _GAP_PX,
        )
        _paint_text(painter, text, record, shades)
        painter.restore()


def _paint_card(painter: QPainter, card: QRect, state: QStyle.StateFlag, shades: Colours) -> None:
    is_selected = bool(state & QStyle.StateFlag.State_Selected)
    is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    ground = shades.selection if is_selected else shades.hover if is_hovered else shades.base
    edge = shades.accent if is_selected else shades.border
    painter.setPen(QPen(QColor(edge), 1))
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(card.adjusted(0, 0, -1, -1), 6, 6)


def _paint_thumbnail(
    painter: QPainter, place: QRect, image: QImage | None, shades: Colours
) -> None:
    if image is None:
        painter.fillRect(place, QColor(shades.window))
        return
    if image.isNull():
        painter.fillRect(place, QColor(shades.soft_ng))
        icon_px = 32
        corner = place.center() - QRect(0, 0, icon_px, icon_px).center()
        painter.drawPixmap(corner, tinted_pixmap("warning", icon_px, QColor(shades.ng)))
        return
    size = image.size()
    if size.width() > place.width() or size.height() > place.height():
        size = size.scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRect(place.topLeft(), size)
    target.moveCenter(place.center())
    painter.drawImage(target, image)


def _paint_badges(painter: QPainter, place: QRect, record: ImageRecord, shades: Colours) -> None:
    if record.split is not Split.NONE:
        _paint_pill(painter, place, split_name(record.split), shades, Qt.AlignmentFlag.AlignTop)
    if record.region_count:
        _paint_pill(
            painter, place, f"▣ {record.region_count}", shades, Qt.AlignmentFlag.AlignBottom
        )
    if record.verdict is not None:
        _paint_verdict(painter, place, record.verdict, shades)


def _paint_pill(
    painter: QPainter, place: QRect, text: str, shades: Colours, edge: Qt.AlignmentFlag
) -> None:
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    is_top = edge is Qt.AlignmentFlag.AlignTop
    top = place.top() + _GAP_PX if is_top else place.bottom() - _BADGE_PX - _GAP_PX
    pill = QRect(place.left() + _GAP_PX, top, width, _BADGE_PX)
    ground = QColor(shades.base)
    ground.setAlpha(225)
    painter.setPen(QColor(shades.border))
    painter.setBrush(ground)
    painter.drawRoundedRect(pill, 4, 4)
    painter.setPen(QColor(shades.text))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


def _paint_verdict(painter: QPainter, place: QRect, verdict: ImageVerdict, shades: Colours) -> None:
    name = {
        ImageVerdict.OK: shades.ok,
        ImageVerdict.NG: shades.ng,
        ImageVerdict.UNSURE: shades.review,
    }[verdict]
    side = _BADGE_PX + 6
    badge = QRect(place.right() - side - _GAP_PX + 1, place.top() + _GAP_PX, side, side)
    ground = QColor(shades.base)
    ground.setAlpha(235)
    painter.setPen(QColor(shades.border))
    painter.setBrush(ground)
    painter.drawRoundedRect(badge, 4, 4)
    ratio = painter.device().devicePixelRatioF()
    pixmap = tinted_pixmap(_ICON_OF_VERDICT[verdict], _BADGE_PX, QColor(name), ratio)
    painter.drawPixmap(badge.left() + 3, badge.top() + 3, pixmap)


def _paint_text(painter: QPainter, place: QRect, record: ImageRecord, shades: Colours) -> None:
    metrics = painter.fontMetrics()
    line = metrics.height()
    first = QRect(place.left(), place.top(), place.width(), line)
    second = first.translated(0, line)
    painter.setPen(QColor(shades.text))
    name = metrics.elidedText(record.name, Qt.TextElideMode.ElideMiddle, place.width())
    painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, name)
    is_suspect = bool(record.defect_type) and record.defect_type != GOOD
    painter.setPen(QColor(shades.ng if is_suspect else shades.muted))
    kind = defect_type_name(record.defect_type) if record.defect_type else record.folder
    kind = metrics.elidedText(kind, Qt.TextElideMode.ElideMiddle, place.width())
    painter.drawText(second, Qt.AlignmentFlag.AlignVCenter, kind)
