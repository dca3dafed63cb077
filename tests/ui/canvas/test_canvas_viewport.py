"""Zoom and place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSize

from inspector_app.ui.canvas.viewport import MAX_SCALE, Viewport

IMAGE = QSize(400, 300)
WIDGET = QSize(800, 500)
offsets = st.floats(-3000, 3000)
viewports = st.builds(Viewport, scale=st.floats(0.05, 60), left=offsets, top=offsets)
positions = st.builds(QPointF, st.floats(0, 800), st.floats(0, 500))


@given(viewports, positions, st.floats(0.05, 60))
def test_that_zooming_keeps_the_image_point_under_the_cursor(
    viewport: Viewport, cursor: QPointF, scale: float
) -> None:
    zoomed = viewport.zoomed(scale, cursor, IMAGE)
    there = zoomed.to_widget(*viewport.to_image(cursor))
    assert (there - cursor).manhattanLength() < 1e-6


@given(viewports, positions)
def test_that_widget_and_image_positions_are_each_others_inverse(
    viewport: Viewport, position: QPointF
) -> None:
    there = viewport.to_widget(*viewport.to_image(position))
    assert (there - position).manhattanLength() < 1e-6


@given(viewports)
def test_that_some_of_the_image_stays_in_sight(viewport: Viewport) -> None:
    kept = viewport.kept_in_sight(IMAGE, WIDGET)
    image = kept.rect_to_widget(QRectF(0, 0, IMAGE.width(), IMAGE.height()))
    seen = image.intersected(QRectF(0, 0, WIDGET.width(), WIDGET.height()))
    least = min(40.0, image.width(), image.height()) * 0.99
    assert min(seen.width(), seen.height()) >= least


def test_that_fitting_shows_the_whole_image_in_the_middle() -> None:
    viewport = Viewport.fitting(IMAGE, WIDGET)
    image = viewport.rect_to_widget(QRectF(0, 0, IMAGE.width(), IMAGE.height()))
    assert QRectF(0, 0, WIDGET.width(), WIDGET.height()).contains(image)
    assert image.center() == QPointF(400, 250)


@pytest.mark.parametrize(("asked", "given_scale"), [(1e9, MAX_SCALE), (1e-9, 16 / 400)])
def test_that_the_zoom_has_bounds(asked: float, given_scale: float) -> None:
    assert Viewport().zoomed(asked, QPointF(0, 0), IMAGE).scale == pytest.approx(given_scale)
