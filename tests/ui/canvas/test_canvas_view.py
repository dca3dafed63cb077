"""The canvas as a widget: what it paints, how it zooms, that it repaints enough."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.geometry import Box
from inspector_app.domain.halving import halvings_for
from inspector_app.domain.mask import Mask
from inspector_app.ui.canvas.adjustment import Adjustment
from inspector_app.ui.canvas.arrays import Pixels, rgb_image, rgb_view, writable_rgb_view
from inspector_app.ui.canvas.shapes import RegionDisplay
from inspector_app.ui.canvas.view import Canvas

WIDTH, HEIGHT = 300, 200
CLASSES = [DefectClass(1, "scratch", "#E69F00")]


@pytest.fixture
def photo() -> Pixels:
    return np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture
def canvas(photo: Pixels, qtbot: QtBot) -> Canvas:
    """Shown, 640 × 480, with the photo fitted into it."""
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(640, 480)
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.set_image(rgb_image(photo))
    return canvas


def painted(canvas: Canvas) -> Pixels:
    """Return (H, W, 3) of what is on the screen."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    return rgb_view(image).copy()


def looks_like_painted_afresh(canvas: Canvas) -> bool:
    shown = painted(canvas).astype(int)
    canvas._backdrop.invalidate()
    # Qt rounds smoothed pixels one level up or down, by where it starts.
    return bool(np.abs(shown - painted(canvas)).max() <= 1)


def region(name: str, box: Box) -> Region:
    mask = Mask.from_box(box, height=HEIGHT, width=WIDTH)
    return Region(name, 1, box, mask, Author.HAND)


def wheel(canvas: Canvas, position: QPointF, notches: int) -> None:
    event = QWheelEvent(
        position,
        canvas.mapToGlobal(position),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def part_of_photo(canvas: Canvas, screen: Pixels, scale: int) -> tuple[Pixels, int, int]:
    """Return the pixels of the screen from the first whole image pixel on, and which that is."""
    x, y = (int(np.ceil(v)) for v in canvas.viewport.to_image(QPointF(0, 0)))
    x, y = max(0, x), max(0, y)
    left, top = (round(v) for v in canvas.viewport.to_widget(x, y).toTuple())
    return screen[top : top + 40 * scale, left : left + 60 * scale], x, y


def test_that_at_100_percent_the_screen_shows_the_photos_own_pixels(
    canvas: Canvas, photo: Pixels
) -> None:
    canvas.zoom_to(100)
    shown, x, y = part_of_photo(canvas, painted(canvas), 1)
    assert np.array_equal(shown, photo[y : y + 40, x : x + 60])


def test_that_strong_zoom_shows_square_pixels(canvas: Canvas, photo: Pixels) -> None:
    canvas.zoom_to(400)
    shown, x, y = part_of_photo(canvas, painted(canvas), 4)
    expected = np.kron(photo[y : y + 40, x : x + 60], np.ones((4, 4, 1), np.uint8))
    assert np.array_equal(shown[2::4, 2::4], expected[2::4, 2::4])
    assert len(np.unique(shown[:4, :4].reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("notches", [1, -1, 6])
@pytest.mark.parametrize("place", [(320, 240), (200, 180), (450, 300)])
def test_that_the_wheel_zooms_at_the_cursor(
    canvas: Canvas, place: tuple[int, int], notches: int
) -> None:
    before = canvas.viewport.to_image(QPointF(*place))
    percent = canvas.zoom_percent
    wheel(canvas, QPointF(*place), notches)
    assert canvas.viewport.to_image(QPointF(*place)) == pytest.approx(before)
    assert (canvas.zoom_percent > percent) == (notches > 0)


def test_that_a_fitted_image_is_fitted_again_when_the_canvas_grows(canvas: Canvas) -> None:
    before = canvas.zoom_percent
    canvas.resize(900, 700)
    assert canvas.zoom_percent > before


def test_that_an_image_of_the_same_size_keeps_the_place(canvas: Canvas, photo: Pixels) -> None:
    wheel(canvas, QPointF(100, 200), 5)
    before = canvas.viewport
    canvas.set_image(rgb_image(photo[::-1]))
    assert canvas.viewport == before
    canvas.set_image(rgb_image(photo[:100]))
    assert canvas.viewport != before


STEPS: dict[str, Callable[[Canvas], None]] = {
    "pan": lambda canvas: canvas._navigator.move_by(QPointF(37, -21)),
    "pan back": lambda canvas: canvas._navigator.move_by(QPointF(-60, 44)),
    "pan by half pixels": lambda canvas: canvas._navigator.move_by(QPointF(3.5, 0.25)),
    "add": lambda canvas: canvas.set_regions(
        Document(1, (region("a", Box(40, 30, 90, 80)), region("b", Box(100, 90, 140, 99)))), CLASSES
    ),
    "change": lambda canvas: canvas.set_regions(
        Document(1, (region("a", Box(50, 30, 120, 60)),)), CLASSES
    ),
    "select": lambda canvas: canvas.set_selected("a"),
    "zoom": lambda canvas: canvas.zoom_to(150),
    "fit": lambda canvas: canvas.fit(),
}


@pytest.mark.parametrize(
    "names",
    [
        ("add", "pan", "change", "pan back", "select"),
        ("zoom", "pan", "add", "pan", "change"),
        ("add", "select", "pan by half pixels", "pan", "change"),
        ("zoom", "add", "fit", "pan", "select", "change", "pan back"),
    ],
)
def test_that_repainting_in_parts_looks_like_repainting_everything(
    canvas: Canvas, names: tuple[str, ...]
) -> None:
    for name in names:
        STEPS[name](canvas)
        assert looks_like_painted_afresh(canvas), name


def test_that_edits_between_two_paintings_are_all_painted(canvas: Canvas) -> None:
    painted(canvas)
    for name in ("add", "pan", "change", "pan back"):
        STEPS[name](canvas)
    assert looks_like_painted_afresh(canvas)


def test_that_many_regions_at_once_are_all_painted_in_the_end(canvas: Canvas, qtbot: QtBot) -> None:
    corners = [(x, y) for x in range(10, 130, 12) for y in range(10, 90, 12)]
    regions = [region(f"{x} {y}", Box(x, y, x + 6, y + 6)) for x, y in corners]
    painted(canvas)
    canvas.set_regions(Document(1, tuple(regions)), CLASSES)
    in_parts = painted(canvas)
    canvas._backdrop.invalidate()
    all_at_once = painted(canvas)
    assert (in_parts != all_at_once).any()
    canvas.set_regions(Document(1), CLASSES)
    qtbot.waitUntil(lambda: not np.array_equal(painted(canvas), all_at_once))
    canvas.set_regions(Document(1, tuple(regions)), CLASSES)
    qtbot.waitUntil(lambda: bool(np.abs(painted(canvas).astype(int) - all_at_once).max() <= 1))


def test_that_regions_are_filled_outlined_or_hidden(canvas: Canvas) -> None:
    canvas.zoom_to(100)
    bare = painted(canvas)
    STEPS["add"](canvas)
    inside = canvas.viewport.to_widget(65.5, 55.5).toPoint()
    edge = canvas.viewport.to_widget(40, 55.5).toPoint()

    def differs(place: QPoint) -> bool:
        return bool((painted(canvas) != bare)[place.y(), place.x()].any())

    assert differs(inside) and differs(edge)
    canvas.set_display(RegionDisplay.OUTLINE)
    assert not differs(inside) and differs(edge)
    canvas.set_display(RegionDisplay.HIDDEN)
    assert not differs(inside) and not differs(edge)


def test_that_adjusting_changes_the_view_and_neutral_restores_it(canvas: Canvas) -> None:
    before = painted(canvas)
    canvas.set_adjustment(Adjustment(brightness=60))
    assert painted(canvas).mean() > before.mean()
    canvas.set_adjustment(Adjustment())
    assert np.array_equal(painted(canvas), before)


def test_that_contrast_keeps_the_middle_and_spreads_the_rest() -> None:
    table = Adjustment(contrast=50).table
    assert (table[0], table[255]) == (0, 255)
    assert abs(int(table[127]) - 127) <= 1
    assert int(table[160]) - int(table[140]) == 40


def test_that_an_overlay_covers_the_whole_image_as_strongly_as_asked(canvas: Canvas) -> None:
    canvas.zoom_to(100)
    overlay = QImage(8, 8, QImage.Format.Format_ARGB32)
    overlay.fill(Qt.GlobalColor.red)
    canvas.set_overlay(overlay, 1.0)
    corners = [canvas.viewport.to_widget(x, y).toPoint() for x, y in ((2, 2), (297, 197))]
    for corner in corners:
        assert tuple(painted(canvas)[corner.y(), corner.x()]) == (255, 0, 0)
    canvas.set_overlay(overlay, 0.5)
    assert tuple(painted(canvas)[corners[0].y(), corners[0].x()]) != (255, 0, 0)


def test_that_contours_are_drawn_where_their_vertices_are(canvas: Canvas) -> None:
    canvas.zoom_to(100)
    before = painted(canvas)
    canvas.set_contours([np.array([[50.0, 50.0], [150.0, 50.0], [150.0, 120.0], [50.0, 120.0]])])
    changed = (painted(canvas) != before).any(axis=2)
    top, bottom = (canvas.viewport.to_widget(100, y).toPoint() for y in (50, 85))
    assert changed[top.y(), top.x()]
    assert not changed[bottom.y(), bottom.x()]


def test_that_without_a_tool_a_drag_pans_and_a_click_tells_the_region(
    canvas: Canvas, qtbot: QtBot
) -> None:
    STEPS["add"](canvas)
    before = canvas.viewport
    place = canvas.viewport.to_widget(60, 50).toPoint()
    left = Qt.MouseButton.LeftButton
    with qtbot.waitSignal(canvas.shape_clicked) as clicked:
        qtbot.mousePress(canvas, left, pos=place)
    assert clicked.args == ["a"]
    qtbot.mouseMove(canvas, place + QPoint(30, 10))
    qtbot.mouseRelease(canvas, left, pos=place + QPoint(30, 10))
    assert (canvas.viewport.left - before.left, canvas.viewport.top - before.top) == (30, 10)


def test_that_a_placeholder_stands_in_for_an_image(canvas: Canvas, photo: Pixels) -> None:
    canvas.set_placeholder("cannot be shown")
    assert (canvas.has_image, canvas.placeholder) == (False, "cannot be shown")
    canvas.set_image(rgb_image(photo))
    assert (canvas.has_image, canvas.placeholder) == (True, "")


@pytest.mark.parametrize("image", [None, QImage()])
def test_that_no_image_is_shown_as_none(canvas: Canvas, image: QImage | None) -> None:
    canvas.set_image(image)
    assert not canvas.has_image
    painted(canvas)


def test_that_a_large_image_is_shrunk_by_averaging(canvas: Canvas) -> None:
    # Every second column white: sampling single pixels would show black, white or stripes.
    stripes = np.zeros((2400, 3600, 3), np.uint8)
    stripes[:, ::2] = 255
    canvas.set_image(rgb_image(stripes))
    middle = painted(canvas)[200:280, 250:390]
    assert 120 <= middle.min() <= middle.max() <= 135


def test_that_a_smaller_copy_that_is_there_is_shown_instead(canvas: Canvas) -> None:
    image = rgb_image(np.zeros((2400, 3600, 3), np.uint8))
    canvas.set_image(image)
    halvings = halvings_for(canvas.zoom_percent / 100 * canvas.devicePixelRatioF(), 2400)
    copy = rgb_image(np.full((2400 >> halvings, 3600 >> halvings, 3), 200, np.uint8))
    canvas.set_image(image, {halvings: copy})
    assert painted(canvas)[200:280, 250:390].min() == 200


@pytest.mark.parametrize("width", [16, 17, 18, 19])
def test_that_an_image_of_any_width_can_be_written_through_its_view(width: int) -> None:
    image = QImage(width, 5, QImage.Format.Format_RGB888)
    pixels = np.random.default_rng(2).integers(0, 255, (5, width, 3), np.uint8)
    writable_rgb_view(image)[:] = pixels
    assert np.array_equal(rgb_view(image), pixels)
