"""How unlike the rest of the picture each place is, as the click network is shown it."""

import torch
from torch import Tensor

from training.models.click.network import ClickNetwork
from training.models.click.novelty import APART, CHANNELS, appearance, novelty_maps
from training.models.click.prompts import normalised


def woven(side: int = 160) -> Tensor:
    """A picture (1, 3, S, S) that repeats itself, a little noise upon it."""
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    thread = 0.5 + 0.2 * torch.sin(rows * 0.7) * torch.sin(columns * 0.7)
    noise = torch.randn(3, side, side, generator=torch.Generator().manual_seed(0)) * 0.01
    return (thread + noise)[None]


def novelty_of(images: Tensor) -> Tensor:
    return novelty_maps(appearance(normalised(images)))


def test_that_what_is_nowhere_else_is_novel() -> None:
    images = woven()
    images[..., 72:96, 40:64] = images[..., 72:96, 40:64].mean()
    for novelty in novelty_of(images)[0]:
        rubbed, woven_part = novelty[9:12, 5:8], novelty[:, 12:]
        assert rubbed.max() > 1
        assert rubbed.mean() > woven_part.mean() + 1


def test_that_two_alike_are_less_novel_than_one() -> None:
    once, twice = woven(), woven()
    for images in (once, twice):
        images[..., 24:40, 24:40] += 0.3
    twice[..., 120:136, 120:136] += 0.3
    one, two = (novelty_of(images)[0, 1, 3:5, 3:5].mean() for images in (once, twice))
    assert one > two + 0.5


def test_that_what_is_near_does_not_make_a_place_familiar() -> None:
    images = woven(224)
    images[..., 88:136, 88:136] += 0.3
    near, far = novelty_of(images)[0, :, 11:17, 11:17].mean((1, 2))
    # Some of its places are more than three apart, none more than six.
    assert APART == (3, 6)
    assert far > near + 0.3


def test_that_a_turned_picture_is_as_novel() -> None:
    images = woven()
    images[..., 72:96, 40:64] += torch.linspace(0, 0.4, 24)
    turned = novelty_of(images.rot90(1, (2, 3)).contiguous()).rot90(-1, (2, 3))
    # Steepness is taken from one neighbour to the next, so turned not quite alike.
    likeness = torch.corrcoef(torch.stack((turned.flatten(), novelty_of(images).flatten())))[0, 1]
    assert likeness > 0.95


def test_that_brightness_and_contrast_hardly_matter() -> None:
    images = woven()
    images[..., 72:96, 40:64] += 0.2
    torch.testing.assert_close(
        novelty_of(images * 0.5 + 0.2), novelty_of(images), atol=0.25, rtol=0
    )


def test_that_where_nothing_is_far_enough_away_nothing_is_novel() -> None:
    assert not novelty_of(torch.rand(2, 3, 32, 32)).any()
    near, far = novelty_of(torch.rand(1, 3, 32, 64))[0]
    # Of 4 × 8 places only those at the ends have any that are more than three apart.
    assert near.isfinite().all() and near[:, 0].any()
    assert far[:, 0].any() and not far[:, 2:6].any()


def test_that_a_uniform_picture_has_nothing_novel() -> None:
    maps = novelty_of(torch.full((1, 3, 96, 96), 0.4))
    assert maps.abs().max() < 1e-3


def test_that_learning_sees_what_is_seen_afterwards() -> None:
    features = torch.rand(2, CHANNELS, 12, 10, generator=torch.Generator().manual_seed(0))
    learned = features.clone().requires_grad_()
    maps = novelty_maps(learned)
    torch.testing.assert_close(maps, novelty_maps(features), atol=1e-3, rtol=1e-3)
    maps.square().sum().backward()  # type: ignore[no-untyped-call]
    assert learned.grad is not None and learned.grad.isfinite().all() and learned.grad.any()


@torch.no_grad()
def test_that_a_network_that_has_learned_nothing_goes_by_what_looks_rare() -> None:
    network = ClickNetwork()
    seen = appearance(torch.rand(1, 3, 64, 64))
    features = torch.rand(1, network.rarity.in_channels - CHANNELS, 8, 8)
    torch.testing.assert_close(network.rarity(torch.cat((seen, features), 1)), seen)
