"""Masks, boxes and polygons as painter paths."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF

from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask, Polygon
from inspector_app.domain.opencv import cv2

OUTLINE_PX = 2
_COARSE_TOLERANCE_PX = 0.75
_LARGEST_TRACED_PX = 2**22
_LONGEST_TRACED = 12_000
"""Of the run lengths' text: as many characters as there are crossings of the outline, or so."""


class Outline:
    """The outline of a region at two levels of detail, each made when first needed."""

    def __init__(self, shape: Mask | Box) -> None:
        self._shape = shape

    @cached_property
    def heavy(self) -> Mask | None:
        """The mask, if tracing it would hold the window up; None of all others.

        It is painted as pixels: traced, a large one would take seconds and gigabytes.
        """
        if not isinstance(self._shape, Mask) or self._shape.box is None:
            return None
        is_large = self._shape.box.area > _LARGEST_TRACED_PX
        return self._shape if is_large or len(self._shape.counts) > _LONGEST_TRACED else None

    def holds(self, x: float, y: float) -> bool:
        """Tell whether the pixel at an image position belongs to it; holes do not."""
        if self.heavy is None:
            return self.exact.contains(QPointF(x, y))
        pixel = Box(int(x), int(y), int(x) + 1, int(y) + 1)
        return bool(self.heavy.crop(pixel).any())

    @cached_property
    def exact(self) -> QPainterPath:
        """Along the pixels' edges; filled even-odd it covers exactly the region's pixels."""
        if isinstance(self._shape, Box):
            return box_path(self._shape)
        return polygon_path(self._shape.to_polygons())

    @cached_property
    def coarse(self) -> QPainterPath:
        """At most some 1.3 px off, with a tenth of the vertices: for less than 100 %."""
        if isinstance(self._shape, Box):
            return self.exact
        return polygon_path(_coarse_polygons(self._shape))

    def at_scale(self, scale: float) -> QPainterPath:
        """Return the one to paint; a few hundred exact ones would make zooming out slow."""
        return self.exact if scale >= 1.0 else self.coarse


def _coarse_polygons(mask: Mask) -> list[Polygon]:
    if (box := mask.box) is None:
        return []
    crop = mask.crop(box).view(np.uint8)
    found, _ = cv2.findContours(crop, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    corner = np.array([box.left, box.top], np.float64)
    return [_thinned(np.asarray(contour, np.int32)) + corner for contour in found]


def _thinned(contour: NDArray[np.int32]) -> Polygon:
    left, top, width, height = cv2.boundingRect(contour)
    if min(width, height) == 1:
        # A speck or a straight scratch one pixel wide has a contour without area.
        right, bottom = left + width, top + height
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return np.array(corners, np.float64)
    thinned = cv2.approxPolyDP(contour, _COARSE_TOLERANCE_PX, True)
    # OpenCV's contours run through the middle of the pixels.
    return thinned[:, 0, :].astype(np.float64) + 0.5


def polygon_path(polygons: Sequence[Polygon]) -> QPainterPath:
    """Return closed outlines; filled, holes stay open (even-odd)."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for polygon in polygons:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in polygon.tolist()]))
        path.closeSubpath()
    return path


def box_path(box: Box) -> QPainterPath:
    path = QPainterPath()
    path.addRect(box_rect(box))
    return path


def box_rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)


def outline_pen(colour: QColor, width_px: float = OUTLINE_PX) -> QPen:
    """Return a pen of the same width at every zoom."""
    pen = QPen(colour, width_px)
    pen.setCosmetic(True)
    # Round joins take four times as long on the many small steps of a pixel outline.
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    return pen


def translucent(colour: QColor, alpha_01: float) -> QColor:
    result = QColor(colour)
    result.setAlphaF(alpha_01)
    return result
