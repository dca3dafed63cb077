"""Which part of the image a click model should look at, given what the canvas shows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from inspector_app.domain.geometry import Box
from inspector_app.domain.looking import hull, view_to_encode

if TYPE_CHECKING:
    from inspector_app.ui.canvas.view import Canvas


def part_to_encode(canvas: "Canvas", *prompted: Box) -> Box | None:
    """Return the part that holds what is visible and what was prompted; None for the whole."""
    size = canvas.image_size
    visible = canvas.viewport.rect_to_image(QRectF(canvas.rect()))
    box = Box.around((visible.left(), visible.top()), (visible.right(), visible.bottom())).clipped(
        size.width(), size.height()
    )
    if box is None:
        return None
    return view_to_encode(hull(box, *prompted), size.width(), size.height())
