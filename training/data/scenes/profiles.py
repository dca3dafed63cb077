"""Products drawn along an axis in bands, round or straight, and pieces broken out of them.

Necks and lids, gaskets, bearings, strips, zippers, cables: what is wrong with them often ends
where a band does, and shows by what is missing of the bands rather than by its own look.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from training.data.scenes.fields import (
    Field,
    Rng,
    as_field,
    between,
    chance,
    coordinates,
    log_between,
    mixed,
    painted,
    random_colour,
    smooth_noise,
)

Line = NDArray[np.float64]

_ROUND = 0.65
"""Share of products that run along a circle."""
_LONGEST_PX = 1500
_SMALLEST_BAND_PX = 3


@dataclass(frozen=True, eq=False, slots=True)
class Profile:
    """Where on a product each pixel lies, all in px."""

    across: Field
    """From the axis, or the centre of a round product; (S, S)."""
    along: Field
    """From anywhere on the axis; (S, S)."""
    length: float
    """After which a round product begins anew."""
    is_round: bool
    edges: tuple[float, ...]
    """Where bands begin and end, across, rising."""

    @property
    def cover(self) -> Field:
        """How far each pixel lies on the product, (S, S) in [0, 1]."""
        return _between_edges(self.across, self.edges[0], self.edges[-1])


def with_profile(rng: Rng, below: Field) -> tuple[Field, Profile]:
    """Lay a product in bands on a surface, or before a backdrop."""
    side = len(below)
    profile = _round(rng, side) if chance(rng, _ROUND) else _straight(rng, side)
    middle = (profile.edges[0] + profile.edges[-1]) / 2
    for is_beyond in (profile.across < middle, profile.across >= middle):
        if chance(rng, 0.6):
            backdrop = painted(random_colour(rng), smooth_noise(rng, side, (3, 3)) * 0.02)
            backdrop = backdrop * np.float32(0.2 if chance(rng, 0.3) else 1)
            below = mixed(below, backdrop, as_field(is_beyond))
    return mixed(below, _laid(_bands(rng, profile), profile), profile.cover), profile


def missing_piece(rng: Rng, profile: Profile) -> Field:
    """Return the coverage of a piece from one band's edge to another's, with torn ends, (S, S)."""
    side = len(profile.across)
    low, high = _pair_of_edges(rng, profile.edges)
    width = high - low
    reach = log_between(rng, 0.03, 0.45) * min(profile.length, 1.5 * side)
    away = np.abs(_away(profile, _place(rng, profile))) / np.float32(max(reach, width / 2))
    fullness = (1 - away ** np.float32(log_between(rng, 1, 12))) * np.float32(between(rng, 1, 4))
    jag = smooth_noise(rng, side, (log_between(rng, 5, 50),) * 2)
    kept = width * np.clip(fullness + jag * np.float32(log_between(rng, 0.01, 0.2)), 0, 1)
    slack = as_field(width - kept)
    # It gives way from inside, from outside, or from both.
    inner = (0.0, 1.0, 0.5)[int(rng.integers(3))]
    piece = _between_edges(profile.across - low - slack * np.float32(inner), 0, as_field(kept))
    return as_field(piece * (kept > 0))


def _round(rng: Rng, side: int) -> Profile:
    columns, rows = coordinates(side)
    x, y = rng.normal(0.5, 0.07, 2) * side
    outer = between(rng, 0.25, 0.7) * side
    inner = outer * between(rng, 0, 0.85)
    dx, dy = columns - np.float32(x), rows - np.float32(y)
    radius = (inner + outer) / 2
    along = np.arctan2(dy, dx) * np.float32(radius)
    edges = _edges(rng, inner, outer)
    return Profile(as_field(np.hypot(dx, dy)), as_field(along), 2 * np.pi * radius, True, edges)


def _straight(rng: Rng, side: int) -> Profile:
    columns, rows = coordinates(side)
    angle = rng.uniform(0, np.pi) if chance(rng, 0.4) else np.pi / 2 * int(rng.integers(2))
    dx, dy = columns - side / 2, rows - side / 2
    along = dx * np.cos(angle) + dy * np.sin(angle)
    across = dy * np.cos(angle) - dx * np.sin(angle) + rng.normal(0, 0.15) * side
    if chance(rng, 0.4):
        bend = log_between(rng, 0.005, 0.08) * side
        across = across + bend * np.sin(along * rng.uniform(1, 5) / side + rng.uniform(0, 7))
    half = log_between(rng, 0.05, 0.45) * side
    edges = _edges(rng, -half, half)
    return Profile(as_field(across), as_field(along), 3.0 * side, False, edges)


def _edges(rng: Rng, low: float, high: float) -> tuple[float, ...]:
    inner = rng.uniform(low, high, int(rng.integers(1, 8)))
    kept = [low]
    for edge in sorted(float(one) for one in inner):
        if kept[-1] + _SMALLEST_BAND_PX < edge < high - _SMALLEST_BAND_PX:
            kept.append(edge)
    return (*kept, high)


def _bands(rng: Rng, profile: Profile) -> Field:
    """Return the product's face unrolled: rows across, columns along, (H, W, 3)."""
    low, high = profile.edges[0], profile.edges[-1]
    height = max(8, int(high - low))
    width = int(min(_LONGEST_PX, max(64.0, profile.length)))
    marks = [int((edge - low) / (high - low) * height) for edge in profile.edges]
    grey = np.zeros((height, width), np.float32)
    colour = np.empty((height, 1, 3), np.float32)
    own, spread = random_colour(rng), log_between(rng, 0.05, 0.6)
    for start, stop in pairwise(marks):
        colour[start:stop] = random_colour(rng) if chance(rng, 0.15) else own
        slope = np.linspace(-1, 1, max(1, stop - start))[:, None] * rng.normal(0, 0.15)
        grey[start:stop] += slope + rng.normal(0, spread)
        if chance(rng, 0.15):
            grey[start:stop] += _teeth(rng, width)
    grey += _streaks(rng, height, width) * np.float32(log_between(rng, 0.01, 0.2))
    for mark in marks:
        if chance(rng, 0.6):
            grey += _edge_line(rng, mark, grey.shape)
    shine = 1 + _noise_line(rng, width, cells=int(rng.integers(2, 7))) * between(rng, 0, 0.3)
    return as_field(np.clip(1 + grey * shine, 0.02, 3)[..., None] * colour)


def _edge_line(rng: Rng, mark: int, shape: tuple[int, ...]) -> Field:
    """Return a bright or dark line along an edge that glitters here and there."""
    height, width = shape
    away = np.arange(height)[:, None] - mark
    line = np.exp(-((away / log_between(rng, 0.7, 4)) ** 2)) * rng.normal(0, 0.5)
    glitter = 1 + _noise_line(rng, width) * between(rng, 0, 1)
    return as_field(line * glitter)


def _teeth(rng: Rng, width: int) -> Line:
    """Return what comes again and again along a band: teeth, strands, turns."""
    wave = np.sin(np.arange(width) * (2 * np.pi / log_between(rng, 5, 50)))
    return np.asarray(np.tanh(wave * log_between(rng, 1, 8)) * between(rng, 0.1, 0.6))


def _streaks(rng: Rng, height: int, width: int) -> Field:
    cells = max(2, int(height / log_between(rng, 1, 12))), max(2, int(log_between(rng, 2, 40)))
    grid = rng.standard_normal(cells, np.float32)
    grid[:, -1] = grid[:, 0]
    return as_field(cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR))


def _noise_line(rng: Rng, width: int, cells: int = 0) -> Line:
    values = rng.standard_normal(cells or int(log_between(rng, 4, width / 3)))
    values = np.append(values, values[0])
    line: Line = np.interp(np.linspace(0, len(values) - 1, width), range(len(values)), values)
    return line


def _laid(unrolled: Field, profile: Profile) -> Field:
    """Return the picture (S, S, 3) of an unrolled face."""
    low, high = profile.edges[0], profile.edges[-1]
    height, width = unrolled.shape[:2]
    columns = (profile.along / np.float32(profile.length) + np.float32(0.5)) * (width - 1)
    rows = (profile.across - np.float32(low)) * np.float32((height - 1) / (high - low))
    return as_field(
        cv2.remap(unrolled, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _pair_of_edges(rng: Rng, edges: tuple[float, ...]) -> tuple[float, float]:
    first, last = sorted(rng.choice(len(edges), 2, replace=False).tolist())
    low, high = edges[first], edges[last]
    if chance(rng, 0.4):
        low, high = np.array([low, high]) + rng.normal(0, 0.1, 2) * (high - low)
    return float(low), float(max(high, low + 1))


def _place(rng: Rng, profile: Profile) -> float:
    """Return where on the axis something in the picture is, if anything is."""
    seen = np.flatnonzero(profile.cover > 0.5)
    chosen = int(seen[int(rng.integers(len(seen)))]) if len(seen) else 0
    return float(profile.along.flat[chosen])


def _away(profile: Profile, place: float) -> Field:
    away = profile.along - np.float32(place)
    if profile.is_round:
        away = away - np.float32(profile.length) * np.round(away / np.float32(profile.length))
    return as_field(away)


def _between_edges(across: Field, low: float, high: float | Field) -> Field:
    return as_field(np.clip(across - low + 0.5, 0, 1) * np.clip(high - across + 0.5, 0, 1))
