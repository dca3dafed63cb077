"""Large images by overlapping tiles, blended so that no seam shows."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

_OVERLAP = 0.25
"""Least share of a tile that it has in common with its neighbour."""


def starts(length_px: int, tile_px: int) -> list[int]:
    """Return where tiles begin: evenly spread, the last one ends with the image.

    Raises:
        ValueError: if a tile is longer than the image.
    """
    if tile_px > length_px:
        raise ValueError(f"tiles of {tile_px} px do not fit into {length_px} px")
    rest = length_px - tile_px
    step = int(tile_px * (1.0 - _OVERLAP))
    count = -(-rest // step)
    return [round(rest * number / count) for number in range(count)] + [rest] if count else [0]


def blend_tiles(
    image: Tensor,
    predict: Callable[[Tensor], Tensor],
    *,
    channels: int,
    tile_px: int,
    batch_size: int,
) -> Tensor:
    """Return what `predict` says of the tiles as one map, weighted by nearness to their centres.

    At its border a network sees padding instead of surroundings: there the neighbour is right.

    Args:
        image: (3, H, W).
        predict: (B, 3, tile_px, tile_px) to (B, channels, tile_px, tile_px).

    Returns:
        (channels, H, W).
    """
    height, width = image.shape[1:]
    places = [(y, x) for y in starts(height, tile_px) for x in starts(width, tile_px)]
    if len(places) == 1 and (height, width) == (tile_px, tile_px):
        return predict(image.unsqueeze(0))[0]
    weight = _tent(tile_px).to(image)
    total = image.new_zeros(channels, height, width)
    weights = image.new_zeros(height, width)
    for chosen in _batches(places, batch_size):
        tiles = torch.stack([image[:, y : y + tile_px, x : x + tile_px] for y, x in chosen])
        for (y, x), answer in zip(chosen, predict(tiles), strict=True):
            total[:, y : y + tile_px, x : x + tile_px] += weight * answer
            weights[y : y + tile_px, x : x + tile_px] += weight
    return total / weights


def _tent(side_px: int) -> Tensor:
    """Return weights (side, side) that fall from the centre to the edges and are never 0."""
    rising = torch.arange(1, side_px + 1, dtype=torch.float32)
    line = torch.minimum(rising, rising.flip(0)) / (side_px // 2)
    return line[:, None] * line[None, :]


def _batches(places: list[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(places), size):
        yield places[start : start + size]
