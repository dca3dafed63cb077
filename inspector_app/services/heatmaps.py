"""Heatmaps as pictures: one colour scale for all images of a run, contour at the threshold."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PALETTES: tuple[str, ...] = ("inferno", "viridis", "turbo", "cividis")


@dataclass(frozen=True, slots=True)
class HeatmapScale:
    """Values that map to the palette's low end, its middle and (by symmetry) its high end.

    From the median good value through the threshold to 2 × threshold − median.
    """

    median: float
    threshold: float


def read_heatmap(path: Path, scale: float) -> NDArray[np.float32]:
    """Return (h, w) float32 scores of a 16-bit PNG.

    Raises:
        BadDataError: if the file is missing or damaged.
    """
    raise NotImplementedError


def colourise(
    heatmap: NDArray[np.float32],
    scale: HeatmapScale,
    *,
    palette: str,
    width: int,
    height: int,
) -> NDArray[np.uint8]:
    """Return (height, width, 4) RGBA; alpha rises with the value so that the part stays visible."""
    raise NotImplementedError


def contours(
    heatmap: NDArray[np.float32], threshold: float, *, width: int, height: int
) -> list[NDArray[np.float64]]:
    """Return (N, 2) x, y polygons in image px where the enlarged heatmap reaches the threshold."""
    raise NotImplementedError
