"""How drafts look: dashed, so that nobody takes them for regions."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from inspector_app.domain.annotation import DefectClass
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.outlines import OUTLINE_PX, outline_pen, translucent
from inspector_app.ui.canvas.tags import paint_tag, place_tag, tag_size
from inspector_app.ui.canvas.viewport import Viewport

_NO_CLASS_COLOUR = "#E69F00"
_DASHES = [3.0, 2.0]


def class_colour(defect_class: DefectClass | None) -> QColor:
    """Return the colour of a class, or of what has none yet."""
    return QColor(defect_class.colour if defect_class else _NO_CLASS_COLOUR)


def paint_drafts(
    painter: QPainter,
    viewport: Viewport,
    drafts: Sequence[Draft],
    *,
    colour_of: Callable[[Draft], QColor],
    joined: Sequence[Draft],
    hovered: Draft | None,
) -> None:
    """Paint in widget coordinates; joined ones have a line without gaps."""
    dark = outline_pen(QColor(0, 0, 0, 170), OUTLINE_PX + 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(viewport.transform, True)
    for draft in drafts:
        colour = colour_of(draft)
        is_lit = draft is hovered or draft in joined
        painter.setBrush(translucent(colour, 0.4) if is_lit else QBrush(Qt.BrushStyle.NoBrush))
        painter.setPen(dark)
        painter.drawPath(draft.outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_line(colour, is_solid=draft in joined))
        painter.drawPath(draft.outline)
    painter.restore()


def paint_draft_tags(
    painter: QPainter,
    viewport: Viewport,
    tags: Sequence[tuple[Draft, str]],
    *,
    colour_of: Callable[[Draft], QColor],
) -> None:
    """Paint a word beside each draft, in widget coordinates, where there is room for it."""
    room = QRectF(painter.viewport())
    metrics = QFontMetricsF(painter.font())
    taken: list[QRectF] = []
    for draft, text in tags:
        box = viewport.transform.mapRect(draft.outline.boundingRect())
        place = place_tag(box, tag_size(text, metrics), room, taken)
        if place is not None and box.intersects(room):
            paint_tag(painter, place, text, colour_of(draft))
            taken.append(place)


def _line(colour: QColor, *, is_solid: bool) -> QPen:
    pen = outline_pen(colour.lighter(130))
    if not is_solid:
        pen.setDashPattern(_DASHES)
    return pen
