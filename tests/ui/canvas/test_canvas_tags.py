"""Where the tag of a region goes."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF

from inspector_app.ui.canvas.tags import place_tag

ROOM = QRectF(0, 0, 600, 400)
TAG = QSizeF(90, 18)
boxes = st.builds(
    QRectF, st.floats(-50, 600), st.floats(-50, 400), st.floats(1, 700), st.floats(1, 500)
)
small_boxes = st.builds(
    QRectF, st.floats(0, 590), st.floats(0, 390), st.floats(1, 40), st.floats(1, 40)
)


@given(small_boxes)
def test_that_the_tag_of_a_small_defect_is_beside_it_and_in_view(box: QRectF) -> None:
    place = place_tag(box, TAG, ROOM, [box])
    assert place is not None
    assert ROOM.contains(place)
    assert not place.intersects(box)


@given(boxes, st.lists(small_boxes, max_size=12))
def test_that_no_tag_lies_on_another_small_defect(box: QRectF, others: list[QRectF]) -> None:
    place = place_tag(box, TAG, ROOM, others)
    assert place is None or not any(place.intersects(other) for other in others)


def test_that_a_tag_without_a_free_place_is_left_out() -> None:
    assert place_tag(QRectF(10, 10, 5, 5), TAG, ROOM, [ROOM]) is None
