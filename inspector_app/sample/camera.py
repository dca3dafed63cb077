"""From a scene to a photo: pose, lamp, exposure, lens and sensor."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.sample.noise import Field

SIZE_PX = 320
"""Edge of a photo."""
SCALE = 1.5
"""Scene pixels for each photo pixel; scenes are drawn larger so that edges come out smooth."""
SCENE_PX = round(SIZE_PX * SCALE)
"""Edge of a scene."""

Scene = NDArray[np.float32]
"""(SCENE_PX, SCENE_PX, 3) float32, linear light; 1 is the sensor's white."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How the part lies under the camera: turned about the image centre, then shifted."""

    angle_deg: float
    shift_x: float
    """Scene pixels."""
    shift_y: float

    @classmethod
    def random(cls, rng: np.random.Generator, *, angle_deg: float, shift_px: float) -> "Pose":
        """Return a pose within ± `angle_deg` and ± `shift_px` photo pixels."""
        shift = shift_px * SCALE
        return cls(
            rng.uniform(-angle_deg, angle_deg),
            rng.uniform(-shift, shift),
            rng.uniform(-shift, shift),
        )

    @property
    def matrix(self) -> NDArray[np.float32]:
        """(2, 3) affine map from the upright scene to the posed one."""
        centre = ((SCENE_PX - 1) / 2, (SCENE_PX - 1) / 2)
        matrix = np.asarray(cv2.getRotationMatrix2D(centre, self.angle_deg, 1.0), np.float32)
        matrix[:, 2] += np.asarray([self.shift_x, self.shift_y], np.float32)
        return matrix

    def apply(self, field: Field) -> Field:
        """Return the field in this pose; what comes in from outside repeats the border."""
        moved = cv2.warpAffine(
            field,
            self.matrix,
            (SCENE_PX, SCENE_PX),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(moved, np.float32)


def slopes(height: Field) -> tuple[Field, Field]:
    """Return dz/dx and dz/dy of a height field in scene pixels."""
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def lamp_falloff(rng: np.random.Generator, *, strength: float) -> Field:
    """Return the (SCENE_PX, SCENE_PX) brightness of a lamp that stands a little aside.

    A plane tilted in a random direction by up to ± `strength` at the border, and a
    slight vignette.
    """
    axis = np.linspace(-1.0, 1.0, SCENE_PX, dtype=np.float32)
    azimuth = rng.uniform(0.0, 2.0 * math.pi)
    tilt = rng.uniform(0.2, 1.0) * strength
    vignette = -0.06 * axis * axis
    columns = 1.0 + tilt * math.cos(azimuth) * axis + vignette
    rows = tilt * math.sin(azimuth) * axis + vignette
    return np.asarray(columns[None, :] + rows[:, None], np.float32)


def shrink(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scene, or a field of it, at the photo's size."""
    small = cv2.resize(scene, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def expose(
    light: NDArray[np.float32], rng: np.random.Generator, *, exposure_spread: float
) -> NDArray[np.uint8]:
    """Return the photo (SIZE_PX, SIZE_PX, 3) uint8 RGB of linear light at the photo's size.

    Exposure wanders by ± `exposure_spread` (a fraction); shot and read noise are
    those of a small industrial sensor; the tone curve is a square root, close to
    a gamma of 2.2.
    """
    exposed = np.maximum(light, 0) * np.float32(1.0 + rng.uniform(-1, 1) * exposure_spread)
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    noisy = exposed + noise * np.sqrt(exposed * np.float32(2.5e-4) + np.float32(4e-6))
    photo = np.sqrt(np.clip(noisy, 0.0, 1.0)) * np.float32(255.0)
    return np.asarray(np.rint(photo), np.uint8)


def expose_mask(alpha: Field) -> NDArray[np.bool_]:
    """Return the photo's mask: pixels that a defect covers by at least half."""
    return np.asarray(shrink(alpha) >= 0.5)
