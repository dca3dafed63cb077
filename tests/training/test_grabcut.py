"""Clicks without weights, on generated pictures."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray, Mask
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.segmenters.base import Prompts
from training.segmenters.grabcut import GrabCutSegmenter
from training.segmenters.picture import Picture

Prompt = tuple[int, int, int]


class Drawn(Picture):
    """A picture that lies in memory."""

    def __init__(self, rgb: RgbImage, name: str = "drawn.png") -> None:
        super().__init__((Path(name), rgb.size, 0))
        self.__dict__["rgb"] = rgb


def prompts(*points: Prompt, box: Box | None = None, stays_in_box: bool = False) -> Prompts:
    return Prompts(tuple(PromptPoint(x, y, label) for x, y, label in points), box, stays_in_box)


def plate(height: int, width: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(150, 8, (height, width, 3))


def blot(height: int, width: int, centre: tuple[int, int], axes: tuple[int, int]) -> BoolArray:
    drawn = np.zeros((height, width), np.uint8)
    cv2.ellipse(drawn, centre, axes, 15, 0, 360, 1, cv2.FILLED)
    return drawn > 0


def picture_of(image: NDArray[np.float64], *, darker: BoolArray, name: str = "drawn.png") -> Drawn:
    image[darker] -= 70
    return Drawn(np.clip(image, 0, 255).astype(np.uint8), name)


def iou(first: BoolArray, second: BoolArray) -> float:
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


@pytest.mark.parametrize(
    ("height", "width", "axes"),
    [(200, 240, (40, 25)), (200, 240, (9, 4)), (900, 1200, (220, 90)), (1800, 2400, (30, 12))],
)
def test_that_one_click_finds_a_blot_of_any_size(
    height: int, width: int, axes: tuple[int, int]
) -> None:
    truth = blot(height, width, (width // 2, height // 3), axes)
    picture = picture_of(plate(height, width), darker=truth)
    best = GrabCutSegmenter().segment(picture, prompts((width // 2, height // 3, 1)))[0]
    assert iou(best.mask, truth) > 0.8


def test_that_a_positive_click_adds_a_second_part() -> None:
    left, right = blot(200, 240, (60, 100), (30, 20)), blot(200, 240, (180, 100), (30, 20))
    picture = picture_of(plate(200, 240), darker=left | right)
    best = GrabCutSegmenter().segment(picture, prompts((60, 100, 1), (180, 100, 1)))[0]
    assert iou(best.mask, left | right) > 0.8


def test_that_a_negative_click_takes_a_part_away() -> None:
    left, right = blot(200, 240, (95, 100), (28, 20)), blot(200, 240, (143, 100), (28, 20))
    picture = picture_of(plate(200, 240), darker=left | right)
    segmenter = GrabCutSegmenter()
    both = segmenter.segment(picture, prompts((105, 100, 1)))[0].mask
    assert iou(both, left | right) > 0.8
    best = segmenter.segment(picture, prompts((105, 100, 1), (150, 100, 0)))[0].mask
    assert iou(best, left) > iou(both, left)
    assert not best[100, 150]


def test_that_a_box_is_a_hard_limit() -> None:
    truth = blot(200, 240, (120, 100), (60, 30))
    picture = picture_of(plate(200, 240), darker=truth)
    box = Box(55, 60, 120, 140)
    for candidate in GrabCutSegmenter().segment(picture, prompts(box=box, stays_in_box=True)):
        outside = candidate.mask.copy()
        outside[box.top : box.bottom, box.left : box.right] = False
        assert not outside.any()


def test_that_a_box_finds_what_is_in_it() -> None:
    truth = blot(200, 240, (120, 100), (50, 30))
    picture = picture_of(plate(200, 240), darker=truth)
    best = GrabCutSegmenter().segment(picture, prompts(box=Box(66, 65, 174, 136)))[0]
    assert iou(best.mask, truth) > 0.8


def test_that_replayed_clicks_give_what_they_gave_one_by_one() -> None:
    picture = picture_of(plate(200, 240), darker=blot(200, 240, (120, 100), (50, 30)))
    points = [(120, 100, 1), (150, 110, 0), (90, 95, 1)]
    patient, hasty = GrabCutSegmenter(), GrabCutSegmenter()
    for count in (1, 2, 3):
        one_by_one = patient.segment(picture, prompts(*points[:count]))
    at_once = hasty.segment(picture, prompts(*points))
    assert np.array_equal(one_by_one[0].mask, at_once[0].mask)


def test_that_clicks_on_another_picture_start_anew() -> None:
    first = picture_of(plate(200, 240), darker=blot(200, 240, (60, 100), (30, 20)), name="1.png")
    second = picture_of(plate(200, 240), darker=blot(200, 240, (180, 99), (30, 20)), name="2.png")
    segmenter = GrabCutSegmenter()
    segmenter.segment(first, prompts((60, 100, 1)))
    best = segmenter.segment(second, prompts((60, 100, 1), (180, 99, 1)))[0]
    fresh = GrabCutSegmenter().segment(second, prompts((60, 100, 1), (180, 99, 1)))[0]
    assert np.array_equal(best.mask, fresh.mask)


@st.composite
def pictures_with_prompts(draw: st.DrawFn) -> tuple[Drawn, Prompts]:
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    seed, spread = draw(st.integers(0, 99)), draw(st.sampled_from([0, 3, 80]))
    image = np.random.default_rng(seed).normal(128, spread, (height, width, 3))
    point = st.tuples(st.integers(0, width - 1), st.integers(0, height - 1), st.integers(0, 1))
    points = draw(st.lists(point, max_size=4, unique_by=lambda p: p[:2]))
    box = None
    if draw(st.booleans()):
        left, top = draw(st.integers(-3, width - 1)), draw(st.integers(-3, height - 1))
        right = draw(st.integers(max(left, 0) + 1, width + 3))
        box = Box(left, top, right, draw(st.integers(max(top, 0) + 1, height + 3)))
    return Drawn(np.clip(image, 0, 255).astype(np.uint8)), prompts(*points, box=box)


@settings(max_examples=60)
@given(pictures_with_prompts())
def test_that_whatever_is_asked_the_answer_keeps_the_rules(asked: tuple[Drawn, Prompts]) -> None:
    picture, given_prompts = asked
    assume(given_prompts.show_something)
    candidates = GrabCutSegmenter().segment(picture, given_prompts)
    assert len(candidates) <= 3
    for candidate in candidates:
        assert candidate.mask.shape == picture.rgb.shape[:2]
        assert candidate.mask.dtype == np.bool_
        assert candidate.mask.any()
        assert 0.0 <= candidate.quality_01 <= 1.0
        for point in given_prompts.points:
            if point.label == 0:
                assert not candidate.mask[int(point.y), int(point.x)]


@pytest.mark.parametrize("place", [(-5, 10), (500, 10), (10, 500), (39.9, 29.9)])
def test_that_a_click_beside_the_picture_does_no_harm(place: tuple[float, float]) -> None:
    picture = Drawn(np.full((30, 40, 3), 128, np.uint8))
    asked = Prompts((PromptPoint(*place, 1), PromptPoint(20, 15, 0)))
    for candidate in GrabCutSegmenter().segment(picture, asked):
        assert not candidate.mask[15, 20]


def test_that_clicks_reach_out_of_a_box_that_is_no_limit() -> None:
    left, right = blot(200, 240, (60, 100), (30, 20)), blot(200, 240, (180, 100), (30, 20))
    picture = picture_of(plate(200, 240), darker=left | right)
    box = Box(25, 75, 95, 125)
    free = GrabCutSegmenter().segment(picture, prompts((180, 100, 1), box=box))[0].mask
    limited = prompts((180, 100, 1), box=box, stays_in_box=True)
    held = GrabCutSegmenter().segment(picture, limited)[0].mask
    assert iou(free, left | right) > 0.8
    assert iou(held, left) > 0.8


def test_that_a_rough_mask_is_brought_to_the_edges() -> None:
    truth = blot(200, 240, (120, 100), (50, 30))
    picture = picture_of(plate(200, 240), darker=truth)
    rough = cv2.dilate(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    best = GrabCutSegmenter().segment(picture, Prompts(rough=Mask.from_array(rough)))[0].mask
    assert iou(rough, truth) < 0.8
    assert iou(best, truth) > 0.95


def test_that_clicks_add_to_a_rough_mask() -> None:
    left, right = blot(200, 240, (60, 100), (30, 20)), blot(200, 240, (180, 100), (30, 20))
    picture = picture_of(plate(200, 240), darker=left | right)
    given = Prompts((PromptPoint(180, 100, 1),), rough=Mask.from_array(left))
    assert iou(GrabCutSegmenter().segment(picture, given)[0].mask, left | right) > 0.8


def test_that_the_chosen_candidate_is_what_clicks_add_to() -> None:
    picture = picture_of(plate(200, 240), darker=blot(200, 240, (120, 100), (50, 30)))
    box, points = Box(60, 60, 180, 140), ((150, 110, 0),)
    found = []
    for chosen in (0, 1):
        segmenter = GrabCutSegmenter()
        assert len(segmenter.segment(picture, prompts(box=box))) == 2
        given = Prompts(prompts(*points).points, box, refines=chosen)
        found.append(segmenter.segment(picture, given)[0].mask)
    # The second candidate is all of the box.
    assert np.count_nonzero(found[1]) > 1.2 * np.count_nonzero(found[0])


def test_that_hovering_is_answered_once_the_picture_is_prepared() -> None:
    truth = blot(200, 240, (120, 100), (50, 30))
    picture = picture_of(plate(200, 240), darker=truth)
    segmenter = GrabCutSegmenter()
    assert segmenter.glance(picture, prompts((120, 100, 1))) is None
    assert not segmenter.prepare(picture).is_kept
    shown = segmenter.glance(picture, prompts((120, 100, 1)))
    assert shown is not None
    assert iou(shown.mask, truth) > 0.8


def test_that_a_short_scratch_on_a_large_picture_is_found_in_its_surroundings() -> None:
    image = plate(2048, 2048)
    truth = np.zeros((2048, 2048), np.uint8)
    cv2.line(truth, (1020, 1020), (1040, 1026), 1, 2)
    picture = picture_of(image, darker=truth > 0)
    view = Box(768, 768, 1280, 1280)
    click = prompts((1030, 1023, 1)).seen_in(view)
    best = GrabCutSegmenter().segment(picture.part(view), click)[0].mask
    placed = np.zeros((2048, 2048), bool)
    placed[view.top : view.bottom, view.left : view.right] = best
    assert iou(placed, truth > 0) > 0.6
