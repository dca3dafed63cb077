"""Image files, and parts of them, as click models look at them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.huge import HUGE_PX, LARGEST_WHOLE_PX, HugeImage, open_huge
from inspector_app.domain.picture import RgbImage, decode_rgb, read_size
from inspector_app.domain.tiff_pages import file_and_page, open_page, read_page
from inspector_app.paths import unpacked_folder
from inspector_app.protocol.embeddings import content_key

FileState = tuple[Path, int, int]
"""Path, size and time of change of an image file."""

PictureKey = tuple[FileState, Box | None]


@dataclass(frozen=True)
class Picture:
    """One state of an image file, or a part of it; decoded when its pixels are asked for."""

    state: FileState
    view: Box | None = None
    """The part; None for the whole."""
    whole: "Picture | None" = None
    """What this is a part of."""

    @property
    def key(self) -> PictureKey:
        return self.state, self.view

    @property
    def path(self) -> Path:
        return self.state[0]

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the file's present state.

        Raises:
            BadDataError: if there is no such file.
        """
        try:
            status = file_and_page(path)[0].stat()
        except OSError as error:
            raise _unreadable(path, error) from error
        return cls((path, status.st_size, status.st_mtime_ns))

    def part(self, view: Box | None) -> "Picture":
        """Return the part inside a box, the whole for None or a box beside the picture."""
        height, width = self.size
        inside = view.clipped(width, height) if view else None
        if inside is None or inside == Box(0, 0, width, height):
            return self
        return Picture(self.state, inside, self)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width in px, from the file's header where it is not decoded yet.

        Raises:
            BadDataError: if the file is no image.
        """
        if self.view is not None:
            return self.view.height, self.view.width
        if "rgb" in self.__dict__:
            height, width, _ = self.rgb.shape
            return height, width
        try:
            with open_page(self.path) as stream:
                width, height = read_size(stream, name=str(self.path))
        except OSError as error:
            raise _unreadable(self.path, error) from error
        return height, width

    @cached_property
    def content(self) -> str:
        """What names the file by its bytes.

        Raises:
            BadDataError: if it cannot be read.
        """
        if self._huge is not None:
            # Reading gigabytes would take longer than encoding what is looked at.
            return content_key(repr(self.state).encode())
        return content_key(self._read())

    @cached_property
    def rgb(self) -> RgbImage:
        """(H, W, 3) uint8, upright.

        Raises:
            BadDataError: if the file is no complete image.
        """
        if self.whole is not None and self.view is not None:
            view = self.view
            if self._huge is not None and view.area <= HUGE_PX:
                return self._huge.read(view)
            part = self.whole.rgb[view.top : view.bottom, view.left : view.right]
            return np.ascontiguousarray(part)
        height, width = self.size
        if height * width > LARGEST_WHOLE_PX:
            raise BadDataError(
                f"{self.path}: too large to be looked at as a whole", "zoom in to the defect"
            )
        return decode_rgb(self._read(), name=str(self.path))

    @cached_property
    def _huge(self) -> HugeImage | None:
        """The file, if it is to be read in parts."""
        return (
            self.whole._huge if self.whole is not None else open_huge(self.path, unpacked_folder())
        )

    def _read(self) -> bytes:
        try:
            return read_page(self.path)
        except OSError as error:
            raise _unreadable(self.path, error) from error


def _unreadable(path: Path, error: OSError) -> BadDataError:
    return BadDataError(
        f"{path}: {error.strerror or error}", "check that the file is still there and may be read"
    )
