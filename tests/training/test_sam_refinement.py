"""What makes clicks professional: refining, boxes, rough masks, hovering, kept embeddings."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from segment_anything.modeling import Sam

from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import Mask
from inspector_app.protocol.embeddings import EmbeddingFiles
from tests.training.small_sam import Counter, small_sam, write_photo
from training.segmenters.base import Candidate, Interrupted, Prompts
from training.segmenters.picture import Picture
from training.segmenters.prompting import sam_prompts
from training.segmenters.sam import SamSegmenter
from training.segmenters.upscaling import reduced_size, upscaled_masks

FIRST = PromptPoint(30.0, 20.0, 1)
SECOND = PromptPoint(50.0, 40.0, 0)
BOX = Box(20, 10, 50, 40)


@pytest.fixture(scope="module")
def network() -> Sam:
    return small_sam().eval()


@pytest.fixture
def files(tmp_path: Path) -> EmbeddingFiles:
    return EmbeddingFiles(tmp_path / "embeddings")


@pytest.fixture
def segmenter(network: Sam, files: EmbeddingFiles) -> SamSegmenter:
    return SamSegmenter("SAM ViT-B", network, "cpu", encoder="small", files=files)


@pytest.fixture
def encoded(network: Sam) -> Iterator[Counter]:
    counter = Counter(network)
    yield counter
    counter.handle.remove()


@pytest.fixture
def photo(tmp_path: Path) -> Picture:
    return Picture.at(write_photo(tmp_path / "part.png", seed=0))


def pixels_of(candidates: list[Candidate]) -> list[bytes]:
    return [candidate.mask.tobytes() for candidate in candidates]


def again(segmenter: SamSegmenter, network: Sam, files: EmbeddingFiles) -> SamSegmenter:
    """Return the segmenter of the next program start."""
    return SamSegmenter(segmenter.name, network, "cpu", encoder="small", files=files)


# ------------------------------------------------------------------- prompts


def test_that_the_chosen_candidate_is_refined(segmenter: SamSegmenter, photo: Picture) -> None:
    answers = []
    for chosen in (0, 1):
        segmenter.segment(photo, Prompts((FIRST,)))
        answers.append(segmenter.segment(photo, Prompts((FIRST, SECOND), refines=chosen)))
    assert pixels_of(answers[0]) != pixels_of(answers[1])


def test_that_a_candidate_which_does_not_exist_refines_the_last(
    segmenter: SamSegmenter, photo: Picture
) -> None:
    answers = []
    for chosen in (2, 9):
        segmenter.segment(photo, Prompts((FIRST,)))
        answers.append(segmenter.segment(photo, Prompts((FIRST, SECOND), refines=chosen)))
    assert pixels_of(answers[0]) == pixels_of(answers[1])


def test_that_a_box_limits_the_mask_only_where_it_is_wanted(
    segmenter: SamSegmenter, photo: Picture
) -> None:
    free = segmenter.segment(photo, Prompts((FIRST,), BOX))
    limited = segmenter.segment(photo, Prompts((FIRST,), BOX, stays_in_box=True))
    inside = np.zeros(photo.size, bool)
    inside[BOX.top : BOX.bottom, BOX.left : BOX.right] = True
    assert (free[0].mask & ~inside).any()
    assert np.array_equal(limited[0].mask, free[0].mask & inside)


def test_that_a_rough_mask_is_answered_with_one_candidate_that_depends_on_it(
    segmenter: SamSegmenter, photo: Picture
) -> None:
    masks = [Mask.from_box(Box(left, 20, left + 25, 45), height=60, width=80) for left in (5, 45)]
    answers = [segmenter.segment(photo, Prompts(rough=mask)) for mask in masks]
    assert [len(answer) for answer in answers] == [1, 1]
    assert pixels_of(answers[0]) != pixels_of(answers[1])


def test_that_a_rough_mask_becomes_box_points_and_logits() -> None:
    rough = Mask.from_box(Box(100, 200, 300, 260), height=512, width=1024)
    given = sam_prompts(Prompts(rough=rough), (512, 1024), None)
    assert given.box is not None and given.points is not None and given.logits is not None
    left, top, right, bottom = given.box[0].tolist()
    assert 70 < left < 100 and 170 < top < 200
    assert 300 < right < 330 and 260 < bottom < 290
    assert all(100 <= x <= 300 and 200 <= y <= 260 for x, y in given.points[0].tolist())
    assert given.labels.tolist() == [[1] * given.points.shape[1]]
    logits = given.logits[0, 0]
    assert logits[57, 50] > 5
    assert logits[100, 50] < -5
    assert logits[200, 200] < -5


def test_that_points_of_a_rough_mask_lie_in_its_parts() -> None:
    pixels = np.zeros((512, 512), bool)
    pixels[10:40, 10:40] = pixels[400:430, 450:480] = True
    given = sam_prompts(Prompts(rough=Mask.from_array(pixels)), (512, 512), None)
    assert given.points is not None
    corners = {(x > 512, y > 512) for x, y in given.points[0].tolist()}
    assert corners == {(False, False), (True, True)}


def test_that_an_empty_rough_mask_prompts_nothing() -> None:
    empty = Mask.from_array(np.zeros((60, 80), bool))
    given = sam_prompts(Prompts(rough=empty), (60, 80), None)
    assert given.points is None and given.box is None


# ------------------------------------------------------------------ hovering


def test_that_hovering_shows_what_a_click_would_give(
    segmenter: SamSegmenter, photo: Picture
) -> None:
    segmenter.prepare(photo)
    shown = segmenter.glance(photo, Prompts((FIRST,)))
    assert shown is not None
    assert shown.mask.tobytes() == pixels_of(segmenter.segment(photo, Prompts((FIRST,))))[0]


def test_that_hovering_never_encodes(
    segmenter: SamSegmenter, photo: Picture, encoded: Counter
) -> None:
    assert segmenter.glance(photo, Prompts((FIRST,))) is None
    assert encoded.count == 0


def test_that_hovering_uses_what_lies_on_disk(
    segmenter: SamSegmenter, network: Sam, files: EmbeddingFiles, photo: Picture, encoded: Counter
) -> None:
    segmenter.prepare(photo)
    assert again(segmenter, network, files).glance(photo, Prompts((FIRST,))) is not None
    assert encoded.count == 1


def test_that_hovering_does_not_disturb_refining(segmenter: SamSegmenter, photo: Picture) -> None:
    segmenter.segment(photo, Prompts((FIRST,)))
    expected = pixels_of(segmenter.segment(photo, Prompts((FIRST, SECOND))))
    segmenter.segment(photo, Prompts((FIRST,)))
    segmenter.glance(photo, Prompts((SECOND,)))
    assert pixels_of(segmenter.segment(photo, Prompts((FIRST, SECOND)))) == expected


# ---------------------------------------------------------------- embeddings


def test_that_the_next_start_needs_no_encoding(
    segmenter: SamSegmenter, network: Sam, files: EmbeddingFiles, photo: Picture, encoded: Counter
) -> None:
    before = segmenter.segment(photo, Prompts((FIRST,)))
    after = again(segmenter, network, files).segment(photo, Prompts((FIRST,)))
    assert encoded.count == 1
    # Kept in half precision: a few pixels on the outline may differ.
    assert Mask.from_array(after[0].mask).iou(Mask.from_array(before[0].mask)) > 0.98


def test_that_a_kept_picture_is_not_decoded_for_a_click(
    segmenter: SamSegmenter, network: Sam, files: EmbeddingFiles, photo: Picture
) -> None:
    segmenter.prepare(photo)
    fresh = Picture.at(photo.path)
    again(segmenter, network, files).segment(fresh, Prompts((FIRST,)))
    assert "rgb" not in fresh.__dict__


def test_that_preparing_says_what_was_kept(
    segmenter: SamSegmenter, network: Sam, files: EmbeddingFiles, photo: Picture
) -> None:
    first = segmenter.prepare(photo)
    second = again(segmenter, network, files).prepare(photo)
    assert (first.is_kept, first.was_kept) == (True, False)
    assert (second.is_kept, second.was_kept) == (True, True)


def test_that_a_part_is_encoded_apart_from_the_whole(
    segmenter: SamSegmenter, photo: Picture, encoded: Counter
) -> None:
    part = photo.part(Box(0, 0, 40, 30))
    segmenter.prepare(photo)
    segmenter.prepare(part)
    assert encoded.count == 2
    assert segmenter.segment(part, Prompts((FIRST,)))[0].mask.shape == (30, 40)


def test_that_without_a_cache_nothing_is_said_to_be_kept(network: Sam, photo: Picture) -> None:
    kept = SamSegmenter("SAM ViT-B", network, "cpu").prepare(photo)
    assert (kept.is_kept, kept.was_kept) == (False, False)


def test_that_a_full_disk_costs_the_cache_and_not_the_click(
    network: Sam, photo: Picture, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    blocked = EmbeddingFiles(tmp_path / "file")
    segmenter = SamSegmenter("SAM ViT-B", network, "cpu", encoder="small", files=blocked)
    assert not segmenter.prepare(photo).is_kept
    assert segmenter.segment(photo, Prompts((FIRST,)))


def test_that_an_embedding_beyond_half_precision_is_not_kept(
    segmenter: SamSegmenter, network: Sam, files: EmbeddingFiles, photo: Picture
) -> None:
    handle = network.image_encoder.register_forward_hook(lambda *arguments: arguments[-1] * 1e9)
    assert not segmenter.prepare(photo).is_kept
    handle.remove()


def test_that_encoding_is_given_up_when_something_is_asked(
    segmenter: SamSegmenter, photo: Picture, encoded: Counter
) -> None:
    with pytest.raises(Interrupted):
        segmenter.prepare(photo, should_stop=lambda: True)
    assert encoded.count == 0
    assert segmenter.prepare(photo).is_kept


def test_that_a_click_is_never_given_up(segmenter: SamSegmenter, photo: Picture) -> None:
    with pytest.raises(Interrupted):
        segmenter.prepare(photo, should_stop=lambda: True)
    assert segmenter.segment(photo, Prompts((FIRST,)))


# ----------------------------------------------------------------- upscaling


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_that_masks_are_enlarged_as_segment_anything_does(
    height: int, width: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(1, 1, 256, 256, generator=generator) - 1.0
    middle = torch.nn.functional.interpolate(logits, (1024, 1024), mode="bilinear")
    rows, columns = reduced_size((height, width))
    expected = torch.nn.functional.interpolate(
        middle[..., :rows, :columns], (height, width), mode="bilinear"
    )
    [found] = upscaled_masks(logits[0].numpy(), (height, width))
    differing = np.count_nonzero(found != (expected[0, 0] > 0).numpy())
    assert differing <= max(1, height * width // 1000)


@pytest.mark.parametrize("size", [(1500, 2000), (2048, 1024)])
def test_that_a_large_mask_is_enlarged_likewise(size: tuple[int, int]) -> None:
    rows, columns = np.mgrid[:256, :256]
    logits = np.sin(rows / 20).astype(np.float32) + np.cos(columns / 30).astype(np.float32)
    [whole] = upscaled_masks(logits[None], size)
    middle = torch.nn.functional.interpolate(
        torch.from_numpy(logits)[None, None], (1024, 1024), mode="bilinear"
    )
    height, width = reduced_size(size)
    expected = torch.nn.functional.interpolate(middle[..., :height, :width], size, mode="bilinear")
    assert np.count_nonzero(whole != (expected[0, 0] > 0).numpy()) < whole.size / 10_000


def test_that_nothing_found_is_an_empty_mask() -> None:
    [mask] = upscaled_masks(np.full((1, 256, 256), -1, np.float32), (40, 30))
    assert mask.shape == (40, 30)
    assert not mask.any()
