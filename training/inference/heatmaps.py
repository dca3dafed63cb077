"""Heatmaps as 16-bit pictures on one scale for all images of a model."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import write_atomically
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import BundleCard

LEVELS = 1 << 16

_HEADROOM = 16.0
_SMALLEST_SCALE = 1e-6


def heatmap_scale(card: BundleCard) -> float:
    """Return the value that level 65535 stands for; anything above is cut off there.

    16 times the contour's value: 4096 levels lie below the contour, and what is cut off is
    beyond doubt. Not 0 where all good images are the same.
    """
    return max(_SMALLEST_SCALE, _HEADROOM * card.pixel_threshold)


def to_levels(heatmap: NDArray[np.float32], scale: float) -> NDArray[np.uint16]:
    """Return an (H, W) map of values ≥ 0 as levels."""
    scaled: NDArray[np.float32] = np.rint(heatmap * ((LEVELS - 1) / scale))
    return np.clip(scaled, 0, LEVELS - 1).astype(np.uint16)


def write_heatmap(path: Path, levels: NDArray[np.uint16]) -> None:
    """Write a 16-bit grey PNG, whole or not at all."""
    _, data = cv2.imencode(".png", levels)
    write_atomically(path, data.tobytes())


def read_heatmap(path: Path, *, size_px: int) -> NDArray[np.uint16]:
    """Return the levels of a heatmap, (size_px, size_px).

    Raises:
        BadDataError: if the file is missing, damaged or of another size.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        levels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    except OSError as error:
        raise BadDataError(f"{path}: cannot be read", "inspect the folder again") from error
    if levels is None or levels.dtype != np.uint16 or levels.shape != (size_px, size_px):
        raise BadDataError(f"{path}: no heatmap of this model", "inspect the folder again")
    return np.asarray(levels, np.uint16)
