"""Regions as shapes: outlines, hits and what has changed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PySide6.QtGui import QColor, QImage, QPainter

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.document import Document
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.ui.canvas.outlines import Outline
from inspector_app.ui.canvas.shapes import Shapes

CLASSES = [DefectClass(1, "scratch", "#E69F00"), DefectClass(2, "dent", "#56B4E9")]
masks = npst.arrays(np.bool_, (9, 12)).filter(lambda array: bool(array.any()))


def region(name: str, mask: Mask, class_id: int = 1) -> Region:
    assert mask.box is not None
    return Region(name, class_id, mask.box, mask, Author.HAND)


def shapes_of(*regions: Region) -> Shapes:
    shapes = Shapes()
    shapes.set_document(Document(1, regions), CLASSES)
    return shapes


def square(box: Box) -> Mask:
    return Mask.from_box(box, height=60, width=80)


@given(masks)
def test_that_a_filled_exact_outline_covers_the_masks_pixels(array: BoolArray) -> None:
    image = QImage(array.shape[1], array.shape[0], QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.fillPath(Outline(Mask.from_array(array)).exact, QColor("white"))
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(array.shape[0], -1)
    assert np.array_equal(rows[:, : array.shape[1]] == 255, array)


@given(masks, st.integers(0, 11), st.integers(0, 8))
def test_that_a_shape_holds_exactly_its_pixels(array: BoolArray, x: int, y: int) -> None:
    shapes = shapes_of(region("a", Mask.from_array(array)))
    shape = shapes.get("a")
    assert shape is not None
    assert shape.holds(x + 0.5, y + 0.5) == array[y, x]


@given(masks)
def test_that_the_coarse_outline_keeps_to_the_box_of_the_mask(array: BoolArray) -> None:
    mask = Mask.from_array(array)
    box = mask.box
    assert box is not None
    bounds = Outline(mask).coarse.boundingRect()
    assert abs(bounds.left() - box.left) <= 1.3 and abs(bounds.right() - box.right) <= 1.3
    assert abs(bounds.top() - box.top) <= 1.3 and abs(bounds.bottom() - box.bottom) <= 1.3


def test_that_the_topmost_of_two_shapes_is_hit() -> None:
    shapes = shapes_of(
        region("below", square(Box(10, 10, 40, 40))), region("above", square(Box(20, 20, 30, 30)))
    )
    hit = shapes.topmost_at(25.5, 25.5, 1.0)
    assert hit is not None
    assert hit.region.id == "above"


def test_that_a_hole_lets_the_shape_below_be_hit() -> None:
    ring = square(Box(10, 10, 40, 40)).to_array()
    ring[20:30, 20:30] = False
    shapes = shapes_of(
        region("below", square(Box(0, 0, 50, 50))), region("ring", Mask.from_array(ring))
    )
    hit = shapes.topmost_at(25.5, 25.5, 1.0)
    assert hit is not None
    assert hit.region.id == "below"


def test_that_a_tiny_shape_is_hit_from_close_by_when_zoomed_out() -> None:
    shapes = shapes_of(region("dot", square(Box(40, 40, 42, 42))))
    assert shapes.topmost_at(46.0, 41.0, 0.5) is not None
    assert shapes.topmost_at(46.0, 41.0, 8.0) is None


def test_that_only_what_changed_is_reported() -> None:
    kept, gone = region("kept", square(Box(0, 0, 5, 5))), region("gone", square(Box(9, 9, 20, 20)))
    new = region("new", square(Box(30, 30, 35, 35)), class_id=2)
    shapes = shapes_of(kept, gone)
    boxes = shapes.set_document(Document(1, (kept, new)), CLASSES)
    assert set(boxes) == {Box(9, 9, 20, 20), Box(30, 30, 35, 35)}


def test_that_another_colour_of_a_class_changes_its_shapes() -> None:
    shapes = shapes_of(region("a", square(Box(0, 0, 5, 5))))
    document = Document(1, (region("a", square(Box(0, 0, 5, 5))),))
    boxes = shapes.set_document(document, [DefectClass(1, "scratch", "#000000")])
    assert set(boxes) == {Box(0, 0, 5, 5)}
