"""How drafts look: dashed, so that nobody takes them for regions."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from inspector_app.domain.annotation import DefectClass
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.outlines import OUTLINE_PX, outline_pen, translucent
from inspector_app.ui.canvas.viewport import Viewport

_NO_CLASS_COLOUR = "#E69F00"
_DASHES = [3.0, 2.0]


def paint_drafts(
    painter: QPainter,
    viewport: Viewport,
    defect_class: DefectClass | None,
    drafts: Sequence[Draft],
    *,
    joined: Sequence[Draft],
    hovered: Draft | None,
) -> None:
    """Paint in widget coordinates; joined ones have a line without gaps."""
    colour = QColor(defect_class.colour if defect_class else _NO_CLASS_COLOUR)
    dark = outline_pen(QColor(0, 0, 0, 170), OUTLINE_PX + 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(viewport.transform, True)
    for draft in drafts:
        is_lit = draft is hovered or draft in joined
        painter.setBrush(translucent(colour, 0.4) if is_lit else QBrush(Qt.BrushStyle.NoBrush))
        painter.setPen(dark)
        painter.drawPath(draft.outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_line(colour, is_solid=draft in joined))
        painter.drawPath(draft.outline)
    painter.restore()


def _line(colour: QColor, *, is_solid: bool) -> QPen:
    pen = outline_pen(colour.lighter(130))
    if not is_solid:
        pen.setDashPattern(_DASHES)
    return pen
