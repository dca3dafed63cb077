"""Pixels that lie in a file as in memory: any part costs what itself takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box


@dataclass(frozen=True)
class PlainRows:
    """Where the rows of an image are in a file; used by several threads at once.

    Not mapped into memory: a file that is cut off meanwhile would end the program.
    """

    path: Path
    width: int
    height: int
    samples: int
    """Of a pixel."""
    dtype: np.dtype[Any]
    """In the file's order of bytes."""
    offset: int = 0
    """Of the file's first row."""
    row_bytes: int = 0
    """From one row to the next; 0 where nothing lies between them."""
    is_rgb: bool = False
    """The colours lie as red, green, blue, not as OpenCV has them."""
    is_bottom_up: bool = False

    def read(self, box: Box) -> NDArray[Any]:
        """Return (h, w) or BGR (h, w, 3) of a box inside the image, in the file's own values.

        Raises:
            BadDataError: if the file is cut off there, or gone.
        """
        pixel_bytes = self.samples * self.dtype.itemsize
        row_bytes = self.row_bytes or self.width * pixel_bytes
        top = self.height - box.bottom if self.is_bottom_up else box.top
        # A seek costs about as much as reading the rest of a not too wide row.
        is_wide = box.width * 4 >= self.width
        left, width = (0, row_bytes // pixel_bytes) if is_wide else (box.left, box.width)
        used = (row_bytes if is_wide else width * pixel_bytes) * box.height
        data = self._bytes(top, box.height, left * pixel_bytes, used, row_bytes=row_bytes)
        lines = np.frombuffer(data, np.uint8).reshape(box.height, -1)[:, : width * pixel_bytes]
        pixels = np.ascontiguousarray(lines).view(self.dtype).reshape(box.height, width, -1)
        pixels = pixels[:, box.left - left : box.right - left]
        return self._in_order(pixels)

    def _bytes(self, top: int, rows: int, start: int, count: int, *, row_bytes: int) -> bytes:
        data = bytearray()
        each = count if count == rows * row_bytes else count // rows
        try:
            with self.path.open("rb") as file:
                for row in range(top, top + rows, rows if each == count else 1):
                    file.seek(self.offset + row * row_bytes + start)
                    data += file.read(each)
        except OSError as error:
            raise unreadable(self.path, error) from error
        if len(data) != count:
            raise BadDataError(f"{self.path}: the file ends too early", "copy it from its source")
        return bytes(data)

    def _in_order(self, pixels: NDArray[Any]) -> NDArray[Any]:
        if self.is_bottom_up:
            pixels = pixels[::-1]
        if self.is_rgb:
            pixels = pixels[:, :, ::-1]
        pixels = pixels.squeeze(2) if self.samples == 1 else pixels[:, :, :3]
        return np.ascontiguousarray(pixels).astype(self.dtype.newbyteorder("="), copy=False)


def unreadable(path: Path, error: OSError) -> BadDataError:
    return BadDataError(
        f"{path}: cannot be read ({error.strerror})", "put it back, or check its drive"
    )
