"""Image files to pixels, the same way for the window and for every model.

Bytes in, arrays out; reading the file is the caller's. EXIF rotation is applied,
16-bit and float images are stretched between their 0.1 and 99.9 percentiles,
palettes are resolved and alpha is dropped.
"""

import io
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.opencv import cv2

RgbImage = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_TRANSPOSING_ORIENTATIONS = {5, 6, 7, 8}
_EXIF_ORIENTATION = 0x0112
_REMEDY = "copy the file again from its source, or remove it from the folder"


def decode_rgb(data: bytes, *, name: str) -> RgbImage:
    """Return the upright image as (H, W, 3) uint8 RGB.

    Raises:
        BadDataError: naming `name`, if the bytes are no complete image.
    """
    _refuse_truncated(data, name)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    image = None
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise BadDataError(f"{name}: {error.err}", _REMEDY) from error
    if image is None:
        image = _decode_with_pillow(data, name)
    if image.dtype != np.uint8:
        image = stretch_to_8_bit(image)
    return np.ascontiguousarray(image[:, :, ::-1])


def decode_mask(data: bytes, *, name: str) -> NDArray[np.bool_]:
    """Return (H, W) bool, set where the grey value is at least half the type's range.

    Masks in the wild are 0/255, but also anti-aliased JPEG-like ones; images
    whose largest value is 1 are taken as 0/1.

    Raises:
        BadDataError: naming `name`, if the bytes are no complete image.
    """
    _refuse_truncated(data, name)
    try:
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:
        raise BadDataError(f"{name}: {error.err}", _REMEDY) from error
    if grey is None:
        grey = cv2.cvtColor(_decode_with_pillow(data, name), cv2.COLOR_BGR2GRAY)
    if grey.max(initial=0) == 1:
        return np.asarray(grey == 1)
    return np.asarray(grey >= 128)


def read_size(stream: BinaryIO, *, name: str) -> tuple[int, int]:
    """Return (width, height) in px of the upright image, from its header alone.

    Raises:
        BadDataError: naming `name`, if the header is no image's.
    """
    try:
        with Image.open(stream) as image:
            width, height = image.size
            orientation = image.getexif().get(_EXIF_ORIENTATION)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadDataError(f"{name}: not an image that can be read", _REMEDY) from error
    except Image.DecompressionBombError as error:
        raise BadDataError(f"{name}: {error}", _REMEDY) from error
    if orientation in _TRANSPOSING_ORIENTATIONS:
        return height, width
    return width, height


def stretch_to_8_bit(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Map the 0.1…99.9 percentile range of a deep image to 0…255, one range for all channels."""
    values = np.nan_to_num(image.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    # A sample is enough for a percentile and keeps large line-scan images quick.
    sample = values.reshape(-1)[:: max(1, values.size // 1_000_000)]
    low, high = np.percentile(sample, (0.1, 99.9))
    if high <= low:
        high = low + 1.0
    scaled = (values - low) * (255.0 / (high - low))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def _refuse_truncated(data: bytes, name: str) -> None:
    # OpenCV returns the readable part of a cut-off PNG or JPEG, padded with grey:
    # half a part would be judged as a whole one.
    if not data:
        raise BadDataError(f"{name}: the file is empty", _REMEDY)
    if data.startswith(_PNG) and b"IEND" not in data[-1024:]:
        raise BadDataError(f"{name}: the PNG ends too early", _REMEDY)
    if data.startswith(_JPEG) and data.rfind(b"\xff\xd9") < 0:
        raise BadDataError(f"{name}: the JPEG ends too early", _REMEDY)


def _decode_with_pillow(data: bytes, name: str) -> NDArray[np.uint8]:
    """Return BGR of a format that OpenCV was not built for."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            upright = ImageOps.exif_transpose(opened)
            rgb = np.asarray(upright.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadDataError(f"{name}: not an image that can be read", _REMEDY) from error
    except Image.DecompressionBombError as error:
        raise BadDataError(f"{name}: {error}", _REMEDY) from error
    return np.ascontiguousarray(rgb[:, :, ::-1])
