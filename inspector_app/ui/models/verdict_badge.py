"""OK, NG and review as a badge: shape, word and colour, so that no one depends on colour."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inspector_app.domain.decision import Verdict
from inspector_app.domain.jobs import ResultRecord
from inspector_app.ui.icons import tinted_pixmap
from inspector_app.ui.models.results_table import RESULT_ROLE, VERDICT_ROLE
from inspector_app.ui.theme import Colours, colours
from inspector_app.ui.wording import verdict_name

_ICONS = {Verdict.OK: "ok", Verdict.NG: "ng", Verdict.REVIEW: "unsure"}
_GAP_PX = 6


def soft_colour(verdict: Verdict, shades: Colours) -> QColor:
    names = {
        Verdict.OK: shades.soft_ok,
        Verdict.NG: shades.soft_ng,
        Verdict.REVIEW: shades.soft_review,
    }
    return QColor(names[verdict])


class VerdictDelegate(QStyledItemDelegate):
    """Paints a row's verdict."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        # The ground (hover, selection) is the style's; only the text is ours.
        self.initStyleOption(option, index)
        option.text = ""
        option.widget.style().drawControl(
            option.widget.style().ControlElement.CE_ItemViewItem, option, painter, option.widget
        )
        result: ResultRecord = index.data(RESULT_ROLE)
        verdict: Verdict = index.data(VERDICT_ROLE)
        place = option.rect.adjusted(_GAP_PX, 0, 0, 0)
        icon_name = _ICONS[verdict] if result.is_judged else "warning"
        _paint_verdict(painter, place, icon_name, verdict, option.font)


def _paint_verdict(
    painter: QPainter, place: QRect, icon_name: str, verdict: Verdict, font: QFont
) -> None:
    colour = colours().of_verdict(verdict)
    side = min(16, place.height())
    top = place.top() + (place.height() - side) // 2
    ratio = painter.device().devicePixelRatioF()
    painter.save()
    painter.drawPixmap(place.left(), top, tinted_pixmap(icon_name, side, colour, ratio))
    bold = QFont(font)
    bold.setBold(True)
    painter.setFont(bold)
    painter.setPen(colour)
    text_place = place.adjusted(side + 5, 0, 0, 0)
    painter.drawText(text_place, Qt.AlignmentFlag.AlignVCenter, verdict_name(verdict))
    painter.restore()


class VerdictBadge(QWidget):
    """The verdict of one image, large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict: Verdict | None = None
        self._detail = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def verdict(self) -> Verdict | None:
        return self._verdict

    @property
    def detail(self) -> str:
        return self._detail

    def set_verdict(self, verdict: Verdict | None, detail: str = "") -> None:
        """Show a verdict and, smaller, what it rests on."""
        self._verdict = verdict
        self._detail = detail
        self.setAccessibleName(verdict_name(verdict) if verdict else "")
        self.setVisible(verdict is not None)
        self.updateGeometry()
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        if self._verdict is None:
            return QSize(0, 0)
        word = QFontMetrics(self._word_font()).horizontalAdvance(verdict_name(self._verdict))
        detail = self.fontMetrics().horizontalAdvance(self._detail)
        side = self._icon_px()
        gap = 10 if self._detail else 0
        return QSize(12 + side + 8 + word + gap + detail + 14, side + 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._verdict is None:
            return
        shades = colours(self.palette())
        colour = shades.of_verdict(self._verdict)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour)
        painter.setBrush(soft_colour(self._verdict, shades))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        side = self._icon_px()
        pixmap = tinted_pixmap(_ICONS[self._verdict], side, colour, self.devicePixelRatioF())
        painter.drawPixmap(12, (self.height() - side) // 2, pixmap)
        self._paint_words(painter, 12 + side + 8, colour, QColor(shades.text))
        painter.end()

    def _paint_words(self, painter: QPainter, left: int, colour: QColor, text: QColor) -> None:
        assert self._verdict is not None
        word = verdict_name(self._verdict)
        painter.setFont(self._word_font())
        painter.setPen(colour)
        width = painter.fontMetrics().horizontalAdvance(word)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRect(left, 0, width + 4, self.height()), flags, word)
        painter.setFont(self.font())
        painter.setPen(text)
        rest = QRect(left + width + 10, 0, self.width(), self.height())
        painter.drawText(rest, flags, self._detail)

    def _word_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        return font

    def _icon_px(self) -> int:
        return QFontMetrics(self._word_font()).height()
