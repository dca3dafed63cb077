"""The outlines of defects and parts, as coverage (S, S) in [0, 1]."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.data.scenes.fields import (
    Field,
    Rng,
    as_field,
    between,
    blurred,
    chance,
    coordinates,
    filled,
    log_between,
    smooth_noise,
    straight_mostly,
    stroked,
)

Points = NDArray[np.float64]
Shape = Callable[[Rng, int, tuple[float, float], float], Field]
"""Draws about a centre (x, y) something as large as told; all in px."""


def blob(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """A closed curve whose radius wanders: stains, dents, holes."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.ones_like(angles)
    roughness = log_between(rng, 0.05, 0.6)
    for harmonic in range(2, 9):
        shift = rng.uniform(0, 2 * np.pi)
        radius += roughness / harmonic * rng.standard_normal() * np.sin(harmonic * angles + shift)
    radius = np.clip(radius, 0.15, 3)
    outline = np.stack((np.cos(angles), np.sin(angles)), 1) * radius[:, None]
    return filled(side, _placed(rng, outline * (1, log_between(rng, 0.25, 1)), centre, size / 2))


def ellipse(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    slimness = 1.0 if chance(rng, 0.4) else log_between(rng, 0.2, 1)
    outline = np.stack((np.cos(angles), np.sin(angles) * slimness), 1)
    return filled(side, _placed(rng, outline, centre, size / 2))


def shard(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """A polygon with a few corners: chips, flakes, foreign parts."""
    count = int(rng.integers(3, 9))
    angles = np.sort(rng.uniform(0, 2 * np.pi, count))
    radius = rng.uniform(0.4, 1, count)
    outline = np.stack((np.cos(angles) * radius, np.sin(angles) * radius), 1)
    return filled(side, _placed(rng, outline * (1, log_between(rng, 0.35, 1)), centre, size / 2))


def rectangle(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    slimness = log_between(rng, 0.15, 1)
    outline = np.array([(-1, -slimness), (1, -slimness), (1, slimness), (-1, slimness)])
    degrees = between(rng, -180, 180) if chance(rng, 0.4) else float(rng.integers(2) * 90)
    return filled(side, outline * (size / 2) @ _rotation(degrees) + centre)


def arc_band(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """A piece of a ring with torn ends: breaks along rims, folds, smears."""
    radius = size * log_between(rng, 0.35, 2.0)
    half_angle = min(2.6, size / (2 * radius))
    angles = np.linspace(-half_angle, half_angle, 24)
    width = min(radius * 0.9, size * log_between(rng, 0.12, 0.6))
    taper = np.sqrt(np.clip(1 - (angles / half_angle * between(rng, 0.6, 1)) ** 2, 0, 1))
    jag = size * log_between(rng, 0.003, 0.06)
    inner = radius - width / 2 * taper + rng.normal(0, jag, 24) * chance(rng, 0.6)
    outer = radius + width / 2 * taper + rng.normal(0, jag, 24) * chance(rng, 0.6)
    directions = np.stack((np.cos(angles), np.sin(angles)), 1)
    outline = np.concatenate((directions * inner[:, None], (directions * outer[:, None])[::-1]))
    outline = outline - (radius, 0)
    return filled(side, outline @ _rotation(between(rng, 0, 360)) + centre)


def cloud(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """Where noise is high about a place: residue, corrosion, damp."""
    columns, rows = coordinates(side)
    slimness, degrees = log_between(rng, 0.4, 1), between(rng, 0, 180)
    x, y = _turned_about(columns, rows, centre, degrees)
    fall = np.hypot(x, y / np.float32(slimness)) / np.float32(size / 2)
    cells = np.clip(side / size * log_between(rng, 1.5, 8), 2, side / 3)
    noise = smooth_noise(rng, side, (cells, cells)) * np.float32(log_between(rng, 0.1, 0.6))
    softness = log_between(rng, 0.05, 0.4)
    return as_field(np.clip((1 - fall + noise * np.minimum(fall, 1)) / softness + 0.5, 0, 1))


def scratch(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """A slightly bent line."""
    along = np.linspace(-0.5, 0.5, 16)
    bend = rng.normal(0, 0.35) * along**2 + rng.normal(0, 0.2) * along**3
    line = np.stack((along, bend), 1) @ _rotation(straight_mostly(rng))
    width = _line_width(rng, size)
    widths = width * (0.6 + 0.4 * np.cos(along[1:] * np.pi)) if chance(rng, 0.5) else width
    return stroked(side, line * size + centre, np.broadcast_to(widths, 15))


def crack(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """A line that wanders, perhaps with branches."""
    main = _wander(rng, int(rng.integers(8, 30)))
    width = _line_width(rng, size)
    main = (main - main.mean(0)) * size / max(1e-6, float(np.ptp(main)))
    places = main @ _rotation(straight_mostly(rng)) + centre
    drawn = stroked(side, places, np.linspace(width, width * between(rng, 0.3, 1), len(main) - 1))
    for _ in range(int(rng.integers(0, 4)) if chance(rng, 0.4) else 0):
        start = places[int(rng.integers(len(places)))]
        branch = _wander(rng, int(rng.integers(3, 9)))
        length = size * between(rng, 0.1, 0.4) / max(1e-6, float(np.ptp(branch)))
        branch = branch * length @ _rotation(between(rng, 0, 360)) + start
        drawn = np.maximum(drawn, stroked(side, branch, np.full(len(branch) - 1, width * 0.7)))
    return drawn


def thread(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """A fibre, hair or wire that may cross itself."""
    knots = rng.normal(0, 0.3, (4, 2)) + np.linspace(-0.5, 0.5, 4)[:, None] * rng.normal(0, 1, 2)
    t = np.linspace(0, 1, 24)[:, None]
    curve = (
        (1 - t) ** 3 * knots[0]
        + 3 * (1 - t) ** 2 * t * knots[1]
        + 3 * (1 - t) * t**2 * knots[2]
        + t**3 * knots[3]
    )
    curve = (curve - curve.mean(0)) * size / max(1e-6, float(np.ptp(curve)))
    return stroked(side, curve + centre, np.full(23, _line_width(rng, size)))


def edge_bite(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """What reaches in from a side of the picture, with a wavy front."""
    columns, rows = coordinates(side)
    x, y = _turned_about(columns, rows, centre, float(rng.integers(4)) * 90 + rng.normal(0, 6))
    wave = smooth_noise(rng, side, (log_between(rng, 1, 12),) * 2) * size * between(rng, 0.02, 0.2)
    softness = log_between(rng, 1, 0.1 * size + 2)
    reach = np.abs(y) < size * between(rng, 0.4, 3)
    return blurred(as_field(np.clip((x + wave) / softness + 0.5, 0, 1) * reach), 1)


COMPACT_SHAPES: tuple[Shape, ...] = (blob, blob, ellipse, shard, rectangle, arc_band, cloud)
THIN_SHAPES: tuple[Shape, ...] = (scratch, crack, thread)
PART_SHAPES: tuple[Shape, ...] = (ellipse, rectangle, shard, blob)


def zone(rng: Rng, side: int, centre: tuple[float, float], size: float) -> Field:
    """What lies beyond a wavering line, perhaps not all along it: wear, damp, uneven grinding.

    It reaches two fifths of `size` into the picture from a border; where it does not run all
    along that border, its middle is at the height of `centre`.
    """
    columns, rows = coordinates(side)
    degrees = straight_mostly(rng)
    middle = (side / 2, side / 2)
    along, across = _turned_about(columns, rows, middle, degrees)
    wavering = smooth_noise(rng, side, (log_between(rng, 1, 12),) * 2)
    depth = size * 0.4 + wavering * np.float32(size * log_between(rng, 0.01, 0.15))
    softness = np.float32(log_between(rng, 0.7, 1 + size * 0.15))
    alpha = np.clip((depth - (across - across.min())) / softness + 0.5, 0, 1)
    if chance(rng, 0.4):
        x, y = (np.full((1, 1), at, np.float32) for at in centre)
        place, _ = _turned_about(x, y, middle, degrees)
        reach = between(rng, 0.15, 0.6) * side + wavering * np.float32(size * 0.05)
        alpha = np.minimum(alpha, np.clip((reach - np.abs(along - place)) / softness + 0.5, 0, 1))
    return as_field(alpha)


def _line_width(rng: Rng, size: float) -> float:
    return min(size / 3, log_between(rng, 1.2, 2.5 + size * 0.05))


def _wander(rng: Rng, steps: int) -> Points:
    headings = np.cumsum(rng.normal(0, between(rng, 0.15, 0.7), steps))
    # Cracks keep their direction on the whole.
    headings -= headings.mean()
    lengths = rng.uniform(0.4, 1.6, steps)[:, None]
    return np.cumsum(np.stack((np.cos(headings), np.sin(headings)), 1) * lengths, 0)


def _placed(rng: Rng, outline: Points, centre: tuple[float, float], scale: float) -> Points:
    return np.asarray(outline * scale @ _rotation(between(rng, 0, 360)) + centre)


def _rotation(degrees: float) -> Points:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([(cosine, sine), (-sine, cosine)])


def _turned_about(
    columns: Field, rows: Field, centre: tuple[float, float], degrees: float
) -> tuple[Field, Field]:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = columns - np.float32(centre[0]), rows - np.float32(centre[1])
    return as_field(x * cosine + y * sine), as_field(y * cosine - x * sine)
