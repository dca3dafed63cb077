"""What products are made of: one function per kind of surface, (S, S, 3) float32."""

from collections.abc import Callable

import numpy as np

from inspector_app.domain.opencv import cv2
from training.data.scenes.fields import (
    Field,
    Rng,
    as_field,
    between,
    chance,
    coordinates,
    fractal_noise,
    log_between,
    painted,
    random_colour,
    smooth_noise,
    straight_mostly,
    turned,
)

Surface = Callable[[Rng, int], Field]


def brushed(rng: Rng, side: int) -> Field:
    """Lines in one direction, as a brush or a rolling mill leaves them."""
    along = log_between(rng, 1, 12)
    lines = smooth_noise(rng, side, (log_between(rng, 40, side), along))
    coarse = smooth_noise(rng, side, (log_between(rng, 4, 40), log_between(rng, 0.5, 3)))
    grey = turned(lines * log_between(rng, 0.01, 0.12) + coarse * 0.05, straight_mostly(rng))
    return painted(random_colour(rng), grey)


def turned_rings(rng: Rng, side: int) -> Field:
    """Rings about an axis that may lie outside: lathe marks, bottle rims, lids."""
    columns, rows = coordinates(side)
    x, y = rng.uniform(-0.3, 1.3, 2) * side if chance(rng, 0.5) else rng.normal(0.5, 0.06, 2) * side
    stretch = between(rng, 0.8, 1.25) if chance(rng, 0.4) else 1.0
    radius = np.hypot(columns - np.float32(x), (rows - np.float32(y)) * np.float32(stretch))
    steps = log_between(rng, 3, 60)
    profile = np.interp(
        radius, np.linspace(0, 1.8 * side, int(steps) * 2), rng.standard_normal(int(steps) * 2)
    )
    fine = np.sin(radius * np.float32(log_between(rng, 0.1, 2.0)))
    angle = np.arctan2(rows - np.float32(y), columns - np.float32(x))
    shine = 1 + between(rng, 0, 0.5) * np.cos(angle * int(rng.integers(1, 4)) + rng.uniform(0, 7))
    strength = log_between(rng, 0.05, 0.6)
    grey = (profile * strength + fine * between(rng, 0, 0.08)) * shine
    return painted(random_colour(rng), as_field(grey))


def woven(rng: Rng, side: int) -> Field:
    """Warp over weft."""
    columns, rows = coordinates(side)
    period = log_between(rng, 3.5, 24)
    wobble = smooth_noise(rng, side, (3, 3)) * np.float32(between(rng, 0, period / 3))
    warp = (columns + wobble) * np.float32(np.pi / period)
    weft = (rows + wobble) * np.float32(np.pi / (period * between(rng, 0.7, 1.4)))
    is_over = np.sin(warp) * np.sin(weft) > 0
    thread = np.where(is_over, np.abs(np.sin(warp * 2)), np.abs(np.sin(weft * 2)))
    grey = turned(as_field(thread), between(rng, 0, 90)) - 0.5
    fuzz = rng.standard_normal((side, side), np.float32) * np.float32(between(rng, 0.0, 0.1))
    return painted(random_colour(rng), grey * np.float32(log_between(rng, 0.08, 0.7)) + fuzz)


def cast(rng: Rng, side: int) -> Field:
    """Rough metal, stone, concrete: grain of every size and small pits."""
    grain = fractal_noise(rng, side, log_between(rng, 4, 60), 5) * log_between(rng, 0.02, 0.2)
    pits = smooth_noise(rng, side, (between(rng, 40, 160),) * 2)
    depth = np.clip(pits - between(rng, 1.6, 3.0), 0, 1) * between(rng, 0, 0.5)
    return painted(random_colour(rng), as_field(grain - depth))


def moulded(rng: Rng, side: int) -> Field:
    """Smooth plastic, paint, rubber: hardly any texture, perhaps ribs."""
    grey = smooth_noise(rng, side, (1.5, 1.5)) * np.float32(log_between(rng, 0.01, 0.1))
    grey = grey + rng.standard_normal((side, side), np.float32) * np.float32(
        log_between(rng, 0.002, 0.05)
    )
    if chance(rng, 0.3):
        columns, _ = coordinates(side)
        wave = np.sin(columns * np.float32(log_between(rng, 0.08, 0.9)))
        sharp = np.tanh(wave * np.float32(log_between(rng, 1, 8)))
        grey = grey + turned(as_field(sharp), between(rng, 0, 180)) * between(rng, 0.03, 0.3)
    return painted(random_colour(rng), as_field(grey))


def grained(rng: Rng, side: int) -> Field:
    """Leather, hide, foam: cells with dark seams."""
    count = int(log_between(rng, 60, 2500))
    seeds = np.ones((side, side), np.uint8)
    places = rng.integers(0, side, (count, 2))
    seeds[places[:, 0], places[:, 1]] = 0
    distance = cv2.distanceTransform(seeds, cv2.DIST_L2, 3)
    cell = side / np.sqrt(count)
    bumps = 1 - distance / np.float32(cell)
    grey = np.clip(bumps, -1, 1) * between(rng, -0.4, 0.4)
    grey = grey + fractal_noise(rng, side, 20, 3) * np.float32(0.03)
    return painted(random_colour(rng), as_field(grey))


def wooden(rng: Rng, side: int) -> Field:
    """Lines that bend: wood, marble, marbled plastic."""
    bend = smooth_noise(rng, side, (between(rng, 0.7, 2.5), between(rng, 1, 4)))
    _, rows = coordinates(side)
    lines = np.sin(rows * np.float32(log_between(rng, 0.05, 0.6)) + bend * between(rng, 2, 9))
    pores = smooth_noise(rng, side, (log_between(rng, 60, side), between(rng, 6, 24)))
    grey = turned(as_field(lines * log_between(rng, 0.03, 0.3) + pores * 0.05), rng.uniform(0, 360))
    return painted(random_colour(rng), grey)


def glassy(rng: Rng, side: int) -> Field:
    """Reflections: large smooth areas with hard edges between dark and bright."""
    waves = smooth_noise(rng, side, (between(rng, 1, 5), between(rng, 1, 5)))
    bands = np.tanh(np.sin(waves * between(rng, 1, 5)) * between(rng, 1, 9))
    streaks = turned(smooth_noise(rng, side, (between(rng, 4, 30), 1)), rng.uniform(0, 360))
    grey = bands * log_between(rng, 0.05, 0.7) + streaks * between(rng, 0, 0.15)
    return painted(random_colour(rng), as_field(grey))


def collage(rng: Rng, side: int) -> Field:
    """Flat leaves upon each other: edges everywhere, as in a box of mixed parts.

    The dead-leaves model; what networks learn from it carries over to photographs
    (Baradad et al. 2021, arXiv 2106.05963).
    """
    canvas = np.empty((side, side, 3), np.float32)
    canvas[:] = random_colour(rng)
    for _ in range(int(log_between(rng, 8, 60))):
        colour = tuple(float(part) for part in random_colour(rng))
        x, y = (int(v) for v in rng.uniform(0, side, 2))
        size = log_between(rng, 0.02, 0.3) * side
        if chance(rng, 0.5):
            axes = (int(size) + 1, int(size * between(rng, 0.2, 1)) + 1)
            cv2.ellipse(canvas, (x, y), axes, between(rng, 0, 180), 0, 360, colour, -1, cv2.LINE_AA)
        else:
            corners = rng.normal((x, y), size, (int(rng.integers(3, 6)), 2))
            cv2.fillPoly(canvas, [corners.astype(np.int32)], colour, cv2.LINE_AA)
    return canvas


PLAIN_SURFACES: tuple[Surface, ...] = (
    brushed,
    turned_rings,
    woven,
    cast,
    moulded,
    grained,
    wooden,
    glassy,
)


def random_surface(rng: Rng, side: int) -> Field:
    """Return any of the surfaces of one material."""
    return PLAIN_SURFACES[int(rng.integers(len(PLAIN_SURFACES)))](rng, side)
