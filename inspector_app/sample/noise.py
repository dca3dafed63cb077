"""Random fields that imitate what no two parts have alike: cloudiness, grain, streaks."""

import math

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2

Field = NDArray[np.float32]
"""(H, W) float32."""


def smooth_noise(rng: np.random.Generator, size_px: int, *, scale_px: float) -> Field:
    """Return a square zero-mean field of about unit deviation whose bumps are `scale_px` wide."""
    cells = math.ceil(size_px / scale_px) + 3
    coarse = rng.standard_normal((cells, cells), dtype=np.float32)
    wide = cv2.resize(coarse, None, fx=scale_px, fy=scale_px, interpolation=cv2.INTER_CUBIC)
    first = int(scale_px)
    # Cubic interpolation between independent samples keeps about 0.7 of their deviation.
    return np.asarray(wide[first : first + size_px, first : first + size_px] / 0.7, np.float32)


def smooth_noise_1d(rng: np.random.Generator, count: int, *, scale: float) -> NDArray[np.float32]:
    """Return `count` zero-mean samples of about unit deviation, smooth over `scale` samples."""
    knots = rng.standard_normal(math.ceil(count / scale) + 2)
    positions = np.arange(count) / scale
    return np.interp(positions, np.arange(knots.size), knots).astype(np.float32)


def smoothstep(values: Field, low: float, high: float) -> Field:
    """Map low…high to 0…1 with flat ends; `low` may be the larger one."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)
