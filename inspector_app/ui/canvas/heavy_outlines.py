"""Regions too large or too ragged to be traced: painted as pixels, as far as they are seen."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.ui.canvas.arrays import Pixels, writable_index_view

_INSIDE, _LINE, _RIM = 1, 2, 3
_NEIGHBOURS = np.ones((3, 3), np.uint8)
_NOTHING = QColor(0, 0, 0, 0)


@dataclass(frozen=True)
class Look:
    """Colours of a region's inside, of the line around it and of what sets the line off."""

    fill: QColor | None
    line: QColor
    rim: QColor | None = None


def paint_heavy(painter: QPainter, mask: Mask, look: Look) -> None:
    """Paint what the painter's clip lets through; the cost follows that, not the mask's size.

    The painter is in image coordinates. A pixel of what is painted is about one of the screen,
    or, enlarged, one of the image.
    """
    step = max(1, math.floor(1.0 / painter.worldTransform().m11()))
    box = _visible(painter.clipBoundingRect(), mask, step)
    if box is None:
        return
    kinds = _kinds(mask.crop(box, step=step).view(np.uint8))
    height, width = kinds.shape
    image = QImage(width, height, QImage.Format.Format_Indexed8)
    colours = (_NOTHING, look.fill or _NOTHING, look.line, look.rim or _NOTHING)
    image.setColorTable([colour.rgba() for colour in colours])
    writable_index_view(image)[:] = kinds
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QRectF(box.left, box.top, width * step, height * step), image)


def _visible(exposed: QRectF, mask: Mask, step: int) -> Box | None:
    """Return the part to be painted, with what lies around the region and the room for its line.

    It begins at whole steps, so that partial repaints leave no seams.
    """
    room = exposed.toAlignedRect()
    if mask.box is None or room.isEmpty():
        return None
    around, margin = mask.box, 2 * step
    left = max(room.left() - margin, around.left - margin) // step * step
    top = max(room.top() - margin, around.top - margin) // step * step
    right = min(room.left() + room.width(), around.right) + margin
    bottom = min(room.top() + room.height(), around.bottom) + margin
    if left >= right or top >= bottom:
        return None
    return Box(left, top, right, bottom).clipped(mask.width, mask.height)


def _kinds(is_set: Pixels) -> Pixels:
    """Return which pixels are inside, on the line and around it."""
    inside = np.asarray(cv2.erode(is_set, _NEIGHBOURS), np.uint8)
    line = is_set - inside
    around = np.asarray(cv2.dilate(line, _NEIGHBOURS), np.uint8)
    # Without a rim's colour its pixels inside would be a gap between line and filling.
    kinds = np.where(around & (1 - is_set), _RIM, inside * _INSIDE)
    return np.where(line, _LINE, kinds).astype(np.uint8)
