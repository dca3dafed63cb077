"""Light that falls on a scene, and what a camera and a file format make of it."""

import numpy as np

from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.data.scenes.fields import (
    Field,
    Rng,
    as_field,
    between,
    blurred,
    chance,
    coordinates,
    log_between,
    smooth_noise,
)


def lit(rng: Rng, picture: Field) -> Field:
    """Return the picture under uneven light, perhaps with a reflection."""
    side = len(picture)
    columns, rows = coordinates(side)
    slope = rng.normal(0, 0.25, 2)
    light = 1 + (columns / side - 0.5) * slope[0] + (rows / side - 0.5) * slope[1]
    light = light + smooth_noise(rng, side, (1.5, 1.5)) * between(rng, 0, 0.12)
    if chance(rng, 0.25):
        light = light + _highlight(rng, columns, rows) * between(rng, 0.1, 1.2)
    if chance(rng, 0.2):
        distance = np.hypot(columns / side - 0.5, rows / side - 0.5)
        light = light * (1 - between(rng, 0.2, 1.0) * distance**2)
    return as_field(picture * np.clip(light, 0.05, 3)[..., None])


def photographed(rng: Rng, picture: Field) -> RgbImage:
    """Return 8-bit RGB: exposure, colour, blur, noise, rounding and JPEG."""
    exposed = _exposed(rng, picture)
    if chance(rng, 0.5):
        exposed = blurred(exposed, between(rng, 0.3, 1.6))
    noisy = _noisy(rng, exposed)
    if chance(rng, 0.4):
        grey = noisy @ as_field(np.array([0.3, 0.59, 0.11]))
        noisy = np.repeat(grey[..., None], 3, 2)
    rgb = (np.clip(noisy, 0, 1) * 255 + 0.5).astype(np.uint8)
    return _through_jpeg(rng, rgb) if chance(rng, 0.4) else rgb


def _highlight(rng: Rng, columns: Field, rows: Field) -> Field:
    side = len(rows)
    x, y = rng.uniform(0, side, 2)
    wide, high = (log_between(rng, 0.02, 0.5) * side for _ in range(2))
    return as_field(np.exp(-(((columns - x) / wide) ** 2) - ((rows - y) / high) ** 2))


def _exposed(rng: Rng, picture: Field) -> Field:
    gamma = log_between(rng, 0.6, 1.6)
    contrast, offset = between(rng, 0.5, 1.15), between(rng, -0.04, 0.12)
    bright = np.power(np.clip(picture, 0, 2), np.float32(gamma))
    # Cameras are set so that something is seen; a black picture teaches nothing.
    brightness = float(bright.mean())
    bright = bright * np.float32(np.clip(brightness, 0.2, 0.7) / max(1e-3, brightness))
    if chance(rng, 0.4):
        bright = bright * as_field(rng.normal(1, 0.06, 3))
    return as_field(bright * contrast + offset)


def _noisy(rng: Rng, picture: Field) -> Field:
    amount = log_between(rng, 0.002, 0.045)
    channels = 1 if chance(rng, 0.6) else 3
    noise = rng.standard_normal((*picture.shape[:2], channels), np.float32)
    return as_field(picture + noise * np.float32(amount))


def _through_jpeg(rng: Rng, rgb: RgbImage) -> RgbImage:
    quality = int(rng.integers(35, 96))
    _, coded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), dtype=np.uint8)
