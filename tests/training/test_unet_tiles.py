"""Overlapping tiles and what is made of their answers."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from training.models.unet.card import UNetConfig
from training.models.unet.tiles import blend_tiles, starts


@given(st.integers(32, 400), st.integers(32, 128))
def test_that_tiles_cover_the_image_and_overlap(length_px: int, tile_px: int) -> None:
    tile_px = min(tile_px, length_px)
    found = starts(length_px, tile_px)
    assert (found[0], found[-1]) == (0, length_px - tile_px)
    assert all(0 < b - a <= 0.75 * tile_px + 1 for a, b in pairwise(found))


def test_that_tiles_larger_than_the_image_are_refused() -> None:
    with pytest.raises(ValueError, match="96 px do not fit into 64 px"):
        starts(64, 96)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_that_tiles_that_answer_with_what_they_see_give_the_image_back(batch_size: int) -> None:
    image = torch.rand(3, 96, 160)
    blended = blend_tiles(image, lambda tiles: tiles, channels=3, tile_px=64, batch_size=batch_size)
    torch.testing.assert_close(blended, image)


def test_that_a_wrong_answer_at_a_tiles_edge_is_outvoted_by_its_neighbour() -> None:
    def wrong_at_the_right_edge(tiles: Tensor) -> Tensor:
        answer = torch.zeros_like(tiles[:, :1])
        answer[..., -1] = 1.0
        return answer

    blended = blend_tiles(
        torch.zeros(3, 64, 96), wrong_at_the_right_edge, channels=1, tile_px=64, batch_size=8
    )
    assert blended[..., 63].max() < 0.05


@pytest.mark.parametrize("sizes", [{"tile_size_px": 256}, {}])
def test_that_tiles_are_no_larger_than_the_image_they_are_of(sizes: dict[str, int]) -> None:
    assert UNetConfig.model_validate({"image_size_px": 64} | sizes).tile_size_px == 64


def test_that_an_image_of_the_default_size_is_looked_at_whole() -> None:
    assert UNetConfig().tile_size_px == UNetConfig().image_size_px
