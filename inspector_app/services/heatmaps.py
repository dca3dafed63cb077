"""Heatmaps as pictures: one colour scale for all images of a run, contour at the threshold."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.hot_areas import enlarged
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import BundleCard

PALETTES: tuple[str, ...] = ("inferno", "viridis", "turbo", "cividis")

_COLOURMAPS = {
    "inferno": cv2.COLORMAP_INFERNO,
    "viridis": cv2.COLORMAP_VIRIDIS,
    "turbo": cv2.COLORMAP_TURBO,
    "cividis": cv2.COLORMAP_CIVIDIS,
}


@dataclass(frozen=True, slots=True)
class HeatmapScale:
    """Values that map to the palette's low end, its middle and (by symmetry) its high end.

    From the median good value through the threshold to 2 × threshold − median.
    """

    median: float
    threshold: float

    @property
    def low(self) -> float:
        """The value at the low end.

        It is the median, unless the operator has moved the threshold below that:
        then everything from the threshold on is hot.
        """
        if self.median < self.threshold:
            return self.median
        return self.threshold - max(abs(self.threshold) * 1e-3, 1e-9)

    @property
    def high(self) -> float:
        return 2.0 * self.threshold - self.low


def scale_of(card: BundleCard, threshold: float) -> HeatmapScale:
    """Return the scale of a model's heatmaps where `threshold` decides on image scores.

    Scores and heatmap values both start at 0: the contour moves in proportion to the threshold.
    """
    level = card.pixel_threshold
    if math.isfinite(threshold) and card.threshold.value > 0:
        level *= threshold / card.threshold.value
    return HeatmapScale(card.pixel_median, level)


def read_heatmap(path: Path, scale: float) -> NDArray[np.float32]:
    """Return (h, w) float32 scores of a 16-bit PNG.

    Raises:
        BadDataError: if the file is missing or damaged.
    """
    remedy = "inspect the folder again"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadDataError(f"{path}: cannot be read ({error.strerror})", remedy) from error
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    # OpenCV fills what is missing of a PNG with zeros, which would look like a good part.
    is_whole = b"IEND" in data[-16:]
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 2 or not is_whole:
        raise BadDataError(f"{path}: not a heatmap", remedy)
    return pixels.astype(np.float32) * np.float32(scale / 65535.0)


def colourise(
    heatmap: NDArray[np.float32],
    scale: HeatmapScale,
    *,
    palette: str,
    width: int,
    height: int,
) -> NDArray[np.uint8]:
    """Return (height, width, 4) RGBA; alpha rises with the value so that the part stays visible.

    Nothing is drawn at and below the median; from the threshold on it is opaque.
    """
    low, high = scale.low, scale.high
    # Before enlarging: a quarter of the work, and no value is moved across the threshold.
    levels = np.clip((heatmap.astype(np.float64) - low) * (255.0 / (high - low)), 0.0, 255.0)
    shades = enlarged(levels.astype(np.float32), width, height)
    index = np.rint(shades, out=shades).astype(np.uint8)
    return _lookup(palette)[index].view(np.uint8).reshape(height, width, 4)


def contours(
    heatmap: NDArray[np.float32], threshold: float, *, width: int, height: int
) -> list[NDArray[np.float64]]:
    """Return (N, 2) x, y polygons in image px where the enlarged heatmap reaches the threshold.

    They run through the centres of the outermost pixels; holes have polygons of their own.
    """
    reached = (enlarged(heatmap, width, height) >= threshold).astype(np.uint8)
    found, _ = cv2.findContours(reached, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [_with_area(points[:, 0, :].astype(np.float64)) + 0.5 for points in found]


def _with_area(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the vertices, a point or line of pixels as the box around it."""
    if len(vertices) >= 3:
        return vertices
    (left, top), (right, bottom) = vertices.min(axis=0) - 0.5, vertices.max(axis=0) + 0.5
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


@cache
def _lookup(palette: str) -> NDArray[np.uint32]:
    """Return 256 RGBA pixels, each as one number: a lookup of numbers is the quickest."""
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    bgr = cv2.applyColorMap(ramp, _COLOURMAPS[palette])[:, 0, :]
    # Squared, so that the noise of a good part around the median does not lie over it like fog.
    alpha = np.clip(np.arange(256) / 127.5, 0.0, 1.0) ** 2 * 255.0
    rgba = np.hstack((bgr[:, ::-1], np.rint(alpha).astype(np.uint8)[:, None]))
    return np.ascontiguousarray(rgba).view(np.uint32)[:, 0]
