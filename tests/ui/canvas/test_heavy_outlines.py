"""Regions that are painted as pixels look like those that are traced."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas import outlines
from inspector_app.ui.canvas.arrays import rgb_view
from inspector_app.ui.canvas.heavy_outlines import Look, paint_heavy
from inspector_app.ui.canvas.outlines import Outline
from inspector_app.ui.canvas.tools import outline_handles
from inspector_app.ui.canvas.tools.outline_handles import OutlineHandles

WIDTH, HEIGHT = 400, 300
FILL, LINE, RIM = QColor(0, 200, 0), QColor(250, 0, 0), QColor(0, 0, 250)
LOOK = Look(FILL, LINE, RIM)


def ring() -> Mask:
    """A disc with a hole, off the middle and touching the right edge of the image."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    distance = np.hypot(x - 300, y - 150)
    return Mask.from_array((distance < 110) & (distance > 40))


def painted(mask: Mask, scale: float, clip: QRectF | None = None) -> np.ndarray:
    """Return RGB pixels of the whole image, black where nothing is painted."""
    image = QImage(round(WIDTH * scale), round(HEIGHT * scale), QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(image)
    painter.setClipRect(clip or QRectF(image.rect()))
    painter.scale(scale, scale)
    paint_heavy(painter, mask, LOOK)
    painter.end()
    return rgb_view(image).copy()


def colour_at(pixels: np.ndarray, scale: float, x: float, y: float) -> QColor:
    return QColor(*pixels[int(y * scale), int(x * scale)].tolist())


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.0, 3.0])
def test_that_inside_hole_and_outside_are_where_they_are(qtbot: QtBot, scale: float) -> None:
    pixels = painted(ring(), scale)
    assert colour_at(pixels, scale, 300 - 75, 150) == FILL
    assert colour_at(pixels, scale, 300, 150) == QColor(0, 0, 0)
    assert colour_at(pixels, scale, 100, 150) == QColor(0, 0, 0)


def test_that_the_line_lies_on_the_outermost_pixels_and_the_rim_around_them(qtbot: QtBot) -> None:
    pixels = painted(ring(), 1.0)
    row = [QColor(*pixel) for pixel in pixels[150, 186:196].tolist()]
    first = row.index(LINE)
    assert ring().to_array()[150, 186 + first] and not ring().to_array()[150, 185 + first]
    assert row[first - 1] == RIM
    assert row[first + 1] == FILL


def test_that_no_line_is_drawn_along_the_edge_of_the_image(qtbot: QtBot) -> None:
    assert colour_at(painted(ring(), 1.0), 1.0, WIDTH - 1, 150) == FILL


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_that_partial_repaints_leave_no_seams(qtbot: QtBot, scale: float) -> None:
    mask = ring()
    whole = painted(mask, scale)
    middle = whole.shape[1] // 2 + 3
    left = painted(mask, scale, QRectF(0, 0, middle, whole.shape[0]))
    right = painted(mask, scale, QRectF(middle, 0, whole.shape[1] - middle, whole.shape[0]))
    assert np.array_equal(np.where(left.any(axis=2, keepdims=True), left, right), whole)


def test_that_nothing_is_painted_where_the_region_is_not(qtbot: QtBot) -> None:
    assert not painted(ring(), 1.0, QRectF(0, 0, 100, 100)).any()
    assert not painted(Mask.empty(height=HEIGHT, width=WIDTH), 1.0).any()


@pytest.mark.parametrize("limit", ["_LARGEST_TRACED_PX", "_LONGEST_TRACED"])
def test_that_large_and_ragged_masks_are_not_traced(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    assert Outline(ring()).heavy is None
    monkeypatch.setattr(outlines, limit, 10)
    heavy = Outline(ring())
    assert heavy.heavy == ring()
    assert heavy.holds(225.5, 150.5) and not heavy.holds(300.5, 150.5)


@pytest.mark.parametrize("limit", ["_TRACED_PX", "_MOST_CROSSINGS"])
def test_that_corners_of_large_and_ragged_masks_are_those_of_fewer_pixels(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    exact = OutlineHandles(ring()).outlines
    monkeypatch.setattr(outline_handles, limit, 300)
    rough = OutlineHandles(ring()).outlines
    assert len(rough) == len(exact) == 2
    for one, other in zip(rough, exact, strict=True):
        assert np.abs(one.min(axis=0) - other.min(axis=0)).max() < 16


def test_that_a_corner_moved_on_a_large_mask_leaves_the_rest_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outline_handles, "_TRACED_PX", 300)
    handles = OutlineHandles(ring())
    corner = handles.corner_at(*handles.outlines[0][0], reach_px=5)
    assert corner is not None
    before = ring().to_array()
    place = handles.outlines[0][0] + (-15, -15)
    handles.move(corner, float(place[0]), float(place[1]))
    changed = handles.mask().to_array() != before
    rows, columns = np.nonzero(changed)
    assert 0 < changed.sum() < 0.2 * before.sum()
    assert min(np.ptp(rows), np.ptp(columns)) < 200
