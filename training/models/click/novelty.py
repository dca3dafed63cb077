"""How unlike everything else in the picture each place is.

A product repeats itself, round its rim, along its weave, from one of its parts to the next; a
defect mostly does not. As in PatchCore (Roth et al. 2022, arXiv 2106.08265) a place is judged by
its distance to the nearest one known; known is here the rest of the same picture, as in Boiman
and Irani 2007, “Detecting Irregularities in Images and in Video” (IJCV 74, 17–31).
"""

import functools

import torch
from torch import Tensor
from torch.nn import functional

STEP = 8
"""Px of the picture per place."""
APART = (3, 6)
"""Up to this far, in places, nothing counts: what is large is like itself."""
CHANNELS = 15
"""Of `appearance`."""
_RANGE = 3.0
_LEAST = 0.05
_FAR = 1e6
_WEIGHT_OF_STEEPNESS = 3.0


def appearance(images: Tensor) -> Tensor:
    """Return what places and their surroundings look like, whichever way they are turned.

    Means, deviations, extremes and steepness: round a rim the same things come turned.

    Args:
        images: (B, 3, H, W), normalised.

    Returns:
        (B, 15, H / 8, W / 8).
    """
    grey = images.mean(1, keepdim=True)
    steep = functional.avg_pool2d(_steepness(grey), STEP) * _WEIGHT_OF_STEEPNESS
    coarse = _steepness(functional.avg_pool2d(grey, 2))
    mean = functional.avg_pool2d(images, STEP)
    variance = functional.avg_pool2d(images.square(), STEP) - mean.square()
    spread = variance.clamp_min(0).sqrt()
    return torch.cat(
        (
            mean,
            spread,
            _about(mean, 3),
            _about(spread.mean(1, keepdim=True), 3),
            steep,
            _about(steep, 5),
            functional.avg_pool2d(coarse, STEP // 2) * _WEIGHT_OF_STEEPNESS,
            functional.max_pool2d(grey, STEP),
            -functional.max_pool2d(-grey, STEP),
        ),
        1,
    )


def novelty_maps(features: Tensor) -> Tensor:
    """Return (B, 2, h, w): how far each place is from the one likest to it, for each of `APART`.

    Args:
        features: (B, C, h, w), compared by their distance.

    Returns:
        The logarithm of the distance over the picture's mean one, in [-3, 3]; 0 where
        nothing is far enough away to be compared with.
    """
    height, width = features.shape[-2:]
    places = features.flatten(2).transpose(1, 2)  # (B, h × w, C)
    with torch.no_grad():
        distances = _squared_distances(places)
    maps = [
        _relative(_to_the_likest(places, distances, _kept_out(height, width, apart)))
        for apart in APART
    ]
    return torch.stack(maps, 1).reshape(-1, len(APART), height, width)


def _squared_distances(places: Tensor) -> Tensor:
    lengths = places.square().sum(2)
    return torch.baddbmm(
        lengths[:, :, None] + lengths[:, None], places, places.transpose(1, 2), alpha=-2
    )


def _to_the_likest(places: Tensor, squared: Tensor, kept_out: Tensor) -> Tensor:
    """Return (B, h × w) squared distances, those of places without any others above `_FAR`."""
    kept_out = kept_out.to(places.device)
    if not places.requires_grad:
        return (squared + kept_out).amin(2).clamp_min(0)
    # The nearest one anew: of all the distances, only theirs are learned from.
    least, nearest = (squared + kept_out).min(2)
    likest = places.gather(1, nearest[..., None].expand_as(places))
    return torch.where(least < _FAR, (places - likest).square().sum(2), least)


def _relative(squared: Tensor) -> Tensor:
    is_known = (squared < _FAR).float()
    distance = (squared * is_known + 1e-6).sqrt()
    mean = (distance * is_known).sum(1, keepdim=True) / is_known.sum(1, keepdim=True).clamp_min(1)
    relative = torch.log((distance + _LEAST) / (mean + _LEAST))
    return relative.clamp(-_RANGE, _RANGE) * is_known


@functools.lru_cache(maxsize=16)
def _kept_out(height: int, width: int, apart: int) -> Tensor:
    """Return what keeps places from being compared with those about them, (h × w, h × w)."""
    rows = torch.arange(height).repeat_interleave(width)
    columns = torch.arange(width).repeat(height)
    across = (columns[:, None] - columns).abs() <= apart
    down = (rows[:, None] - rows).abs() <= apart
    return (across & down).float() * (2 * _FAR)


def _steepness(grey: Tensor) -> Tensor:
    across = functional.pad(grey[..., 1:] - grey[..., :-1], (0, 1))
    down = functional.pad(grey[..., 1:, :] - grey[..., :-1, :], (0, 0, 0, 1))
    return (across.square() + down.square()).sqrt()


def _about(features: Tensor, width: int) -> Tensor:
    return functional.avg_pool2d(
        features, width, stride=1, padding=width // 2, count_include_pad=False
    )
