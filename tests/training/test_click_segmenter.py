"""How the built-in network is asked, with one that goes by colour alone."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import BoolArray, Mask
from tests.training.test_grabcut import Drawn, blot, iou, picture_of, plate, prompts
from training.models.click.network import ClickNetwork, Norm
from training.models.click.prompts import colour_likeness
from training.segmenters import click_network, crops
from training.segmenters.base import Prompts
from training.segmenters.click_network import ClickNetworkSegmenter


class ByColour(ClickNetwork):
    """Takes what looks like the positive clicks, and what was there if nothing is clicked."""

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        likeness = colour_likeness(images / 0.1, clicks)
        logits = likeness[:, :1] - likeness[:, 1:].clamp_min(0.2)
        logits = functional.interpolate(logits, scale_factor=2.0, mode="bilinear")
        if not bool((clicks[..., 2] >= 0).any()):
            logits = earlier - 0.5
        # The larger, the surer; what fills the picture is its ground.
        share = (logits > 0).float().mean((1, 2, 3))
        return logits, torch.where(share < 0.6, share, 0.001).logit(0.001)


@pytest.fixture
def segmenter() -> ClickNetworkSegmenter:
    return ClickNetworkSegmenter("Test", ByColour(), "cpu")


def blotted(height: int, width: int, axes: tuple[int, int]) -> tuple[Drawn, BoolArray]:
    truth = blot(height, width, (width // 2, height // 3), axes)
    return picture_of(plate(height, width), darker=truth), truth


@pytest.mark.parametrize(
    ("height", "width", "axes"),
    [(200, 240, (40, 25)), (200, 240, (9, 5)), (900, 1200, (220, 90)), (1800, 2400, (20, 12))],
)
def test_that_one_click_finds_things_of_any_size(
    segmenter: ClickNetworkSegmenter, height: int, width: int, axes: tuple[int, int]
) -> None:
    picture, truth = blotted(height, width, axes)
    best = segmenter.segment(picture, prompts((width // 2, height // 3, 1)))[0]
    assert best.mask.shape == (height, width)
    assert iou(best.mask, truth) > 0.8
    assert 0 <= best.quality_01 <= 1


def test_that_a_large_picture_gives_several_candidates(segmenter: ClickNetworkSegmenter) -> None:
    picture, _ = blotted(900, 1200, (100, 60))
    candidates = segmenter.segment(picture, prompts((600, 300, 1)))
    assert 1 < len(candidates) <= 3


class Counting(ByColour):
    """Notes how many pictures it is given at once, and of what size."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, ...]] = []

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        self.seen.append((len(images), *images.shape[-2:]))
        return super().forward(images, clicks, earlier)


@pytest.mark.parametrize(
    ("height", "width", "at_once"),
    [
        (900, 900, [(3, 224, 224)]),
        (900, 1800, [(1, 128, 224), (2, 224, 224)]),
        (150, 150, [(1, 224, 224)]),
    ],
)
def test_that_first_crops_of_one_size_are_seen_at_once(
    monkeypatch: pytest.MonkeyPatch, height: int, width: int, at_once: list[tuple[int, ...]]
) -> None:
    network = Counting()
    monkeypatch.setattr(click_network, "fused", lambda given, **_: given)
    picture, truth = blotted(height, width, (60, 40))
    segmenter = ClickNetworkSegmenter("Test", network, "cpu")
    best = segmenter.segment(picture, prompts((width // 2, height // 3, 1)))[0]
    assert network.seen[:-1] == at_once
    assert network.seen[-1][0] == click_network._SECOND_VIEWS
    assert iou(best.mask, truth) > 0.8


class Doubtful(ByColour):
    """Finds nothing at the look that is not shown several crops, which is the last."""

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        logits, judged = super().forward(images, clicks, earlier)
        is_last = len(images) == click_network._SECOND_VIEWS
        return (logits * 0 - 0.5 if is_last else logits.sign() * 4), judged


@pytest.mark.parametrize(
    ("size", "axes", "is_seen"),
    [((600, 600), (90, 60), True), ((600, 600), (12, 9), False), ((2400, 300), (60, 50), False)],
)
def test_that_first_looks_have_a_say_unless_they_are_much_wider(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], axes: tuple[int, int], is_seen: bool
) -> None:
    # One look from afar, and the one about what it found.
    monkeypatch.setattr(crops, "_MOST_FIRST", 1)
    height, width = size
    picture, truth = blotted(height, width, axes)
    segmenter = ClickNetworkSegmenter("Test", Doubtful(), "cpu")
    found = segmenter.segment(picture, prompts((width // 2, height // 3, 1)))
    assert bool(found) is is_seen
    if found:
        assert iou(found[0].mask, truth) > 0.8


class Regretful(ByColour):
    """Is sure of its first mask; when it looks again, it may be gone."""

    def __init__(self, doubts: bool) -> None:
        super().__init__()
        self.looks = 0
        self._doubts = doubts

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        logits, _ = super().forward(images, clicks, earlier)
        self.looks += 1
        if self.looks == 1:
            return logits, torch.tensor([3.0, 2.0, -3.0])
        if self._doubts and self.looks == 2:
            return logits * 0 - 8, torch.full((len(images),), -2.0)
        return logits, torch.full((len(images),), 2.0)


@pytest.mark.parametrize(("doubts", "looks", "left"), [(True, 3, 2), (False, 2, 3)])
def test_that_the_next_mask_is_looked_at_when_the_first_was_a_mistake(
    monkeypatch: pytest.MonkeyPatch, doubts: bool, looks: int, left: int
) -> None:
    network = Regretful(doubts)
    monkeypatch.setattr(click_network, "fused", lambda given, **_: given)
    picture, truth = blotted(900, 900, (60, 40))
    segmenter = ClickNetworkSegmenter("Test", network, "cpu")
    found = segmenter.segment(picture, prompts((450, 300, 1)))
    assert network.looks == looks
    assert len(found) == left
    assert iou(found[0].mask, truth) > 0.8


def test_that_a_second_click_adds_what_is_far_away(segmenter: ClickNetworkSegmenter) -> None:
    left, right = blot(900, 1200, (200, 400), (60, 40)), blot(900, 1200, (1000, 400), (60, 40))
    picture = picture_of(plate(900, 1200), darker=left | right)
    segmenter.segment(picture, prompts((200, 400, 1)))
    best = segmenter.segment(picture, prompts((200, 400, 1), (1000, 400, 1)))[0]
    # Both are a few pixels on the crop that shows them.
    assert iou(best.mask, left | right) > 0.65


class Forgetful(ByColour):
    """Sees the whole thing at first, and later only what is close by a positive click."""

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        logits, judged = super().forward(images, clicks, earlier)
        if not bool(earlier.any()):
            return logits.sign() * 8, judged
        rows, columns = torch.meshgrid(*map(torch.arange, logits.shape[-2:]), indexing="ij")
        near = torch.zeros_like(logits, dtype=torch.bool)
        for i, given in enumerate(clicks.tolist()):
            for x, y in [(x, y) for x, y, label in given if label == 1]:
                near[i] |= (columns - x) ** 2 + (rows - y) ** 2 < 5**2
        return torch.where(near, 4.0, -4.0), judged


@pytest.mark.parametrize("label", [1, 0])
def test_that_what_a_click_did_not_ask_for_changes_slowly(
    monkeypatch: pytest.MonkeyPatch, label: int
) -> None:
    monkeypatch.setattr(click_network, "fused", lambda given, **_: given)
    picture, truth = blotted(600, 600, (60, 40))
    segmenter = ClickNetworkSegmenter("Test", Forgetful(), "cpu")
    assert iou(segmenter.segment(picture, prompts((300, 200, 1)))[0].mask, truth) > 0.8
    mask = segmenter.segment(picture, prompts((300, 200, 1), (380, 200, label)))[0].mask
    assert mask[200, 300]
    assert mask[200, 380] == bool(label)
    kept = float((mask & truth).sum() / truth.sum())
    assert kept > 0.8 if label else kept < 0.4


def test_that_what_was_seen_from_very_far_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click_network, "fused", lambda given, **_: given)
    monkeypatch.setattr(crops, "_MOST_FIRST", 1)
    monkeypatch.setattr(crops, "_MUCH_WIDER", 0.5)
    picture, truth = blotted(600, 600, (60, 40))
    segmenter = ClickNetworkSegmenter("Test", Forgetful(), "cpu")
    segmenter.segment(picture, prompts((300, 200, 1)))
    mask = segmenter.segment(picture, prompts((300, 200, 1), (380, 200, 1)))[0].mask
    assert (mask & truth).sum() / truth.sum() < 0.4


def test_that_added_points_work_on_the_candidate_that_was_chosen(
    segmenter: ClickNetworkSegmenter,
) -> None:
    picture, truth = blotted(900, 1200, (100, 60))
    segmenter.segment(picture, prompts((600, 300, 1)))
    more = (PromptPoint(600, 300, 1), PromptPoint(20, 880, 0))
    best = segmenter.segment(picture, Prompts(more, refines=1))[0]
    assert iou(best.mask, truth) > 0.8


def test_that_a_box_alone_is_answered(segmenter: ClickNetworkSegmenter) -> None:
    picture, _ = blotted(900, 1200, (100, 60))
    box = Box(480, 230, 720, 370)
    [best] = segmenter.segment(picture, prompts(box=box))
    assert iou(best.mask, Mask.from_box(box, height=900, width=1200).to_array()) > 0.9


def test_that_nothing_leaves_a_box_that_holds(segmenter: ClickNetworkSegmenter) -> None:
    picture, truth = blotted(900, 1200, (100, 60))
    half = Box(480, 230, 600, 370)
    limited = prompts((590, 300, 1), box=half, stays_in_box=True)
    mask = segmenter.segment(picture, limited)[0].mask
    assert not mask[:, 600:].any()
    assert (mask & truth).any()


def test_that_a_rough_mask_is_where_the_answer_starts(segmenter: ClickNetworkSegmenter) -> None:
    picture, truth = blotted(400, 500, (60, 40))
    [best] = segmenter.segment(picture, Prompts(rough=Mask.from_array(truth)))
    assert iou(best.mask, truth) > 0.9


def test_that_negative_clicks_may_come_first(segmenter: ClickNetworkSegmenter) -> None:
    picture, truth = blotted(400, 500, (60, 40))
    best = segmenter.segment(picture, prompts((10, 390, 0), (250, 133, 1)))[0]
    assert iou(best.mask, truth) > 0.8


def test_that_clicks_beside_the_picture_are_moved_into_it(
    segmenter: ClickNetworkSegmenter,
) -> None:
    picture, _ = blotted(200, 240, (40, 25))
    assert segmenter.segment(picture, prompts((-5, 999, 1)))


def test_that_pictures_are_not_mistaken_for_each_other(segmenter: ClickNetworkSegmenter) -> None:
    first, _ = blotted(400, 500, (60, 40))
    truth = blot(400, 500, (100, 300), (50, 40))
    second = picture_of(plate(400, 500), darker=truth, name="second.png")
    segmenter.segment(first, prompts((250, 133, 1)))
    best = segmenter.segment(second, prompts((100, 300, 1), (110, 305, 1)))[0]
    assert iou(best.mask, truth) > 0.8


def test_that_hovering_needs_a_picture_that_was_prepared(
    segmenter: ClickNetworkSegmenter,
) -> None:
    picture, truth = blotted(400, 500, (60, 40))
    click = prompts((250, 133, 1))
    assert segmenter.glance(picture, click) is None
    segmenter.prepare(picture)
    best = segmenter.glance(picture, click)
    assert best is not None
    assert iou(best.mask, truth) > 0.8


def test_that_a_picture_of_a_few_pixels_is_answered_for(segmenter: ClickNetworkSegmenter) -> None:
    picture = Drawn(np.full((3, 5, 3), 90, np.uint8))
    for candidate in segmenter.segment(picture, prompts((2, 1, 1))):
        assert candidate.mask.shape == (3, 5)


class FirstLooksOnly(ByColour):
    """Sees everything with the statistics of first looks, nothing with those of later ones."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), Norm(1))
        self.kind[1].first_mean.fill_(-1)
        self.kind[1].running_mean.fill_(1)

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        return self.kind(earlier * 0), super().forward(images, clicks, earlier)[1]


def test_that_only_answers_of_its_own_are_seen_with_the_statistics_of_later_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(click_network, "_SHARE_OF_EARLIER", 0.0)
    monkeypatch.setattr(click_network, "_SHARE_UNASKED", 0.0)
    picture, truth = blotted(200, 240, (40, 25))
    segmenter = ClickNetworkSegmenter("Test", FirstLooksOnly(), "cpu")
    assert segmenter.segment(picture, prompts(box=Box(70, 30, 170, 100)))
    assert segmenter.segment(picture, Prompts(rough=Mask.from_array(truth)))
    assert segmenter.segment(picture, prompts((120, 66, 1)))
    assert not segmenter.segment(picture, prompts((120, 66, 1), (5, 5, 1)))


class LeftHeavy(ByColour):
    """Sees everything further left than it is."""

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        logits, judged = super().forward(images, clicks, earlier)
        return logits.roll(-4, 3), judged


def test_that_what_the_network_sees_aslant_is_evened_out_by_its_mirrors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture, truth = blotted(200, 240, (40, 25))

    def overlap() -> float:
        segmenter = ClickNetworkSegmenter("Test", LeftHeavy(), "cpu")
        return iou(segmenter.segment(picture, prompts((120, 66, 1)))[0].mask, truth)

    even = overlap()
    monkeypatch.setattr(click_network, "_mirrored", lambda *given: given[:3])
    for views in ("_FIRST_VIEWS", "_SECOND_VIEWS"):
        monkeypatch.setattr(click_network, views, 1)
    assert even > overlap() + 0.02
