"""Varied images of a classifier: each switch does its own thing."""

import pytest
import torch

from training.data.variations import Variations, jitter

SWITCHES = ["flips", "rotation", "crop", "colour_jitter", "blur"]


@pytest.fixture
def images() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.rand(16, 3, 32, 32)


def test_that_without_a_switch_nothing_changes(images: torch.Tensor) -> None:
    assert torch.equal(Variations().apply(images), images)


@pytest.mark.parametrize("switch", SWITCHES)
def test_that_every_switch_changes_images_and_keeps_their_range(
    images: torch.Tensor, switch: str
) -> None:
    varied = Variations(**{switch: True}).apply(images)
    assert varied.shape == images.shape
    assert not torch.equal(varied, images)
    assert -1e-6 <= float(varied.min()) <= float(varied.max()) <= 1.0 + 1e-6


@pytest.mark.parametrize("switch", SWITCHES)
def test_that_the_same_seed_varies_alike(images: torch.Tensor, switch: str) -> None:
    variations = Variations(**{switch: True})
    torch.manual_seed(7)
    first = variations.apply(images)
    torch.manual_seed(7)
    assert torch.equal(variations.apply(images), first)


def test_that_mirrored_images_hold_the_same_pixels(images: torch.Tensor) -> None:
    varied = Variations(flips=True).apply(images)
    mirrored = [images, images.flip(2), images.flip(3), images.flip((2, 3))]
    closest = [min(float((v - m[i]).abs().max()) for m in mirrored) for i, v in enumerate(varied)]
    assert max(closest) < 1e-4


def test_that_all_four_mirrorings_occur() -> None:
    torch.manual_seed(0)
    corner = torch.zeros(64, 3, 8, 8)
    corner[:, :, 0, 0] = 1.0
    varied = Variations(flips=True).apply(corner)
    assert len({int(image[0].argmax()) for image in varied}) == 4


def test_that_a_crop_shows_a_part_of_the_image_only() -> None:
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 64).expand(32, 3, 64, 64)
    varied = Variations(crop=True).apply(ramp)
    # Between √0.6 and all of the ramp's length is left.
    shown = varied.amax((1, 2, 3)) - varied.amin((1, 2, 3))
    assert 0.74 <= float(shown.min()) < float(shown.max()) <= 1.0


def test_that_turned_images_keep_what_is_round() -> None:
    axis = torch.linspace(-1, 1, 64)
    radius = (axis[:, None] ** 2 + axis**2).sqrt()
    bowl = (1 - radius).clamp_min(0).expand(4, 3, 64, 64)
    turned = Variations(rotation=True).apply(bowl)
    # Corners show what was mirrored at the edges.
    inside = radius < 0.95
    torch.testing.assert_close(turned[..., inside], bowl[..., inside], atol=0.03, rtol=0)


def test_that_colour_variation_leaves_shapes_where_they_are() -> None:
    torch.manual_seed(0)
    image = torch.full((8, 3, 16, 16), 0.3)
    image[:, :, 4:8, 4:8] = 0.6
    varied = jitter(image)
    assert all(int(v[0].argmax()) // 16 in range(4, 8) for v in varied)


def test_that_only_some_images_are_blurred(images: torch.Tensor) -> None:
    varied = Variations(blur=True).apply(images)
    changed = (varied != images).flatten(1).any(1)
    assert 0 < int(changed.sum()) < len(images)
