"""Random fields and small drawing helpers that everything in a scene is made of."""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2

Field: TypeAlias = NDArray[np.float32]
"""(S, S) or (S, S, 3) float32; colours in [0, 1]."""

Rng: TypeAlias = np.random.Generator

_ASLANT = 0.4
"""Share of what lies straight or not that may lie at any angle."""
_NEARLY_STRAIGHT = 2.0
"""Degrees by which the rest deviates (standard deviation)."""
_ROUNDING = 3
"""Bits of sub-pixel precision that OpenCV's drawing is given."""


def chance(rng: Rng, probability: float) -> bool:
    return bool(rng.random() < probability)


def between(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def log_between(rng: Rng, low: float, high: float) -> float:
    """Return a value whose order of magnitude is evenly spread."""
    # Of tiny scenes an upper end that grows with the side may lie below the lower one.
    return math.exp(rng.uniform(math.log(low), math.log(max(low, high))))


def straight_mostly(rng: Rng) -> float:
    """Return degrees: products and their grain mostly lie straight under the camera."""
    if chance(rng, _ASLANT):
        return between(rng, -180, 180)
    return float(rng.integers(4)) * 90 + float(rng.normal(0, _NEARLY_STRAIGHT))


def smooth_noise(rng: Rng, side: int, cells: tuple[float, float]) -> Field:
    """Return (S, S) noise of zero mean and about unit deviation.

    Args:
        cells: how many bumps there are from top to bottom and from left to right.
    """
    rows, columns = (min(side, max(2, round(count) + 1)) for count in cells)
    grid = rng.standard_normal((rows, columns), np.float32)
    if (rows, columns) == (side, side):
        return grid
    return as_field(cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)) * 1.3


def fractal_noise(rng: Rng, side: int, cells: float, octaves: int = 4) -> Field:
    """Return (S, S) noise with detail down to ``cells * 2 ** octaves`` bumps, deviation about 1."""
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        total += smooth_noise(rng, side, (cells * 2**octave,) * 2) * 0.6**octave
    return total / np.float32(1.25)


def turned(field: Field, degrees: float) -> Field:
    """Return the field turned about its middle, mirrored where the picture ends."""
    side = field.shape[0]
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    return as_field(cv2.warpAffine(field, matrix, (side, side), borderMode=cv2.BORDER_REFLECT))


def blurred(field: Field, sigma: float) -> Field:
    if sigma < 0.2:
        return field
    return as_field(cv2.GaussianBlur(field, (0, 0), sigma))


def shifted(field: Field, dx: Field, dy: Field) -> Field:
    """Return the field with every pixel taken from (x + dx, y + dy)."""
    columns, rows = coordinates(field.shape[0])
    warped = cv2.remap(
        field, columns + dx, rows + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return as_field(warped)


def coordinates(side: int) -> tuple[Field, Field]:
    """Return the x and the y of every pixel, (S, S) each."""
    line = np.arange(side, dtype=np.float32)
    columns, rows = np.meshgrid(line, line)
    return columns, rows


def filled(side: int, points: NDArray[np.floating]) -> Field:
    """Return a polygon (N, 2) of x, y as coverage in [0, 1] with smooth edges."""
    canvas = np.zeros((side, side), np.uint8)
    cv2.fillPoly(canvas, [_fixed(points)], 255, cv2.LINE_AA, _ROUNDING)
    return canvas.astype(np.float32) / np.float32(255)


def stroked(side: int, points: NDArray[np.floating], widths: NDArray[np.floating]) -> Field:
    """Return an open line (N, 2) of x, y as coverage, N - 1 pieces wide as told."""
    canvas = np.zeros((side, side), np.uint8)
    fixed = _fixed(points)
    for start, end, width in zip(fixed[:-1], fixed[1:], widths, strict=True):
        thickness = max(1, round(float(width)))
        first, last = (int(start[0]), int(start[1])), (int(end[0]), int(end[1]))
        cv2.line(canvas, first, last, 255, thickness, cv2.LINE_AA, _ROUNDING)
    return canvas.astype(np.float32) / np.float32(255)


def mixed(below: Field, above: Field, alpha: Field) -> Field:
    """Lay one picture over another."""
    return below + (above - below) * alpha[..., None]


def painted(colour: Field, grey: Field) -> Field:
    """Return (S, S, 3): a colour that is brighter and darker as a (S, S) field says."""
    return as_field(np.multiply.outer(1.0 + grey, colour))


def random_colour(rng: Rng) -> Field:
    """Return an RGB colour; most materials are nearly grey."""
    tone = between(rng, 0.06, 0.92)
    tint = rng.standard_normal(3) * log_between(rng, 0.004, 0.25)
    return np.clip(tone + tint, 0.02, 0.98).astype(np.float32)


def as_field(array: NDArray[Any]) -> Field:
    return np.asarray(array, dtype=np.float32)


def _fixed(points: NDArray[np.floating]) -> NDArray[np.int32]:
    return np.asarray(np.clip(points, -4000, 4000) * 2**_ROUNDING, dtype=np.int32)
