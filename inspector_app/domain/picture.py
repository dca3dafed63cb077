"""Image files to pixels, the same way for the window and for every model.

Bytes in, arrays out; reading the file is the caller's. EXIF rotation is applied,
16-bit and float images are stretched between their 0.1 and 99.9 percentiles,
palettes are resolved and alpha is dropped.
"""

import contextlib
import io
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from inspector_app.domain.deep import auto_window, through_window
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.pages import first_page_size
from inspector_app.domain.png_bands import large_png

RgbImage = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_SCAN = b"\xff\xda"
_JPEG_END = b"\xff\xd9"
_DEEP_MODES = {"I", "F", "I;16", "I;16L", "I;16B", "I;16N"}
"""Pillow's modes that its conversion to RGB would clip at 255."""
_TRANSPOSING_ORIENTATIONS = {5, 6, 7, 8}
_EXIF_ORIENTATION = 0x0112
_REMEDY = "copy the file again from its source, or remove it from the folder"


def decode_rgb(data: bytes, *, name: str) -> RgbImage:
    """Return the upright image as (H, W, 3) uint8 RGB.

    Raises:
        BadDataError: naming `name`, if the bytes are no complete image.
    """
    return rgb_from_bgr(decode_bgr(data, name=name))


def decode_bgr(data: bytes, *, name: str) -> NDArray[Any]:
    """Return the upright image as (H, W) or BGR (H, W, 3), in the values of the file.

    Raises:
        BadDataError: naming `name`, if the bytes are no complete image.
    """
    _refuse_truncated(data, name)
    if (image := large_png(data)) is not None:
        return image
    return _decode(data, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH, name)


def rgb_from_bgr(image: NDArray[Any]) -> RgbImage:
    """Return (H, W, 3) uint8 RGB as the models see it; deep values are stretched."""
    if image.dtype != np.uint8:
        image = stretch_to_8_bit(image)
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def decode_mask(data: bytes, *, name: str) -> NDArray[np.bool_]:
    """Return (H, W) bool, set where the grey value is at least half of the full one.

    Full is 1 where nothing is larger, else 255, else 65535: programs write masks as
    0/1, as 0/255 also in 16 bits, and anti-aliased.

    Raises:
        BadDataError: naming `name`, if the bytes are no complete image.
    """
    _refuse_truncated(data, name)
    grey = _decode(data, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH, name)
    if grey.ndim == 3:
        grey = cv2.cvtColor(grey, cv2.COLOR_BGR2GRAY)
    largest = grey.max(initial=0)
    if largest <= 1:
        return np.asarray(grey > 0.5)
    return np.asarray(grey >= (128 if largest <= 255 else 32768))


def read_size(stream: BinaryIO, *, name: str) -> tuple[int, int]:
    """Return (width, height) in px of the upright image, from its header alone.

    Raises:
        BadDataError: naming `name`, if the header is no image's.
    """
    try:
        with Image.open(stream) as image:
            return _upright_size(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadDataError(f"{name}: not an image that can be read", _REMEDY) from error
    except Image.DecompressionBombError as error:
        # It can be read in parts, so its size is no reason to refuse it.
        stream.seek(0)
        if (size := first_page_size(stream) or _size_of_large(stream)) is not None:
            return size
        raise BadDataError(f"{name}: {error}", _REMEDY) from error


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    # Not image.getexif(): for a PNG without EXIF that decodes all of it.
    orientation = Image.Image.getexif(image).get(_EXIF_ORIENTATION)
    # Pillow gives a TIFF's size upright already.
    if orientation in _TRANSPOSING_ORIENTATIONS and image.format != "TIFF":
        return height, width
    return width, height


def _size_of_large(stream: BinaryIO) -> tuple[int, int] | None:
    """Return the size of what Pillow would not open because of it."""
    Image.init()
    for kind in ("PNG", "JPEG", "BMP", "WEBP"):
        stream.seek(0)
        # A plug-in itself does not ask how large the image is.
        with contextlib.suppress(SyntaxError, ValueError, OSError):
            return _upright_size(Image.OPEN[kind][0](stream, ""))
    return None


def stretch_to_8_bit(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Map the 0.1…99.9 percentile range of a deep image to 0…255, one range for all channels."""
    return through_window(image, auto_window(image))


def _decode(data: bytes, flags: int, name: str) -> NDArray[Any]:
    """Return (H, W) or BGR (H, W, 3) of any depth, upright."""
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise BadDataError(f"{name}: {error.err}", _REMEDY) from error
    return _decode_with_pillow(data, name) if image is None else image


def _refuse_truncated(data: bytes, name: str) -> None:
    # OpenCV up to 4.13 returns the readable part of a cut-off PNG or JPEG, padded with grey:
    # half a part would be judged as a whole one.
    if not data:
        raise BadDataError(f"{name}: the file is empty", _REMEDY)
    if data.startswith(_PNG) and b"IEND" not in data[-1024:]:
        raise BadDataError(f"{name}: the PNG ends too early", _REMEDY)
    # An end before the last scan's start is that of the preview inside the header.
    if data.startswith(_JPEG) and data.rfind(_JPEG_END) < data.rfind(_JPEG_SCAN):
        raise BadDataError(f"{name}: the JPEG ends too early", _REMEDY)


def _decode_with_pillow(data: bytes, name: str) -> NDArray[Any]:
    """Return (H, W) or BGR (H, W, 3) of a format that OpenCV was not built for."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            upright = ImageOps.exif_transpose(opened)
            if upright.mode in _DEEP_MODES:
                return np.asarray(upright)
            rgb = np.asarray(upright.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadDataError(f"{name}: not an image that can be read", _REMEDY) from error
    except Image.DecompressionBombError as error:
        raise BadDataError(f"{name}: {error}", _REMEDY) from error
    return np.ascontiguousarray(rgb[:, :, ::-1])
