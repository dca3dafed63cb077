"""Shapes that defects are made of, as soft (0…1) fields in scene pixels."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.sample.camera import SCENE_PX
from inspector_app.sample.noise import Field, smooth_noise, smoothstep

_SUBPIXEL_BITS = 4


def random_place(rng: np.random.Generator, allowed: NDArray[np.bool_]) -> tuple[float, float]:
    """Return x, y of a random pixel where `allowed` is set."""
    rows, columns = np.nonzero(allowed)
    chosen = int(rng.integers(rows.size))
    return float(columns[chosen]), float(rows[chosen])


def wandering_path(
    rng: np.random.Generator,
    start_xy: tuple[float, float],
    *,
    heading_rad: float,
    length_px: float,
    waviness: float,
) -> NDArray[np.float64]:
    """Return (N, 2) points one pixel apart; the heading drifts by `waviness` rad per 10 px."""
    count = max(2, round(length_px))
    turns = np.cumsum(rng.standard_normal(count)) * (waviness / math.sqrt(10.0))
    bend = rng.normal(0.0, waviness) * np.linspace(0.0, 1.0, count) * 3.0
    headings = heading_rad + np.convolve(turns, np.ones(9) / 9, mode="same") + bend
    steps = np.stack([np.cos(headings), np.sin(headings)], axis=1)
    return np.asarray(start_xy + np.cumsum(steps, axis=0), np.float64)


def stroke(points_xy: NDArray[np.float64], *, width_px: float) -> Field:
    """Return a line along the points, 1 in the middle, soft at its edges.

    Widths below a pixel are drawn as a fainter line, as a lens would.
    """
    canvas = np.zeros((SCENE_PX, SCENE_PX), np.uint8)
    # OpenCV rounds both ends of every segment: short ones would bead.
    corners = np.vstack([points_xy[:-1:6], points_xy[-1:]])
    fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    thickness = max(1, round(width_px))
    cv2.polylines(canvas, [fixed[:, None, :]], False, 255, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
    soft = cv2.GaussianBlur(canvas, (0, 0), 0.5).astype(np.float32) / np.float32(255.0)
    return np.asarray(soft * np.float32(min(1.0, width_px)), np.float32)


def blob(
    rng: np.random.Generator,
    centre_xy: tuple[float, float],
    *,
    radii_px: tuple[float, float],
    angle_rad: float = 0.0,
    roughness: float = 0.25,
    softness: float = 0.3,
) -> Field:
    """Return an irregular spot: 1 inside, falling to 0 across its edge.

    Args:
        radii_px: half axes of the ellipse that the outline wanders about.
        roughness: how far the outline wanders, as a fraction of the radius.
        softness: width of the edge, as a fraction of the radius.
    """
    distance = ellipse_distance(centre_xy, radii_px=radii_px, angle_rad=angle_rad)
    scale = max(3.0, min(radii_px) * 0.7)
    distance = distance + roughness * smooth_noise(rng, SCENE_PX, scale_px=scale)
    return smoothstep(distance, 1.0 + softness / 2, 1.0 - softness / 2)


def ellipse_distance(
    centre_xy: tuple[float, float], *, radii_px: tuple[float, float], angle_rad: float = 0.0
) -> Field:
    """Return the distance from an ellipse's centre in units of its radius (1 on the outline)."""
    axis = np.arange(SCENE_PX, dtype=np.float32)
    x, y = axis[None, :] - np.float32(centre_xy[0]), axis[:, None] - np.float32(centre_xy[1])
    cos, sin = np.float32(math.cos(angle_rad)), np.float32(math.sin(angle_rad))
    along = (x * cos + y * sin) / np.float32(radii_px[0])
    aside = (y * cos - x * sin) / np.float32(radii_px[1])
    return np.asarray(np.sqrt(along * along + aside * aside), np.float32)


def union(fields: Sequence[Field]) -> Field:
    """Return the larger value at each pixel."""
    return np.asarray(np.maximum.reduce(list(fields)), np.float32)


def widened(field: Field, *, by_px: int) -> Field:
    """Return the field with every spot grown by `by_px` on all sides."""
    size = 2 * by_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(field, kernel), np.float32)
