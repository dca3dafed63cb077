"""The heatmap over its image, as a JPEG for the report."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.huge import refuse_huge
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage, decode_rgb
from inspector_app.domain.tiff_pages import read_page
from inspector_app.services.heatmaps import (
    PALETTES,
    HeatmapScale,
    colourise,
    contours,
    read_heatmap,
)

MAX_SIDE_PX = 1024
_JPEG_QUALITY = 88
_OPACITY = 0.45
"""Of the hottest places; the defect itself must remain visible."""
_CONTOUR_RGB = (255, 255, 255)
_CONTOUR_EDGE_RGB = (0, 0, 0)


def write_overlay(
    target: Path,
    result: ResultRecord,
    inspection_folder: Path,
    scale: HeatmapScale,
    *,
    palette: str = PALETTES[0],
) -> None:
    """Write the image with its heatmap blended in and a contour at the threshold.

    Raises:
        BadDataError: if image or heatmap cannot be read.
        OSError: if the target cannot be written.
    """
    image = _shrunk(_read(Path(result.image_path)))
    heatmap = read_heatmap(inspection_folder / result.heatmap_file, result.heatmap_scale)
    height, width = image.shape[:2]
    blended = blend(image, colourise(heatmap, scale, palette=palette, width=width, height=height))
    _draw(blended, contours(heatmap, scale.threshold, width=width, height=height))
    _, encoded = cv2.imencode(
        ".jpg", blended[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    )
    target.write_bytes(encoded.tobytes())


def blend(image: RgbImage, coloured: NDArray[np.uint8]) -> RgbImage:
    """Return the (H, W, 3) image with the (H, W, 4) RGBA picture over it."""
    alpha = coloured[:, :, 3:].astype(np.float32) * (_OPACITY / 255.0)
    mixed = image * (1.0 - alpha) + coloured[:, :, :3] * alpha
    return np.ascontiguousarray(np.rint(mixed).astype(np.uint8))


def _read(path: Path) -> RgbImage:
    refuse_huge(path)
    try:
        return decode_rgb(read_page(path), name=str(path))
    except OSError as error:
        raise BadDataError(f"{path}: cannot be read ({error.strerror})") from error


def _shrunk(image: RgbImage) -> RgbImage:
    height, width = image.shape[:2]
    factor = MAX_SIDE_PX / max(height, width)
    if factor >= 1.0:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _draw(image: RgbImage, polygons: list[NDArray[np.float64]]) -> None:
    """Draw light lines on dark ones: visible on every part."""
    # Contours run in a frame where pixel centres lie at halves; OpenCV's lie at whole numbers.
    vertices = [np.rint(polygon - 0.5).astype(np.int32)[:, None, :] for polygon in polygons]
    line_px = max(1, round(max(image.shape[:2]) / 500))
    for colour, width_px in ((_CONTOUR_EDGE_RGB, line_px + 2), (_CONTOUR_RGB, line_px)):
        cv2.polylines(image, vertices, True, colour, width_px, cv2.LINE_AA)
