"""How drafts look: dashed, so that nobody takes them for regions."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from inspector_app.domain.annotation import DefectClass
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.layer import Layer
from inspector_app.ui.canvas.outlines import OUTLINE_PX, outline_pen, translucent
from inspector_app.ui.canvas.viewport import Viewport

_NO_CLASS_COLOUR = "#E69F00"
_DASHES = [3.0, 2.0]


@dataclass(frozen=True, slots=True)
class _View:
    """How drafts are seen, but for the one under the mouse."""

    viewport: Viewport
    rgb: int
    joined: tuple[Draft, ...]


class DraftPainting:
    """Paints drafts once for each view of them; only the one under the mouse follows it."""

    def __init__(self) -> None:
        self._layer: Layer[Draft] = Layer(_paint_resting)

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        size: QSize,
        defect_class: DefectClass | None,
        drafts: Sequence[Draft],
        *,
        joined: Sequence[Draft],
        hovered: Draft | None,
    ) -> bool:
        """Paint over a widget of a size; tell whether all are there, else paint again.

        Joined drafts have a line without gaps.
        """
        colour = QColor(defect_class.colour if defect_class else _NO_CLASS_COLOUR)
        view = _View(viewport, colour.rgb(), tuple(joined))
        is_complete = self._layer.paint(painter, size, drafts, view)
        if hovered is not None and hovered not in joined:
            _paint_draft(painter, viewport, hovered, colour, is_lit=True, is_solid=False)
        return is_complete


def _paint_resting(painter: QPainter, draft: Draft, view: _View) -> None:
    is_joined = draft in view.joined
    _paint_draft(
        painter, view.viewport, draft, QColor(view.rgb), is_lit=is_joined, is_solid=is_joined
    )


def _paint_draft(
    painter: QPainter,
    viewport: Viewport,
    draft: Draft,
    colour: QColor,
    *,
    is_lit: bool,
    is_solid: bool,
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(viewport.transform, True)
    painter.setBrush(translucent(colour, 0.4) if is_lit else QBrush(Qt.BrushStyle.NoBrush))
    painter.setPen(outline_pen(QColor(0, 0, 0, 170), OUTLINE_PX + 2))
    painter.drawPath(draft.outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_line(colour, is_solid=is_solid))
    painter.drawPath(draft.outline)
    painter.restore()


def _line(colour: QColor, *, is_solid: bool) -> QPen:
    pen = outline_pen(colour.lighter(130))
    if not is_solid:
        pen.setDashPattern(_DASHES)
    return pen
