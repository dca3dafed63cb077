"""How drafts look: dashed, so that nobody takes them for regions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from inspector_app.domain.annotation import DefectClass
from inspector_app.ui.canvas.draft_making import Draft
from inspector_app.ui.canvas.layer import Layer
from inspector_app.ui.canvas.outlines import OUTLINE_PX, outline_pen, translucent
from inspector_app.ui.canvas.tags import paint_tag, place_tag, tag_size
from inspector_app.ui.canvas.viewport import Viewport

_NO_CLASS_COLOUR = "#E69F00"
_DASHES = [3.0, 2.0]


def class_colour(defect_class: DefectClass | None) -> QColor:
    """Return the colour of a class, or of what has none yet."""
    return QColor(defect_class.colour if defect_class else _NO_CLASS_COLOUR)


_Coloured = tuple[Draft, int]
"""A draft and its colour as RGB."""


@dataclass(frozen=True, slots=True)
class _View:
    """How drafts are seen, but for the one under the mouse."""

    viewport: Viewport
    joined: tuple[Draft, ...]


class DraftPainting:
    """Paints drafts once for each view of them; only the one under the mouse follows it."""

    def __init__(self) -> None:
        self._layer: Layer[_Coloured] = Layer(_paint_resting)

    def paint(
        self,
        painter: QPainter,
        viewport: Viewport,
        size: QSize,
        drafts: Sequence[Draft],
        *,
        colour_of: Callable[[Draft], QColor],
        joined: Sequence[Draft],
        hovered: Draft | None,
    ) -> bool:
        """Paint over a widget of a size; tell whether all are there, else paint again.

        Joined drafts have a line without gaps.
        """
        coloured = [(draft, colour_of(draft).rgb()) for draft in drafts]
        is_complete = self._layer.paint(painter, size, coloured, _View(viewport, tuple(joined)))
        if hovered is not None and hovered not in joined:
            colour = colour_of(hovered)
            _paint_draft(painter, viewport, hovered, colour, is_lit=True, is_solid=False)
        return is_complete


def _paint_resting(painter: QPainter, coloured: _Coloured, view: _View) -> None:
    draft, rgb = coloured
    is_joined = draft in view.joined
    _paint_draft(painter, view.viewport, draft, QColor(rgb), is_lit=is_joined, is_solid=is_joined)


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
